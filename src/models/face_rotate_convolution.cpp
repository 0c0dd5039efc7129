// SPDX-License-Identifier: Apache-2.0
#include "models/face_rotate_convolution.hpp"

#include "models/row_layer.hpp"

namespace tessera::models {

FaceRotateConvolutionImpl::FaceRotateConvolutionImpl(bool symmetric)
    : symmetric_(symmetric),
      rotate_(register_module("rotate", row_layers({6, 32, 32}))),
      fusion_(register_module("fusion", row_layers({32, 64, kOutputWidth}))) {}

torch::Tensor FaceRotateConvolutionImpl::forward(const torch::Tensor& corners) {
  const torch::Tensor first = corners.narrow(1, 0, 3), second = corners.narrow(1, 3, 3),
                      third = corners.narrow(1, 6, 3);
  const torch::Tensor pairs = symmetric_ ? torch::cat({first, second, second, third, third, first,   //
                                                       second, first, third, second, first, third},  //
                                                      1)
                                         : torch::cat({first, second, second, third, third, first}, 1);
  const std::int64_t rotations = pairs.size(1) / 6;
  const torch::Tensor rotated = rotate_->forward(pairs.view({-1, 6}));  // (faces · rotations, 32)
  return fusion_->forward(rotated.view({corners.size(0), rotations, -1}).mean(1));
}

}  // namespace tessera::models
