// SPDX-License-Identifier: Apache-2.0
// A value of a distribution from an even number in [0, 1): what every sampler but TPE draws with, by Optuna's
// rules: whole numbers and steps have equal shares, a logarithmic integer the share of [n - 1/2, n + 1/2].
#pragma once

#include "search/distribution.hpp"
#include "search/space.hpp"

namespace tessera::search {

double value_at(const Distribution& distribution, double quantile);

/// The nearest value that a trial may hold.
double nearest_value(const Distribution& distribution, double value);

/// The settings of every active parameter, in the space's order; `value_of(index of the parameter)` draws.
template <typename ValueOf>
Settings draw_settings(const Space& space, const ValueOf& value_of) {
  Settings settings;
  for (std::size_t p = 0; p < space.parameters().size(); ++p) {
    const auto& parameter = space.parameters()[p];
    if (space.is_active(parameter, settings)) settings[parameter.key] = {parameter.distribution, value_of(p)};
  }
  return settings;
}

}  // namespace tessera::search
