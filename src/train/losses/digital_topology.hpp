// SPDX-License-Identifier: Apache-2.0
// Which pixels of a boundary mask decide on its parts and loops. Boundaries are 8-connected, the grains
// between them 4-connected; a pixel is simple if turning it over neither tears nor joins, neither opens nor
// closes anything, which its eight neighbours tell (Yokoi et al. 1975; Kong and Rosenfeld 1989). Beyond the
// image's edge and where there is no image lies boundary, so that a grain cut by the edge stays closed.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <span>
#include <vector>

#include "microstructure/raster.hpp"

namespace tessera::train::losses {

using microstructure::Mask;

/// Whether the middle of a 3×3 neighbourhood is simple. Bit k of `neighbors`: whether the k-th neighbour is
/// boundary, counted from the right one against the clock (right, upper right, upper, …).
bool is_simple(unsigned neighbors);

/// 1 where two masks differ in a way that counts: each mask is deformed towards the other, simple pixel by
/// simple pixel from the rim of each difference inwards, and what either cannot reach is critical (after Hu,
/// ECCV 2022). Without any, both have the same parts and grains: a boundary too thick, too thin or moved by
/// less than its width, a loose end. A gap or a false bridge is critical along the line and in the cut across
/// it; a lost or false island or grain as a whole.
Mask critical_pixels(const Mask& predicted, const Mask& truth, const Mask& inside);

/// Runs `function` on each sample's masks, one of each of `tensors` (samples, height, width; 1 above 0.5),
/// and gives its results as (samples, height, width) float32 on the first tensor's device.
torch::Tensor for_each_sample(const std::vector<torch::Tensor>& tensors,
                              const std::function<Mask(std::span<const Mask>)>& function);

}  // namespace tessera::train::losses
