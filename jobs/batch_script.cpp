// SPDX-License-Identifier: Apache-2.0
#include "jobs/batch_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "core/error.hpp"

namespace tessera::jobs {
namespace {

constexpr const char* kDirective = "#SBATCH --";
constexpr const char* kWords = "\"$@\"";

bool is_of(const std::string& line, const std::string& name) {
  return line == kDirective + name || line.starts_with(kDirective + name + "=");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string shell_quoted(const std::string& word) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char letter : word) quoted += letter == '\'' ? "'\"'\"'" : std::string(1, letter);
  return quoted + "'";
}

std::string filled_batch_script(const std::string& text, const BatchOptions& options,
                                const std::vector<std::string>& words, const std::string& folder) {
  auto lines = lines_of(text);
  for (const auto& [name, value] : options) {
    const std::string directive = kDirective + name + (value.empty() ? "" : "=" + value);
    const auto own = std::ranges::find_if(lines, [&](const auto& line) { return is_of(line, name); });
    const auto last = std::find_if(lines.rbegin(), lines.rend(),
                                   [](const auto& line) { return line.starts_with(kDirective); });
    if (own != lines.end())
      *own = directive;
    else
      lines.insert(last.base(), directive);
  }
  std::string quoted, filled;
  for (const auto& word : words) quoted += (quoted.empty() ? "" : " ") + shell_quoted(word);
  bool has_words = false;
  for (auto& line : lines) {
    if (line.starts_with("here=")) line = "here=" + shell_quoted(folder);
    if (const auto place = line.find(kWords); place != std::string::npos && !line.starts_with('#')) {
      line.replace(place, std::string(kWords).size(), quoted);
      has_words = true;
    }
    filled += line + "\n";
  }
  if (!has_words)
    throw core::InputError(
        fmt::format("the batch script in {} must hand {} to run; it does not", folder, kWords));
  return filled;
}

}  // namespace tessera::jobs
