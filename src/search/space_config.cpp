// SPDX-License-Identifier: Apache-2.0
// [[parameter]] tables to a space, and all that can be wrong with them.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <type_traits>

#include "core/error.hpp"
#include "core/text.hpp"
#include "search/space.hpp"

namespace tessera::search {
namespace {

using core::ConfigTable;

constexpr double kLargestWhole = 9007199254740992.0;  // 2^53: a setting is held as a double

const std::array<std::string, 3> kTypes{"float", "int", "categorical"};

// `of`: "a float".
void require_bounds(const ConfigTable& table, const std::string& of) {
  for (const char* key : {"low", "high"})
    if (!table.has(key)) table.refuse(key, "given for " + of, "Add it to this [[parameter]].");
}

void refuse_log_with_step(const ConfigTable& table) {
  table.refuse("step", "absent where log = true", "Remove step or log.");
}

FloatDistribution read_float(ConfigTable& table) {
  FloatDistribution distribution;
  require_bounds(table, "a float");
  distribution.low = table.number("low", 0);
  distribution.high = table.number("high", 0);
  for (const char* key : {"low", "high"})
    if (!std::isfinite(table.number(key, 0))) table.refuse(key, "finite", "Give a number.");
  if (!(distribution.low < distribution.high))
    table.refuse("low", fmt::format("below high = {}", distribution.high),
                 "Exchange them, or set a constant in the base configuration.");
  distribution.log = table.boolean("log", false);
  if (distribution.log && distribution.low <= 0)
    table.refuse("low", "above 0 where log = true", "Raise low or remove log.");
  if (!table.has("step")) return distribution;
  if (distribution.log) refuse_log_with_step(table);
  const double step = table.number("step", 0), range = distribution.high - distribution.low;
  if (!(step > 0 && step <= range))
    table.refuse("step", fmt::format("above 0 and at most high - low = {}", range), "");
  const double steps = range / step;
  if (steps > kLargestWhole)
    table.refuse("step", fmt::format("at least {} (so many steps can be told apart)", range / kLargestWhole),
                 "");
  if (std::abs(steps - std::round(steps)) > 1e-10 * steps)
    table.refuse("step", fmt::format("a whole part of high - low = {}", range),
                 fmt::format("Set high = {}.", distribution.low + std::floor(steps) * step));
  distribution.step = step;
  return distribution;
}

IntDistribution read_int(ConfigTable& table) {
  IntDistribution distribution;
  const core::Range exact{-kLargestWhole, kLargestWhole};
  require_bounds(table, "an int");
  distribution.low = table.integer("low", 0, exact);
  distribution.high = table.integer("high", 0, exact);
  if (distribution.low > distribution.high)
    table.refuse("low", fmt::format("at most high = {}", distribution.high), "Exchange them.");
  distribution.log = table.boolean("log", false);
  if (distribution.log && distribution.low < 1)
    table.refuse("low", "at least 1 where log = true", "Raise low or remove log.");
  if (!table.has("step")) return distribution;
  if (distribution.log) refuse_log_with_step(table);
  distribution.step = table.integer("step", 1, {1, kLargestWhole});
  const std::int64_t range = distribution.high - distribution.low;
  if (range % distribution.step != 0)
    table.refuse("step", fmt::format("a whole part of high - low = {}", range),
                 fmt::format("Set high = {}.", distribution.high - range % distribution.step));
  return distribution;
}

// 1, 1.0 and true are one choice to Python, which reads the journal too.
bool equal_in_python(const Choice& a, const Choice& b) {
  const auto number = [](const Choice& choice) -> std::optional<double> {
    return std::visit(
        [](const auto& value) -> std::optional<double> {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
            return std::nullopt;
          else
            return static_cast<double>(value);
        },
        choice);
  };
  const auto x = number(a), y = number(b);
  return x && y ? *x == *y : a == b;
}

CategoricalDistribution read_categorical(ConfigTable& table) {
  if (!table.has("choices"))
    table.refuse("choices", "given for a categorical", "Add it to this [[parameter]].");
  CategoricalDistribution distribution{table.scalars("choices", {})};
  if (distribution.choices.empty()) table.refuse("choices", "a list of at least one value", "");
  for (std::size_t i = 0; i < distribution.choices.size(); ++i) {
    const auto* real = std::get_if<double>(&distribution.choices[i]);
    if (real && !std::isfinite(*real)) table.refuse("choices", "finite", "Remove nan and inf.");
    for (std::size_t j = 0; j < i; ++j)
      if (equal_in_python(distribution.choices[i], distribution.choices[j]))
        table.refuse("choices", "different from each other",
                     fmt::format("{} stands there twice.", value_text(distribution, static_cast<double>(i))));
  }
  return distribution;
}

Distribution read_distribution(ConfigTable& table) {
  const std::string type = table.required_choice("type", kTypes);
  if (type == "float") return read_float(table);
  if (type == "int") return read_int(table);
  return read_categorical(table);
}

// The value of a setting that `wanted` stands for.
std::optional<double> setting_value(const Distribution& distribution, const core::Scalar& wanted) {
  if (const auto* categorical = std::get_if<CategoricalDistribution>(&distribution)) {
    const auto place = std::ranges::find(categorical->choices, wanted);
    if (place == categorical->choices.end()) return std::nullopt;
    return static_cast<double>(place - categorical->choices.begin());
  }
  double value = std::numeric_limits<double>::quiet_NaN();
  if (const auto* whole = std::get_if<std::int64_t>(&wanted)) value = static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&wanted)) value = *real;
  const auto index = index_of_value(distribution, value);
  if (!index) return std::nullopt;
  return value_of_index(distribution, *index);
}

std::string shown_values(const Distribution& distribution) {
  const std::int64_t count = num_values(distribution).value_or(0);
  const auto text = [&](std::int64_t i) { return value_text(distribution, value_of_index(distribution, i)); };
  if (count > 8) return fmt::format("{}, {}, …, {}", text(0), text(1), text(count - 1));
  std::vector<std::string> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(text(i));
  return core::join(values, ", ");
}

// Where each key stands and on which it hangs, before anything else is read.
struct Declared {
  std::map<std::string, std::size_t> place;
  std::map<std::string, std::string> parent;
  std::vector<std::string> keys;
};

Declared read_keys(std::vector<ConfigTable>& tables) {
  Declared declared;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::string key = tables[i].required_text("key");
    const auto parts = core::split(key, '.');
    if (std::ranges::any_of(parts, [](auto part) {
          return part.empty() || part.find_first_of(" \t\r\n[]=\"'") != std::string_view::npos;
        }))
      tables[i].refuse("key", "a key of the base configuration", "Write it as train.learning_rate.");
    if (const auto [first, is_new] = declared.place.emplace(key, i); !is_new)
      tables[i].refuse("key",
                       fmt::format("given once, and is there already {}", tables[first->second].where("key")),
                       "Remove one of them.");
    declared.keys.push_back(key);
    if (tables[i].has("when")) declared.parent[key] = tables[i].table("when").required_text("key");
  }
  return declared;
}

// "a → b → a" where `key` hangs on itself, directly or through others.
std::optional<std::string> cycle_from(const Declared& declared, const std::string& key) {
  std::string chain = key;
  std::set<std::string> seen;
  for (auto next = declared.parent.find(key);
       next != declared.parent.end() && seen.insert(next->second).second;
       next = declared.parent.find(next->second)) {
    chain += " → " + next->second;
    if (next->second == key) return chain;
  }
  return std::nullopt;
}

Condition read_condition(ConfigTable& table, std::size_t index, const Declared& declared,
                         const std::vector<Parameter>& earlier) {
  ConfigTable when = table.table("when");
  const std::string parent = when.required_text("key");
  const auto place = declared.place.find(parent);
  if (place == declared.place.end()) {
    const auto nearest = core::nearest_word(parent, declared.keys);
    when.refuse("key", "the key of another parameter",
                nearest ? fmt::format("Did you mean {}?", *nearest) : "");
  }
  if (const auto cycle = cycle_from(declared, declared.keys[index]))
    when.refuse("key", "the key of a parameter that does not hang on this one", fmt::format("{}.", *cycle));
  if (place->second > index)
    when.refuse("key", "the key of an earlier parameter",
                fmt::format("Move the [[parameter]] of {} up.", parent));

  const Distribution& distribution = earlier[place->second].distribution;
  if (!num_values(distribution))
    when.refuse("key", "the key of an int, a categorical or a float with step",
                fmt::format("{} is drawn from a range, and hits no value exactly.", parent));
  if (!when.has("is")) when.refuse("is", "given", "List the values, e.g. is = [3, 4].");
  Condition condition{place->second, {}};
  for (const core::Scalar& wanted : when.scalars("is", {})) {
    const auto value = setting_value(distribution, wanted);
    if (!value)
      when.refuse("is", fmt::format("values that {} takes: {}", parent, shown_values(distribution)), "");
    condition.values.push_back(*value);
  }
  if (condition.values.empty()) when.refuse("is", "a list of at least one value", "");
  std::ranges::sort(condition.values);
  const auto twice = std::ranges::unique(condition.values);
  condition.values.erase(twice.begin(), twice.end());
  return condition;
}

}  // namespace

Space Space::from_config(core::Config& config) {
  auto tables = config.tables("parameter");
  if (tables.empty())
    config.root().refuse("parameter", "given at least once", "Add a [[parameter]] table to search over.");
  const Declared declared = read_keys(tables);
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Parameter parameter{declared.keys[i], read_distribution(tables[i]), std::nullopt};
    if (tables[i].has("when")) parameter.when = read_condition(tables[i], i, declared, parameters);
    parameters.push_back(std::move(parameter));
  }
  return Space(std::move(parameters));
}

}  // namespace tessera::search
