// SPDX-License-Identifier: Apache-2.0
// What one setting may be. A setting's value is held as Optuna's journal holds it, one number: a float or an
// integer as it is (not its logarithm), a choice by its place in the list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tessera::search {

struct FloatDistribution {
  double low = 0, high = 0;    // both may be drawn
  bool log = false;            // even over the logarithm; excludes a step
  std::optional<double> step;  // low, low + step, …
  bool operator==(const FloatDistribution&) const = default;
};

struct IntDistribution {
  std::int64_t low = 0, high = 0, step = 1;
  bool log = false;  // excludes a step other than 1
  bool operator==(const IntDistribution&) const = default;
};

using Choice = std::variant<bool, std::int64_t, double, std::string>;

struct CategoricalDistribution {
  std::vector<Choice> choices;
  bool operator==(const CategoricalDistribution&) const = default;
};

using Distribution = std::variant<FloatDistribution, IntDistribution, CategoricalDistribution>;

/// The value as TOML (and JSON) writes it: 0.001, 4, true, "adam".
std::string value_text(const Distribution& distribution, double value);

}  // namespace tessera::search
