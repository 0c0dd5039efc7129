// SPDX-License-Identifier: Apache-2.0
// VGG-19 without its classifier (Simonyan and Zisserman 2015): 64, 64 | 128, 128 | 256 × 4 | 512 × 4 | 512 ×
// 4 filters of 3 × 3, and for textures averages of 2 × 2 in place of maxima (Gatys et al. 2015).
#pragma once

#include "models/encoders/convolution_stack.hpp"

namespace tessera::models {

/// Stages conv1_1 to conv5_4.
StackPlan vgg19_plan();

}  // namespace tessera::models
