// SPDX-License-Identifier: Apache-2.0
// A structure between its phases, which gradients can move: how much of each phase every cell holds.
#pragma once

#include <torch/torch.h>

#include "microstructure/phase_map.hpp"

namespace tessera::reconstruction {

/// More could not be told apart by their colours.
inline constexpr int kMostReconstructed = 8;

/// 1 where the phase is, else 0: (phases, rows, columns) of a plane, (phases, slices, rows, columns) of a
/// volume, float64.
torch::Tensor shares_of(const microstructure::PhaseMap& map, int phases);

/// What is optimised, each value in [0, 1], made shares that sum to 1: of two phases `variables`
/// (1, …) is the share of the second; of more, (phases, …) are divided by their sum.
torch::Tensor shares_of_variables(const torch::Tensor& variables);
std::int64_t num_variables(int phases);

/// (pictures, phases, rows, columns) → (pictures, 3, rows, columns), red, green and blue in 0 … 1: two phases
/// are black and white, three red, green and blue, more the corners of the colour cube.
torch::Tensor in_colours(const torch::Tensor& shares);

/// Every second cell, each the mean of two along every axis (a sum that stays 1 stays so); an odd last one
/// is left out.
torch::Tensor coarser(const torch::Tensor& shares);

}  // namespace tessera::reconstruction
