// SPDX-License-Identifier: Apache-2.0
#include "core/config.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <sstream>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace tessera::core {
namespace {

std::string join_key(std::string_view table, std::string_view key) {
  return table.empty() ? std::string(key) : fmt::format("{}.{}", table, key);
}

std::string shown(const toml::node& node) {
  std::ostringstream text;
  text << toml::default_formatter(toml::table{{"v", node}}, toml::format_flags::none);
  std::string line = text.str();
  return line.starts_with("v = ") ? line.substr(4) : line;
}

std::string shown(Range range) {
  if (std::isinf(range.low)) return fmt::format("at most {}", range.high);
  if (std::isinf(range.high)) return fmt::format("at least {}", range.low);
  return fmt::format("{} to {}", range.low, range.high);
}

// TOML text of a value that a program, not a file, supplied.
std::string toml_text(const std::string& value) {
  std::ostringstream text;
  text << toml::default_formatter(toml::value<std::string>(value), toml::format_flags::none);
  return text.str();
}

std::string toml_number(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".einf") == std::string::npos ? text + ".0" : text;
}

struct ScalarText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return toml_number(value); }
  std::string operator()(const std::string& value) const { return toml_text(value); }
};

std::optional<Scalar> scalar_of(const toml::node& node) {
  if (node.is_boolean()) return *node.value<bool>();
  if (node.is_integer()) return *node.value<std::int64_t>();
  if (node.is_floating_point()) return *node.value<double>();
  if (node.is_string()) return *node.value<std::string>();
  return std::nullopt;
}

// The paths of tables by name, "parameter[2]" before "parameter[10]".
struct PathOrder {
  bool operator()(std::string_view a, std::string_view b) const {
    std::size_t i = 0;
    while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
    const std::size_t open = a.substr(0, i).rfind('[');
    const auto in_index = [&](std::string_view path) {
      return open != std::string_view::npos && path.find(']', open) != std::string_view::npos &&
             path.find(']', open) >= i;
    };
    if (in_index(a) && in_index(b) && a.find(']', open) != b.find(']', open))
      return a.find(']', open) < b.find(']', open);
    return a < b;
  }
};

// "parameter[2]" → "parameter", 2; "train" → "train", nothing.
std::pair<std::string_view, std::optional<std::int64_t>> name_and_place(std::string_view part) {
  const std::size_t open = part.find('[');
  if (open == std::string_view::npos || !part.ends_with(']')) return {part, std::nullopt};
  return {part.substr(0, open), parse_integer(part.substr(open + 1, part.size() - open - 2))};
}

}  // namespace

struct Config::Document {
  toml::table root;
  std::string source;
  std::map<std::string, std::string> overridden;                              // key → the --set that set it
  std::map<std::string, std::map<std::string, std::string>, PathOrder> read;  // table → key → value as TOML

  const toml::node* find(const std::string& path) const { return root.at_path(path).node(); }

  /// The --set that gave `path` its value: its own, that of a table around it, or, for a table which none but
  /// --set wrote, that of a key in it.
  const std::string* override_of(const std::string& path) const {
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

  std::string where(const std::string& path) const {
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

  void put(const std::string& key, const toml::node& value, const std::string& assignment) {
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

  [[noreturn]] void refuse(const std::string& path, const std::string& must,
                           const std::string& remedy) const {
    const toml::node* node = find(path);
    const std::string got = node ? fmt::format(", got {}", shown(*node)) : std::string();
    throw InputError(fmt::format("{} must be {}{} {}{}{}", path, must, got, where(path),
                                 remedy.empty() ? "" : ". ", remedy));
  }

  void record(const std::string& table, std::string_view key, std::string value) {
    read[table][std::string(key)] = std::move(value);
  }
};

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

std::string ConfigTable::full(std::string_view key) const {
  return join_key(path_, key);
}

bool ConfigTable::has(std::string_view key) const {
  return config_->document_->find(full(key)) != nullptr;
}

double ConfigTable::number(std::string_view key, double fallback, Range allowed) {
  auto& document = *config_->document_;
  double value = fallback;
  if (const toml::node* node = document.find(full(key))) {
    if (!node->is_number()) document.refuse(full(key), "a number", "");
    value = *node->value<double>();
  }
  if (!(value >= allowed.low && value <= allowed.high)) document.refuse(full(key), shown(allowed), "");
  document.record(path_, key, toml_number(value));
  return value;
}

std::int64_t ConfigTable::integer(std::string_view key, std::int64_t fallback, Range allowed) {
  auto& document = *config_->document_;
  std::int64_t value = fallback;
  if (const toml::node* node = document.find(full(key))) {
    if (!node->is_integer()) document.refuse(full(key), "a whole number", "");
    value = *node->value<std::int64_t>();
  }
  if (!(static_cast<double>(value) >= allowed.low && static_cast<double>(value) <= allowed.high))
    document.refuse(full(key), shown(allowed), "");
  document.record(path_, key, fmt::format("{}", value));
  return value;
}

bool ConfigTable::boolean(std::string_view key, bool fallback) {
  auto& document = *config_->document_;
  bool value = fallback;
  if (const toml::node* node = document.find(full(key))) {
    if (!node->is_boolean()) document.refuse(full(key), "true or false", "");
    value = *node->value<bool>();
  }
  document.record(path_, key, value ? "true" : "false");
  return value;
}

std::string ConfigTable::text(std::string_view key, const std::string& fallback) {
  auto& document = *config_->document_;
  std::string value = fallback;
  if (const toml::node* node = document.find(full(key))) {
    if (!node->is_string()) document.refuse(full(key), "a text in quotes", "");
    value = *node->value<std::string>();
  }
  document.record(path_, key, toml_text(value));
  return value;
}

std::string ConfigTable::choice(std::string_view key, const std::string& fallback,
                                std::span<const std::string> choices) {
  const std::string value = text(key, fallback);
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    const auto nearest = nearest_word(value, choices);
    config_->document_->refuse(full(key), "one of " + join(choices, ", "),
                               nearest ? fmt::format("Did you mean {}?", *nearest) : "");
  }
  return value;
}

std::vector<std::string> ConfigTable::texts(std::string_view key, const std::vector<std::string>& fallback) {
  auto& document = *config_->document_;
  std::vector<std::string> values = fallback;
  if (const toml::node* node = document.find(full(key))) {
    const toml::array* array = node->as_array();
    if (!array || !array->is_homogeneous(toml::node_type::string))
      document.refuse(full(key), "a list of texts", "");
    values.clear();
    for (const auto& element : *array) values.push_back(*element.value<std::string>());
  }
  std::vector<std::string> quoted;
  for (const auto& value : values) quoted.push_back(toml_text(value));
  document.record(path_, key, "[" + join(quoted, ", ") + "]");
  return values;
}

std::vector<Scalar> ConfigTable::scalars(std::string_view key, const std::vector<Scalar>& fallback) {
  auto& document = *config_->document_;
  std::vector<Scalar> values = fallback;
  if (const toml::node* node = document.find(full(key))) {
    const toml::array* array = node->as_array();
    values.clear();
    for (std::size_t i = 0; array && i < array->size(); ++i)
      if (auto value = scalar_of((*array)[i])) values.push_back(std::move(*value));
    if (!array || values.size() != array->size())
      document.refuse(full(key), "a list of numbers, texts, true or false", "");
  }
  std::vector<std::string> shown_values;
  for (const auto& value : values) shown_values.push_back(std::visit(ScalarText(), value));
  document.record(path_, key, "[" + join(shown_values, ", ") + "]");
  return values;
}

std::string ConfigTable::required_text(std::string_view key) {
  if (!has(key)) refuse(key, "given", "Add it to the configuration.");
  return text(key, "");
}

std::string ConfigTable::required_choice(std::string_view key, std::span<const std::string> choices) {
  if (!has(key)) refuse(key, "given as one of " + join(choices, ", "), "Add it to the configuration.");
  return choice(key, "", choices);
}

ConfigTable ConfigTable::table(std::string_view key) {
  auto& document = *config_->document_;
  const toml::node* node = document.find(full(key));
  if (node && !node->is_table()) document.refuse(full(key), "a table", "");
  document.read[full(key)];
  return ConfigTable(config_, full(key));
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) {
  auto& document = *config_->document_;
  const toml::node* node = document.find(full(key));
  document.read[full(key)];
  if (!node) return {};
  const toml::array* list = node->as_array();
  if (!list || (!list->empty() && !list->is_homogeneous(toml::node_type::table)))
    document.refuse(full(key), "a list of tables", fmt::format("Write [[{}]].", full(key)));
  std::vector<ConfigTable> tables;
  for (std::size_t i = 0; i < list->size(); ++i) tables.push_back(table(fmt::format("{}[{}]", key, i)));
  return tables;
}

std::string ConfigTable::where(std::string_view key) const {
  return config_->document_->where(full(key));
}

void ConfigTable::refuse(std::string_view key, const std::string& must, const std::string& remedy) const {
  config_->document_->refuse(full(key), must, remedy);
}

}  // namespace tessera::core
