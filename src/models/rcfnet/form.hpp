// SPDX-License-Identifier: Apache-2.0
// The two forms RCFNet comes in, and the layer in which they differ everywhere: a convolution in front of a
// batch norm, whose bias the norm takes out again.
#pragma once

#include "models/conv_norm.hpp"

namespace tessera::models {

/// Released: as the public code has it, slips and idle modules included, to compare with. Repaired: without.
enum class RcfNetForm { Repaired, Released };

/// ConvNorm with batch norm, whose convolution has a bias in the released form.
class FormConvNormImpl : public torch::nn::Module {
 public:
  FormConvNormImpl(torch::nn::Conv2dOptions options, RcfNetForm form);
  /// activation(norm(convolution(images))): (samples, in, height, width) -> (samples, out, …)
  torch::Tensor forward(const torch::Tensor& images, Activation activation = Activation::Relu);

 private:
  torch::nn::Conv2d conv_ = nullptr;
  torch::nn::BatchNorm2d norm_ = nullptr;
};
TORCH_MODULE(FormConvNorm);

/// Keeps a module that no input reaches for its parameters alone: it asks for no gradient, so that no trainer
/// waits for one.
void set_aside(torch::nn::Module& module);

}  // namespace tessera::models
