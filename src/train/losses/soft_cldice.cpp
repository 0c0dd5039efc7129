// SPDX-License-Identifier: Apache-2.0
#include "train/losses/losses.hpp"

namespace tessera::train::losses {
namespace {

// The neighbour's value at each pixel, `step` = ±1 along the dimension; the edge is its own neighbour, so
// that it neither wears away nor grows.
torch::Tensor neighbor(const torch::Tensor& images, std::int64_t dimension, int step) {
  const std::int64_t size = images.size(dimension);
  const torch::Tensor rest = images.narrow(dimension, step > 0 ? 1 : 0, size - 1);
  const torch::Tensor edge = images.narrow(dimension, step > 0 ? size - 1 : 0, 1);
  return step > 0 ? torch::cat({rest, edge}, dimension) : torch::cat({edge, rest}, dimension);
}

torch::Tensor eroded(const torch::Tensor& images) {  // by the cross of 5 pixels
  torch::Tensor lowest = images;
  for (const std::int64_t dimension : {1, 2})
    for (const int step : {-1, 1}) lowest = torch::minimum(lowest, neighbor(images, dimension, step));
  return lowest;
}

torch::Tensor dilated(const torch::Tensor& images) {  // by the square of 9
  torch::Tensor highest = images;
  for (const std::int64_t dimension : {1, 2})
    highest = torch::maximum(torch::maximum(highest, neighbor(highest, dimension, -1)),
                             neighbor(highest, dimension, 1));
  return highest;
}

}  // namespace

torch::Tensor soft_skeleton(const torch::Tensor& images, int iterations) {
  torch::Tensor x = images, next = eroded(x);
  torch::Tensor skeleton = torch::relu(x - dilated(next));  // what an opening takes away
  for (int i = 0; i < iterations; ++i) {
    x = next;
    next = eroded(x);
    const torch::Tensor found = torch::relu(x - dilated(next));
    skeleton = skeleton + torch::relu(found - skeleton * found);
  }
  return skeleton;
}

torch::Tensor soft_cldice(const Pixels& pixels, int iterations) {
  const torch::Tensor predicted = soft_skeleton(pixels.probability, iterations);
  const torch::Tensor truth = soft_skeleton(pixels.truth, iterations);
  const torch::Tensor precision = (sample_sum(predicted * pixels.truth) + 1) / (sample_sum(predicted) + 1);
  const torch::Tensor sensitivity = (sample_sum(truth * pixels.probability) + 1) / (sample_sum(truth) + 1);
  return 1 - 2 * precision * sensitivity / (precision + sensitivity);
}

}  // namespace tessera::train::losses
