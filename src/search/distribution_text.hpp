// SPDX-License-Identifier: Apache-2.0
// A distribution as Optuna's journal holds it.
#pragma once

#include <string>
#include <string_view>

#include "search/distribution.hpp"

namespace tessera::search {

/// {"name": "FloatDistribution", "attributes": {…}}, as Optuna writes it, and back. Raises DataError where
/// the text is none that Optuna 3 to 5 writes, or has None among its choices.
std::string distribution_text(const Distribution& distribution);
Distribution distribution_from(std::string_view text);

}  // namespace tessera::search
