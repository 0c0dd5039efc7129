// SPDX-License-Identifier: Apache-2.0
#include "core/config.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "core/config_document.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace tessera::core {

Config::Config(std::unique_ptr<Document> document) : document_(std::move(document)) {}
Config::~Config() = default;
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(Config&&) noexcept = default;

Config Config::from_file(const std::filesystem::path& path) {
  return from_text(read_file(path), path.string());
}

Config Config::from_text(const std::string& text, const std::string& source) {
  auto document = std::make_unique<Document>();
  document->source = source;
  try {
    document->root = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    throw InputError(
        fmt::format("{}:{}:{}: not valid TOML: {}", source, at.line, at.column, error.description()));
  }
  return Config(std::move(document));
}

void Config::set(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string key(trim(assignment.substr(0, equals)));
  if (equals == std::string::npos || key.empty())
    throw InputError(fmt::format("--set must be table.key=value, got '{}'", assignment));
  const std::string value(trim(assignment.substr(equals + 1)));

  toml::table parsed;
  try {
    parsed = toml::parse("value = " + value);
  } catch (const toml::parse_error&) {
    parsed = toml::table{{"value", value}};
  }
  document_->put(key, *parsed.get("value"), assignment);
}

void Config::set_text(const std::string& key, const std::string& value) {
  document_->put(key, toml::value<std::string>(value), key + "=" + value);
}

std::string Config::table_text(std::string_view name) const {
  const toml::node* node = document_->find(std::string(name));
  if (!node || !node->is_table()) return "";
  std::ostringstream text;
  text << toml::default_formatter(*node->as_table(), toml::format_flags::none) << "\n";
  return text.str();
}

ConfigTable Config::root() {
  return ConfigTable(this, "");
}

ConfigTable Config::table(std::string_view name) {
  return root().table(name);
}

std::vector<ConfigTable> Config::tables(std::string_view name) {
  return root().tables(name);
}

void Config::refuse_unknown() const {
  const Document& document = *document_;
  // Depth first, so that the message names the innermost key a user wrote.
  const std::function<void(const toml::table&, const std::string&)> check = [&](const toml::table& table,
                                                                                const std::string& path) {
    std::vector<std::string> known;
    if (const auto read = document.read.find(path); read != document.read.end())
      for (const auto& [key, value] : read->second) known.push_back(key);
    for (const auto& [name, values] : document.read)
      if (name.size() > path.size() && name.starts_with(path) && (path.empty() || name[path.size()] == '.')) {
        const std::size_t start = path.empty() ? 0 : path.size() + 1;
        known.push_back(name.substr(start, name.find_first_of(".[", start) - start));
      }
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      const std::string full = join_key(path, name);
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        const auto nearest = nearest_word(name, known);
        throw InputError(fmt::format(
            "{} is not a known key {}.{}", full, document.where(full),
            nearest ? fmt::format(" Did you mean {}?", join_key(path, *nearest)) : " Remove it."));
      }
      if (const auto read = document.read.find(path);
          read != document.read.end() && read->second.contains(name))
        continue;
      if (node.is_table()) check(*node.as_table(), full);
      if (const toml::array* list = node.as_array())
        for (std::size_t i = 0; i < list->size(); ++i)
          if (const toml::table* element = (*list)[i].as_table())
            check(*element, fmt::format("{}[{}]", full, i));
    }
  };
  check(document.root, "");
}

std::string Config::resolved() const {
  std::string text;
  for (const auto& [table, values] : document_->read) {
    // A table in a list is named by the list: TOML takes it for the last one opened.
    std::string name;
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (table[i] == '[') i = table.find(']', i) + 1;
      if (i < table.size()) name += table[i];
    }
    const bool in_list = table.ends_with(']');
    if (values.empty() && !in_list) continue;
    if (!table.empty())
      text += fmt::format(fmt::runtime(in_list ? "{}[[{}]]\n" : "{}[{}]\n"), text.empty() ? "" : "\n", name);
    for (const auto& [key, value] : values) text += fmt::format("{} = {}\n", key, value);
  }
  return text;
}

}  // namespace tessera::core
