// SPDX-License-Identifier: Apache-2.0
#include "core/config_document.hpp"

#include <fmt/core.h>

#include <sstream>

#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::core {
namespace {

std::string shown(const toml::node& node) {
  std::ostringstream text;
  text << toml::default_formatter(toml::table{{"v", node}}, toml::format_flags::none);
  std::string line = text.str();
  return line.starts_with("v = ") ? line.substr(4) : line;
}

// "parameter[2]" → "parameter", 2; "train" → "train", nothing.
std::pair<std::string_view, std::optional<std::int64_t>> name_and_place(std::string_view part) {
  const std::size_t open = part.find('[');
  if (open == std::string_view::npos || !part.ends_with(']')) return {part, std::nullopt};
  return {part.substr(0, open), parse_integer(part.substr(open + 1, part.size() - open - 2))};
}

}  // namespace

std::string join_key(std::string_view table, std::string_view key) {
  return table.empty() ? std::string(key) : fmt::format("{}.{}", table, key);
}

const std::string* Config::Document::override_of(const std::string& path) const {
  for (std::string around = path; !around.empty();) {
    if (const auto set = overridden.find(around); set != overridden.end()) return &set->second;
    const std::size_t dot = around.find_last_of(".[");
    around.resize(dot == std::string::npos ? 0 : dot);
  }
  const auto inside = overridden.lower_bound(path + ".");
  const toml::node* node = find(path);
  const bool of_file = !node || node->source().begin.line > 0;
  if (of_file || inside == overridden.end() || !inside->first.starts_with(path + ".")) return nullptr;
  return &inside->second;
}

std::string Config::Document::where(const std::string& path) const {
  if (const auto* assignment = override_of(path)) return fmt::format("(--set {})", *assignment);
  // What is not there is missing in the table around it.
  for (std::string around = path; !around.empty();) {
    const toml::node* node = find(around);
    if (node && node->source().begin.line > 0)
      return fmt::format("({}:{})", source, node->source().begin.line);
    const std::size_t dot = around.rfind('.');
    around.resize(dot == std::string::npos ? 0 : dot);
  }
  return fmt::format("({})", source);
}

void Config::Document::put(const std::string& key, const toml::node& value, const std::string& assignment) {
  toml::table* table = &root;
  const auto parts = split(key, '.');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (const auto [name, place] = name_and_place(parts[i]); place) {
      toml::array* list = table->get_as<toml::array>(name);
      const bool inside = list && *place >= 0 && *place < std::ssize(*list);
      table = inside ? list->get_as<toml::table>(static_cast<std::size_t>(*place)) : nullptr;
      if (!table) throw InputError(fmt::format("--set {}: there is no {}", assignment, parts[i]));
      continue;
    }
    auto [entry, inserted] = table->insert(parts[i], toml::table{});
    if (!entry->second.is_table())
      throw InputError(fmt::format("--set {}: {} is a value, not a table {}", assignment, parts[i],
                                   where(std::string(parts[i]))));
    table = entry->second.as_table();
  }
  if (name_and_place(parts.back()).second)
    throw InputError(fmt::format("--set {}: {} is a table, name a key of it", assignment, parts.back()));
  table->insert_or_assign(parts.back(), value);
  std::erase_if(overridden, [&](const auto& set) { return set.first.starts_with(key + "."); });
  overridden[key] = assignment;
}

void Config::Document::refuse(const std::string& path, const std::string& must,
                              const std::string& remedy) const {
  const toml::node* node = find(path);
  const std::string got = node ? fmt::format(", got {}", shown(*node)) : std::string();
  throw InputError(fmt::format("{} must be {}{} {}{}{}", path, must, got, where(path),
                               remedy.empty() ? "" : ". ", remedy));
}

}  // namespace tessera::core
