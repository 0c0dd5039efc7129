// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/rcfnet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "models/rcfnet/merge_module.hpp"

namespace tessera::models {
namespace {

constexpr std::int64_t kStride = 32;    // of the coarsest map
constexpr std::int64_t kPlanes = 64;    // of the global branch's first stage
constexpr std::int64_t kChannels = 96;  // of the first merge
constexpr double kEpsilon = 1e-6;
constexpr double kDeviation = 0.02;         // of linear layers and of the local branch
constexpr double kReleasedDeviation = 0.2;  // of the released form's convolutions
constexpr double kLevels = 255;

std::int64_t scaled(std::int64_t channels, double width) {
  return std::max<std::int64_t>(8, 8 * std::lround(static_cast<double>(channels) * width / 8));
}

// As published these are cut off at ±2, which is 10 and 100 deviations away: plain normal numbers.
void initialise(torch::nn::Module& network, double conv_deviation) {
  for (const auto& module : network.modules(/*include_self=*/false)) {
    if (auto* linear = module->as<torch::nn::Linear>()) {
      torch::nn::init::normal_(linear->weight, 0, kDeviation);
      if (linear->bias.defined()) torch::nn::init::zeros_(linear->bias);
    } else if (auto* conv = module->as<torch::nn::Conv2d>()) {
      torch::nn::init::normal_(conv->weight, 0, conv_deviation);
    }
  }
}

// Liu et al. 2022 for the local branch; He et al. 2015 for what ReLUs follow.
void initialise_repaired(torch::nn::Module& network, torch::nn::Module& local_branch) {
  initialise(network, kDeviation);
  for (const auto& parameter : network.named_parameters())
    if (parameter.key().ends_with("bias")) torch::nn::init::zeros_(parameter.value());
  const auto local = local_branch.modules(/*include_self=*/false);
  for (const auto& module : network.modules(/*include_self=*/false))
    if (auto* conv = module->as<torch::nn::Conv2d>(); conv && std::ranges::find(local, module) == local.end())
      torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU);
}

void check_size(const torch::Tensor& grey, std::int64_t input) {
  if (grey.size(2) == input && grey.size(3) == input) return;
  const auto side = std::to_string(input);
  throw core::InputError("rcfnet takes images of " + side + " x " + side + " px (model.input), got " +
                         std::to_string(grey.size(2)) + " x " + std::to_string(grey.size(3)) +
                         " (height x width). Set data.size = " + side +
                         ", or model.input to the side of the images if it is a multiple of " +
                         std::to_string(kStride) + ".");
}

}  // namespace

RcfNetOptions read_rcfnet_options(core::ConfigTable model) {
  static const std::array<std::string, 2> kForms = {"repaired", "released"};
  RcfNetOptions options;
  if (model.choice("form", "repaired", kForms) == "released") {
    options.form = RcfNetForm::Released;
    options.drop_path = 0;
  }
  options.width = model.number("width", options.width, {0.125, 2});
  options.input = model.integer("input", options.input, {kStride, 1024});
  if (options.input % kStride != 0) model.refuse("input", "a multiple of " + std::to_string(kStride));
  options.drop_path = model.number("drop_path", options.drop_path, {0, 0.9});
  options.dropout = model.number("dropout", options.dropout, {0, 0.9});
  return options;
}

RcfNet::RcfNet(const RcfNetOptions& options, std::int64_t outputs) : options_(options) {
  std::array<std::int64_t, 4> channels{};
  for (std::size_t i = 0; i < channels.size(); ++i) channels[i] = scaled(kChannels, options.width) << i;
  global_ =
      register_module("global", BotnetBranch(BotnetBranchImpl::Options{
                                    scaled(kPlanes, options.width), channels, options.input, options.form}));
  local_ = register_module("local", ConvNextBranch(channels, options.drop_path));
  merges_ = register_module("merges", torch::nn::ModuleList());
  for (std::size_t i = 0; i < channels.size(); ++i)
    merges_->push_back(
        MergeModule(MergeModuleImpl::Options{channels[i], i == 0, options.form, options.dropout}));
  norm_ = register_module("norm",
                          torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels.back()}).eps(kEpsilon)));
  head_ = register_module("head", torch::nn::Linear(channels.back(), outputs));
  if (options.form == RcfNetForm::Released)
    initialise(*this, kReleasedDeviation);
  else
    initialise_repaired(*this, *local_);
  lay_out_channels_last(*this);
}

torch::Tensor RcfNet::feature_map(const Batch& batch) {
  const torch::Tensor& grey = batch.images.grey;  // (samples, 1, input, input)
  check_size(grey, options_.input);
  torch::Tensor images = grey.expand({-1, 3, -1, -1}).contiguous(torch::MemoryFormat::ChannelsLast);
  if (options_.form == RcfNetForm::Released) images = images / kLevels;
  const auto global = global_(images), local = local_(images);
  torch::Tensor merged;
  for (std::size_t i = 0; i < merges_->size(); ++i)
    merged = merges_->ptr<MergeModuleImpl>(i)->forward(local[i], global[i], merged);
  return merged;
}

torch::Tensor RcfNet::answer(const torch::Tensor& feature_map) {
  return head_(norm_(feature_map.mean({2, 3})));  // (samples, channels) -> (samples, outputs)
}

}  // namespace tessera::models
