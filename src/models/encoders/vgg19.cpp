// SPDX-License-Identifier: Apache-2.0
#include "models/encoders/vgg19.hpp"

#include <fmt/format.h>

#include <array>

namespace tessera::models {

StackPlan vgg19_plan() {
  constexpr std::array<int, 5> kLayers{2, 2, 4, 4, 4};
  StackPlan plan;
  for (std::size_t block = 0; block < kLayers.size(); ++block) {
    for (int layer = 1; layer <= kLayers[block]; ++layer) {
      const auto name = fmt::format("conv{}_{}", block + 1, layer);
      plan.stages.push_back({.name = name, .filters = {name}, .is_after_pool = block > 0 && layer == 1});
    }
    // The last block sees more than there is of a small structure: with it correlations come out worse.
    if (block < 4) plan.default_layers.push_back(plan.stages.back().name);
  }
  return plan;
}

}  // namespace tessera::models
