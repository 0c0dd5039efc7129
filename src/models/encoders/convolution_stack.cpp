// SPDX-License-Identifier: Apache-2.0
#include "models/encoders/convolution_stack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"

namespace tessera::models {
namespace {

constexpr const char* kMean = "mean";

std::string shape_of(const torch::Tensor& tensor) {
  return fmt::format("({})", fmt::join(tensor.sizes().vec(), ", "));
}

const torch::Tensor& take(const NamedTensors& weights, const std::string& name, const std::string& file) {
  const auto found = weights.find(name);
  if (found == weights.end())
    throw core::InputError(
        fmt::format("{} must hold the tensor {}, as it holds layers behind it or another "
                    "part of it, and does not. Take the file from its source again.",
                    file, name));
  if (!found->second.is_floating_point())
    throw core::InputError(fmt::format("{}: {} must be of floating-point numbers, got {}.", file, name,
                                       torch::toString(found->second.scalar_type())));
  return found->second;
}

// Output channels of one bank of filters that reads `inputs` channels.
std::int64_t check_filters(const NamedTensors& weights, const std::string& name, std::int64_t inputs,
                           const std::string& file) {
  const auto& weight = take(weights, name + ".weight", file);
  if (weight.dim() != 4 || weight.size(0) < 1 || weight.size(1) != inputs ||
      weight.size(2) != weight.size(3) || weight.size(2) % 2 == 0)
    throw core::InputError(
        fmt::format("{}: {}.weight must have shape (out, {}, side, side) with an odd side, got {}. Layers "
                    "read what the one before gives; the first reads blue, green and red.",
                    file, name, inputs, shape_of(weight)));
  const auto& bias = take(weights, name + ".bias", file);
  if (bias.dim() != 1 || bias.size(0) != weight.size(0))
    throw core::InputError(
        fmt::format("{}: {}.bias must have shape ({}), got {}.", file, name, weight.size(0), shape_of(bias)));
  return weight.size(0);
}

}  // namespace

std::size_t num_stages_in(const StackPlan& plan, const NamedTensors& weights, const std::string& file) {
  std::set<std::string> expected{kMean};
  std::size_t present = 0;
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    for (const auto& name : plan.stages[i].filters)
      for (const auto& part : {name + ".weight", name + ".bias"}) {
        expected.insert(part);
        if (weights.contains(part)) present = i + 1;
      }
  for (const auto& [name, tensor] : weights)
    if (!expected.contains(name))
      throw core::InputError(
          fmt::format("{} holds the tensor {} of shape {}, which no layer from {} to {} "
                      "has. Leave it out of the file.",
                      file, name, shape_of(tensor), plan.stages.front().name, plan.stages.back().name));
  present = std::max<std::size_t>(present, 1);
  std::int64_t channels = 3;
  for (std::size_t i = 0; i < present; ++i) {
    std::int64_t joined = 0;
    for (const auto& name : plan.stages[i].filters) joined += check_filters(weights, name, channels, file);
    channels = joined;
  }
  if (weights.contains(kMean) && take(weights, kMean, file).numel() != 3)
    throw core::InputError(
        fmt::format("{}: mean must have shape (3), got {}.", file, shape_of(weights.at(kMean))));
  return present;
}

FiltersImpl::FiltersImpl(const torch::Tensor& stored_weight, const torch::Tensor& stored_bias)
    : weight(register_parameter("weight", stored_weight.to(torch::kFloat32, false, true), false)),
      bias(register_parameter("bias", stored_bias.to(torch::kFloat32, false, true), false)) {}

torch::Tensor FiltersImpl::forward(const torch::Tensor& pictures, std::int64_t stride, Padding padding) {
  const std::int64_t half = weight.size(2) / 2;
  return torch::relu(torch::conv2d(padded(pictures, half, half, padding), weight, bias, stride));
}

void FiltersImpl::scale_outputs(const torch::Tensor& factors) {
  const torch::NoGradGuard no_grad;
  weight.mul_(factors.view({-1, 1, 1, 1}));
  bias.mul_(factors);
}

void FiltersImpl::scale_inputs(const torch::Tensor& factors) {
  const torch::NoGradGuard no_grad;
  weight.mul_(factors.view({1, -1, 1, 1}));
}

ConvolutionStack::ConvolutionStack(StackPlan plan, const NamedTensors& weights,
                                   const std::vector<std::string>& layers, Padding padding,
                                   const std::string& file)
    : plan_(std::move(plan)), padding_(padding) {
  std::vector<std::string> present;
  for (const auto& stage : plan_.stages) present.push_back(stage.name);
  layers_ = chosen_layers(layers, present, file);
  const auto deepest = std::ranges::find(present, layers_.back()) - present.begin();
  plan_.stages.resize(static_cast<std::size_t>(deepest) + 1);
  for (const auto& stage : plan_.stages) {
    auto& bank = filters_.emplace_back();
    for (const auto& name : stage.filters)
      bank.push_back(
          register_module(name, Filters(weights.at(name + ".weight"), weights.at(name + ".bias"))));
  }
  const auto mean = weights.contains(kMean) ? weights.at(kMean).to(torch::kFloat32)
                                            : torch::tensor({103.939f, 116.779f, 123.68f});
  mean_ = register_buffer(kMean, mean.view({1, 3, 1, 1}));
}

torch::Tensor ConvolutionStack::centred(const torch::Tensor& pictures) const {
  return 255 * pictures.flip(1) - mean_;  // the networks were trained on blue, green, red
}

torch::Tensor ConvolutionStack::run_stage(std::size_t index, const torch::Tensor& input) {
  const auto& stage = plan_.stages[index];
  torch::Tensor read = input;
  if (stage.is_after_pool) {
    if (std::min(input.size(2), input.size(3)) < 2)
      throw core::InputError(
          fmt::format("a picture must be at least 2 px wide and high where the encoder halves it before {}, "
                      "got {} by {}. Take larger pictures, or shallower layers.",
                      stage.name, input.size(2), input.size(3)));
    if (plan_.pool_side == 2) {
      read = torch::avg_pool2d(input, 2, 2);
    } else if (padding_ == Padding::Periodic) {
      read = torch::avg_pool2d(padded(input, 1, 1, padding_), 3, 2);
    } else {  // the average over what there is
      read = torch::avg_pool2d(input, 3, 2, 1, false, false);
    }
  }
  std::vector<torch::Tensor> outputs;
  for (auto& filters : filters_[index]) outputs.push_back(filters->forward(read, stage.stride, padding_));
  return outputs.size() == 1 ? outputs[0] : torch::cat(outputs, 1);
}

std::vector<torch::Tensor> ConvolutionStack::activations(const torch::Tensor& pictures) {
  std::vector<torch::Tensor> found;
  torch::Tensor map = centred(pictures);
  for (std::size_t i = 0; i < plan_.stages.size(); ++i) {
    map = run_stage(i, map);
    if (plan_.stages[i].name == layers_[found.size()]) found.push_back(map);
  }
  return found;
}

void ConvolutionStack::normalise_filters(const torch::Tensor& pictures) {
  const torch::NoGradGuard no_grad;
  torch::Tensor map = centred(pictures), means;
  for (std::size_t i = 0; i < plan_.stages.size(); ++i) {
    // `map` was taken before the channels it comes from were scaled, and so fits the filters as they are.
    map = run_stage(i, map);
    if (means.defined())
      for (auto& filters : filters_[i]) filters->scale_inputs(means);
    means = map.mean({0, 2, 3});
    means = torch::where(means > 0, means, torch::ones_like(means));
    std::int64_t first = 0;
    for (auto& filters : filters_[i]) {
      filters->scale_outputs(1 / means.narrow(0, first, filters->outputs()));
      first += filters->outputs();
    }
  }
}

}  // namespace tessera::models
