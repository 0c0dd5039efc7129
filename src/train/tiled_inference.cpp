// SPDX-License-Identifier: Apache-2.0
#include "train/tiled_inference.hpp"

#include <algorithm>

#include "train/gradient_step.hpp"

namespace tessera::train {
namespace {

using microstructure::Mask;
using microstructure::Raster;

// (1, 1, height, width) → (outputs, height, width) probabilities.
torch::Tensor probabilities(models::Network& network, const torch::Tensor& grey, bool bf16,
                            torch::Device device) {
  models::Batch batch;
  batch.num_samples = 1;
  batch.images.grey = grey.contiguous().to(device);
  batch.images.extent = torch::tensor({{grey.size(2), grey.size(3)}}, torch::kInt64);
  torch::Tensor output;
  {
    const AutocastScope autocast(bf16, device);
    output = network.forward(batch);
  }
  output = output.to(torch::kCPU, torch::kFloat32);
  return (output.size(1) == 1 ? output.sigmoid() : output.softmax(1))[0];
}

// The weight of a tile's pixels along one axis: rising over the overlap, never 0, so that weights of any
// cover have a sum to divide by.
torch::Tensor fade(std::int64_t size, std::int64_t overlap) {
  const auto at = torch::arange(size, torch::kFloat32) + 0.5;
  const auto edge = torch::minimum(at, static_cast<double>(size) - at) / static_cast<double>(overlap + 1);
  return edge.clamp_max(1);
}

}  // namespace

std::vector<std::int64_t> tile_origins(std::int64_t size, std::int64_t tile, std::int64_t overlap) {
  if (size <= tile) return {0};
  const std::int64_t stride = tile - overlap, count = 1 + (size - tile + stride - 1) / stride;
  std::vector<std::int64_t> origins;
  for (std::int64_t i = 0; i < count; ++i) origins.push_back(std::min(i * stride, size - tile));
  return origins;
}

torch::Tensor predict_pixels(models::Network& network, const Raster<float>& grey,
                             const TilingOptions& options, torch::Device device) {
  const torch::NoGradGuard no_gradients;
  const std::int64_t height = grey.height(), width = grey.width();
  const auto image =
      torch::from_blob(const_cast<float*>(grey.values().data()), {1, 1, height, width}, torch::kFloat32);
  torch::Tensor sum, weights = torch::zeros({height, width});
  for (const auto y : tile_origins(height, options.tile, options.overlap))
    for (const auto x : tile_origins(width, options.tile, options.overlap)) {
      const std::int64_t rows = std::min(options.tile, height), columns = std::min(options.tile, width);
      const auto tile =
          probabilities(network, image.narrow(2, y, rows).narrow(3, x, columns), options.bf16, device);
      if (!sum.defined()) sum = torch::zeros({tile.size(0), height, width});
      const auto weight = fade(rows, options.overlap).unsqueeze(1) * fade(columns, options.overlap);
      sum.narrow(1, y, rows).narrow(2, x, columns).add_(tile * weight);
      weights.narrow(0, y, rows).narrow(1, x, columns).add_(weight);
    }
  return sum / weights;
}

Mask mask_of(const torch::Tensor& probabilities, double threshold) {
  const auto classes = (probabilities.size(0) == 1 ? (probabilities[0] > threshold).to(torch::kUInt8)
                                                   : probabilities.argmax(0).to(torch::kUInt8))
                           .contiguous();
  Mask mask(static_cast<int>(classes.size(0)), static_cast<int>(classes.size(1)));
  std::copy_n(classes.data_ptr<std::uint8_t>(), mask.size(), mask.values().begin());
  return mask;
}

}  // namespace tessera::train
