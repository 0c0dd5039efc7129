// SPDX-License-Identifier: Apache-2.0
#include "models/encoders/squeezenet.hpp"

#include <fmt/format.h>

namespace tessera::models {

StackPlan squeezenet_plan() {
  StackPlan plan{.stages = {{.name = "conv1", .filters = {"conv1"}, .stride = 2}},
                 .default_layers = {"conv1", "fire3", "fire5", "fire7", "fire9"},
                 .pool_side = 3};
  for (int number = 2; number <= 9; ++number) {
    const auto fire = fmt::format("fire{}", number);
    const bool is_after_pool = number == 2 || number == 4 || number == 6;
    plan.stages.push_back(
        {.name = fire + "_squeeze", .filters = {fire + "_squeeze"}, .is_after_pool = is_after_pool});
    plan.stages.push_back({.name = fire, .filters = {fire + "_expand1x1", fire + "_expand3x3"}});
  }
  return plan;
}

}  // namespace tessera::models
