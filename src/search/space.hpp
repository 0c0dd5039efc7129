// SPDX-License-Identifier: Apache-2.0
// What a search may set. A conditional parameter hangs on an earlier one and is drawn only where that one is
// active and has one of the values named: layers that exist only in deeper networks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "search/distribution.hpp"
#include "search/trial.hpp"

namespace tessera::search {

struct Condition {
  std::size_t parent = 0;      // index of an earlier parameter
  std::vector<double> values;  // as settings hold them, rising
  bool operator==(const Condition&) const = default;
};

struct Parameter {
  std::string key;  // of the configuration searched over, e.g. train.learning_rate
  Distribution distribution;
  std::optional<Condition> when;
};

class Space {
 public:
  /// Every condition's parent stands before it.
  explicit Space(std::vector<Parameter> parameters);

  /// Reads the [[parameter]] tables:
  ///   key, type = "float": low, high, log or step · "int": the same · "categorical": choices
  ///   when = {key = "model.depth", is = [3, 4]}
  /// Raises InputError naming line, value and remedy for whatever cannot be searched.
  static Space from_config(core::Config& config);

  const std::vector<Parameter>& parameters() const { return parameters_; }

  /// Whether a trial with these settings of the earlier parameters has this one.
  bool is_active(const Parameter& parameter, const Settings& settings) const;

  /// The parameters that are active under the same condition, rising; the unconditional ones first. Of each
  /// group a trial has all or none, so that they may be drawn together.
  std::vector<std::vector<std::size_t>> groups() const;

 private:
  std::vector<Parameter> parameters_;
};

/// How many values it may take; nothing for a float without step.
std::optional<std::int64_t> num_values(const Distribution& distribution);
/// The i-th of them, rising; choices as places in the list.
double value_of_index(const Distribution& distribution, std::int64_t index);
/// Which of them `value` is, to a millionth of a step; nothing where it is none.
std::optional<std::int64_t> index_of_value(const Distribution& distribution, double value);
/// What a trial of this distribution may hold lies between, both included.
struct Bounds {
  double low = 0, high = 0;
  bool contain(double value) const { return value >= low && value <= high; }
};
Bounds bounds_of(const Distribution& distribution);

}  // namespace tessera::search
