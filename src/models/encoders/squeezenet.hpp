// SPDX-License-Identifier: Apache-2.0
// SqueezeNet 1.1 without its classifier (Iandola et al. 2016): a fire is a squeeze to few channels by 1 × 1
// filters, then 1 × 1 and 3 × 3 filters side by side. For textures averages of 3 × 3 stand in place of
// maxima, centred on every second pixel with the border continued, where the original starts at the corner.
#pragma once

#include "models/encoders/convolution_stack.hpp"

namespace tessera::models {

/// Stages conv1, fire2_squeeze, fire2, … fire9; tensors conv1, fire2_squeeze, fire2_expand1x1,
/// fire2_expand3x3, …
StackPlan squeezenet_plan();

}  // namespace tessera::models
