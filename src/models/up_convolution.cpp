// SPDX-License-Identifier: Apache-2.0
#include "models/up_convolution.hpp"

#include <ATen/autocast_mode.h>

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct UpConvolution : torch::autograd::Function<UpConvolution> {
  // weight: (in, out, 2, 2), of the images' type
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& images,
                               const torch::Tensor& weight, const torch::Tensor& bias) {
    context->save_for_backward({images, weight});
    return torch::conv_transpose2d(images, weight, bias, 2);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &images = saved[0], &weight = saved[1], &gradient = gradients[0];
    const std::int64_t two[] = {2, 2}, none[] = {0, 0}, one[] = {1, 1};
    const auto [of_images, of_weight, unused] =
        at::convolution_backward(gradient, images, weight, std::nullopt, two, none, one, /*transposed=*/true,
                                 none, /*groups=*/1, {true, true, false});
    return {of_images, of_weight, gradient.sum({0, 2, 3}, false, torch::kFloat).to(weight.scalar_type())};
  }
};

}  // namespace

torch::Tensor up_convolution(const torch::Tensor& images, const torch::nn::ConvTranspose2dImpl& layer) {
  if (!images.is_cpu()) return torch::conv_transpose2d(images, layer.weight, layer.bias, 2);
  // Autocast does not look into functions of our own.
  const torch::ScalarType type = at::autocast::is_autocast_enabled(at::kCPU)
                                     ? at::autocast::get_autocast_dtype(at::kCPU)
                                     : images.scalar_type();
  return UpConvolution::apply(images.to(type), layer.weight.to(type), layer.bias.to(type));
}

}  // namespace tessera::models
