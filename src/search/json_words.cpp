// SPDX-License-Identifier: Apache-2.0
#include "search/json_words.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <limits>

namespace tessera::search {
namespace {

struct Word {
  std::string_view bare;
  double value;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// The longer one first: it holds the other.
constexpr std::array<Word, 3> kWords{
    {{"-Infinity", -kInfinity}, {"Infinity", kInfinity}, {"NaN", std::numeric_limits<double>::quiet_NaN()}}};
constexpr char kMark = '\x01';  // in JSON always written as below
constexpr std::string_view kMarkAsWritten = "\\u0001";

std::string marked(const Word& word) {
  return fmt::format("\"{}{}\"", kMarkAsWritten, word.bare);
}

}  // namespace

std::string with_marked_words(std::string_view json) {
  if (json.find("NaN") == json.npos && json.find("Infinity") == json.npos) return std::string(json);
  std::string text;
  bool in_text = false;
  for (std::size_t at = 0; at < json.size();) {
    const Word* found = nullptr;
    for (const auto& word : kWords)
      if (!in_text && !found && json.substr(at).starts_with(word.bare)) found = &word;
    if (found) {
      text += marked(*found);
      at += found->bare.size();
      continue;
    }
    if (in_text && json[at] == '\\' && at + 1 < json.size())
      text += json[at++];  // what follows, a quote perhaps, is part of the text
    else if (json[at] == '"')
      in_text = !in_text;
    text += json[at++];
  }
  return text;
}

std::string with_bare_words(std::string json) {
  for (const auto& word : kWords) {
    const std::string written = marked(word);
    for (auto at = json.find(written); at != json.npos; at = json.find(written, at))
      json.replace(at, written.size(), word.bare);
  }
  return json;
}

std::optional<double> number_of_marked(std::string_view text) {
  if (!text.starts_with(kMark)) return std::nullopt;
  for (const auto& word : kWords)
    if (text.substr(1) == word.bare) return word.value;
  return std::nullopt;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

}  // namespace tessera::search
