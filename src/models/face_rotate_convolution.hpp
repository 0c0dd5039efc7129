// SPDX-License-Identifier: Apache-2.0
// MeshNet's face rotate convolution (Feng et al., AAAI 2019): a face's three corner vectors become features
// that do not depend on which corner is named first.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tessera::models {

/// Mean over the corner pairs (1,2), (2,3), (3,1) of layers 6 -> 32 -> 32, then layers 32 -> 64 -> 64. With
/// `symmetric` the mean runs over both directions of each pair, so the face's orientation is forgotten too.
/// Batch normalisation pools the pairs' rows, where the original normalises the three sets one by one: so the
/// invariance holds while training as well.
class FaceRotateConvolutionImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kOutputWidth = 64;

  explicit FaceRotateConvolutionImpl(bool symmetric = false);

  /// (faces, 9), three corners one behind the other -> (faces, 64)
  torch::Tensor forward(const torch::Tensor& corners);

 private:
  bool symmetric_;
  torch::nn::Sequential rotate_ = nullptr;
  torch::nn::Sequential fusion_ = nullptr;
};
TORCH_MODULE(FaceRotateConvolution);

}  // namespace tessera::models
