// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/form.hpp"

namespace tessera::models {

FormConvNormImpl::FormConvNormImpl(torch::nn::Conv2dOptions options, RcfNetForm form)
    : conv_(register_module("conv", torch::nn::Conv2d(options.bias(form == RcfNetForm::Released)))),
      norm_(register_module("norm", torch::nn::BatchNorm2d(options.out_channels()))) {}

torch::Tensor FormConvNormImpl::forward(const torch::Tensor& images, Activation activation) {
  return batch_norm_pixels(conv_(images), *norm_, activation);
}

void set_aside(torch::nn::Module& module) {
  for (torch::Tensor& parameter : module.parameters()) parameter.set_requires_grad(false);
}

}  // namespace tessera::models
