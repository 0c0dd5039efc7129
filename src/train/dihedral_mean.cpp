// SPDX-License-Identifier: Apache-2.0
#include "train/dihedral_mean.hpp"

namespace tessera::train {
namespace {

// One of the eight symmetries of the last two axes, and the way back.
torch::Tensor turned(const torch::Tensor& picture, int symmetry) {
  auto result = symmetry & 1 ? picture.transpose(-2, -1) : picture;
  if (symmetry & 2) result = result.flip(-1);
  return (symmetry & 4 ? result.flip(-2) : result).contiguous();
}
torch::Tensor turned_back(const torch::Tensor& picture, int symmetry) {
  auto result = symmetry & 4 ? picture.flip(-2) : picture;
  if (symmetry & 2) result = result.flip(-1);
  return symmetry & 1 ? result.transpose(-2, -1) : result;
}

constexpr double kSurest = 1e-6;  // a probability of 1 has no score

}  // namespace

torch::Tensor DihedralMean::forward(const models::Batch& batch) {
  torch::Tensor sum;
  for (int symmetry = 0; symmetry < 8; ++symmetry) {
    models::Batch picture = batch;
    picture.images.grey = turned(batch.images.grey, symmetry);
    if (symmetry & 1) picture.images.extent = batch.images.extent.flip(1);
    auto answer = network_.forward(picture).to(torch::kFloat32);
    if (network_.is_of_pixels()) {
      const auto scores = turned_back(answer, symmetry);
      answer = scores.size(1) == 1 ? scores.sigmoid() : scores.softmax(1);
    }
    sum = sum.defined() ? sum + answer : answer;
  }
  if (!network_.is_of_pixels()) return sum / 8;
  const auto mean = (sum / 8).clamp(kSurest, 1 - kSurest);
  return mean.size(1) == 1 ? mean.logit() : mean.log();
}

}  // namespace tessera::train
