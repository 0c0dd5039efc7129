// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/config_document.hpp"
#include "core/text.hpp"

namespace tessera::core {
namespace {

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

}  // namespace

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
