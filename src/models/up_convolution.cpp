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
    const torch::Tensor &images = saved[0], &weight = saved[1];
    const std::int64_t samples = images.size(0), in = images.size(1), height = images.size(2),
                       width = images.size(3), out = weight.size(1);
    // The four gradients of each pixel side by side: (pixels, 4 · out)
    const torch::Tensor gradient = gradients[0]
                                       .permute({0, 2, 3, 1})
                                       .reshape({samples, height, 2, width, 2, out})
                                       .transpose(2, 3)
                                       .reshape({-1, 4 * out});
    const torch::Tensor rows = images.permute({0, 2, 3, 1}).reshape({-1, in});
    const torch::Tensor images_gradient =
        torch::mm(gradient, weight.permute({2, 3, 1, 0}).reshape({4 * out, in}));
    return {images_gradient.view({samples, height, width, in}).permute({0, 3, 1, 2}),
            torch::mm(gradient.t(), rows).view({2, 2, out, in}).permute({3, 2, 0, 1}),
            gradient.sum(0, false, torch::kFloat).view({4, out}).sum(0).to(weight.scalar_type())};
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
