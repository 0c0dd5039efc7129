// SPDX-License-Identifier: Apache-2.0
// Fixed stacks of convolutions whose activations describe a texture (Gatys, Ecker and Bethge 2015; for
// microstructures Li et al. 2018): what reconstruction matches and what a property is regressed on.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tessera::models {

/// What a convolution sees beyond the border.
enum class Padding { Zero, Periodic };

/// No parameter asks for a gradient unless somebody trains it; `to(torch::kFloat64)` makes all of it float64.
class Encoder : public torch::nn::Module {
 public:
  /// (samples, 3, height, width), red, green and blue in 0 … 1, of the weights' type → the activations of
  /// each of `layers()` after their ReLU, (samples, channels, h, w). Raises InputError for a picture too
  /// small for the deepest layer.
  virtual std::vector<torch::Tensor> activations(const torch::Tensor& pictures) = 0;

  /// Shallow to deep.
  virtual const std::vector<std::string>& layers() const = 0;

  /// Scales every filter so that its mean activation over these pictures and all positions is 1, and what
  /// reads it the other way, so that the encoder differs by a factor a channel of each layer alone (Gatys et
  /// al.). A filter that is never active stays as it is. The normalised VGG-19 is so over ImageNet already.
  virtual void normalise_filters(const torch::Tensor& pictures) = 0;
};

struct EncoderOptions {
  /// "filters" (untrained, needs no file), "squeezenet", "vgg19", or the path of a safetensors file laid out
  /// as VGG-19: conv1_1.weight (out, in, side, side), conv1_1.bias, conv1_2 …, of any widths, down to any
  /// layer; `mean` (3), blue, green, red in 0 … 255, is taken off the picture first, ImageNet's where absent.
  std::string name = "filters";
  std::filesystem::path folder = "encoders";  // holds vgg19.safetensors and squeezenet.safetensors
  /// Whose activations are given; empty: the encoder's own choice. vgg19: conv1_2, conv2_2, conv3_4, conv4_4;
  /// squeezenet: conv1, fire3, fire5, fire7, fire9; filters: all.
  std::vector<std::string> layers = {};
  Padding padding = Padding::Periodic;
  std::uint64_t seed = 0;  // of the untrained filters
};

/// Layers behind the deepest one asked for are left out. Raises InputError naming file, layer and remedy.
std::shared_ptr<Encoder> make_encoder(const EncoderOptions& options);

/// Every layer the encoder has, shallow to deep.
std::vector<std::string> encoder_layers(const EncoderOptions& options);

/// Throws InputError for names the encoder has not; the result is in the encoder's order, each once.
std::vector<std::string> chosen_layers(const std::vector<std::string>& asked,
                                       const std::vector<std::string>& present, const std::string& encoder);

/// Continues pictures (samples, channels, height, width) on all four sides, by zeros or by themselves.
torch::Tensor padded(const torch::Tensor& pictures, std::int64_t before, std::int64_t after, Padding padding);

}  // namespace tessera::models
