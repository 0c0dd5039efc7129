// SPDX-License-Identifier: Apache-2.0
// Stages of convolutions with averages between them, from a plan and a file's weights: VGG-19, SqueezeNet.
#pragma once

#include <string>
#include <vector>

#include "models/encoders/encoder.hpp"
#include "models/safetensors.hpp"

namespace tessera::models {

struct StackPlan {
  struct Stage {
    std::string name;
    std::vector<std::string> filters;  // read the same input; their outputs are joined, channel after channel
    std::int64_t stride = 1;
    bool is_after_pool = false;
  };
  std::vector<Stage> stages;
  std::vector<std::string> default_layers;
  /// Side of the averages, each two pixels after the last. 2: an odd last row and column are left out, and
  /// with them the period. 3: the windows overlap, sizes are halved upwards, and an odd period ends with two
  /// windows a pixel apart.
  std::int64_t pool_side = 2;
};

/// How many stages of the plan the tensors hold, none left out in between. Raises InputError for a tensor
/// that is missing, in excess, or of a shape that does not fit what it reads.
std::size_t num_stages_in(const StackPlan& plan, const NamedTensors& weights, const std::string& file);

/// One bank of filters, (out, in, side, side), with its bias.
class FiltersImpl : public torch::nn::Module {
 public:
  FiltersImpl(const torch::Tensor& stored_weight, const torch::Tensor& stored_bias);
  /// relu(weight * pictures + bias)
  torch::Tensor forward(const torch::Tensor& pictures, std::int64_t stride, Padding padding);
  /// Output channels by `factors` (out); input channels by theirs (in).
  void scale_outputs(const torch::Tensor& factors);
  void scale_inputs(const torch::Tensor& factors);
  std::int64_t outputs() const { return weight.size(0); }

  torch::Tensor weight, bias;
};
TORCH_MODULE(Filters);

class ConvolutionStack : public Encoder {
 public:
  /// `weights` fits the plan (num_stages_in); `file` names it in errors.
  ConvolutionStack(StackPlan plan, const NamedTensors& weights, const std::vector<std::string>& layers,
                   Padding padding, const std::string& file);

  std::vector<torch::Tensor> activations(const torch::Tensor& pictures) override;
  const std::vector<std::string>& layers() const override { return layers_; }
  void normalise_filters(const torch::Tensor& pictures) override;

 private:
  torch::Tensor centred(const torch::Tensor& pictures) const;
  torch::Tensor run_stage(std::size_t stage, const torch::Tensor& input);

  StackPlan plan_;
  std::vector<std::string> layers_;
  Padding padding_;
  std::vector<std::vector<Filters>> filters_;  // of each stage
  torch::Tensor mean_;                         // (1, 3, 1, 1) blue, green, red, 0 … 255
};

}  // namespace tessera::models
