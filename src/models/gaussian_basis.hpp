// SPDX-License-Identifier: Apache-2.0
// A distance as 41 numbers: how near it lies to 0, 0.2 … 8.0 Å, as CGCNN's edges carry it.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

constexpr int kNumGaussians = 41;
constexpr double kGaussianStepAngstrom = 0.2;

/// exp(-(d - mu)² / 0.2²), without the usual factor 2 (Xie and Grossman 2018, as released): any shape, Å ->
/// (distances, 41). Below e^-87 exactly zero: denormal numbers would slow every product that meets them.
torch::Tensor gaussian_basis(const torch::Tensor& distance);

}  // namespace tessera::models
