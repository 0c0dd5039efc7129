// SPDX-License-Identifier: Apache-2.0
#include "models/vgg_regressor.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/encoders/convolution_stack.hpp"
#include "models/encoders/filter_bank.hpp"
#include "models/encoders/squeezenet.hpp"
#include "models/encoders/vgg19.hpp"

namespace tessera::models {
namespace {

constexpr const char* kScratch = "scratch";
constexpr std::string_view kEncoder = "encoder.";  // before the names of its tensors
constexpr double kLevels = 255;                    // by which a stack multiplies its pictures

// Pictures of photographs have a mean near ½ and a deviation near ¼ (ImageNet: 0.45 and 0.23), and so have
// these then. They are not cut off at 0 and 1: a rare phase lies several deviations from the mean, and would
// be pushed onto its neighbour.
constexpr double kContrastOfPhotographs = 0.25;

// Behind the stack's own centring (255 · picture − 127.5) standardised levels are what they were before:
// fresh weights of unit gain want no more, and learning rates mean what they mean elsewhere.
constexpr double kContrastOfScratch = 1 / kLevels;

NamedTensors fresh_weights(const StackPlan& plan, std::int64_t base_width) {
  NamedTensors weights{{"mean", torch::full({3}, kLevels / 2)}};
  std::int64_t in = 3, out = base_width;
  for (const auto& stage : plan.stages) {
    if (stage.is_after_pool) out = std::min(2 * out, 8 * base_width);
    const double deviation = std::sqrt(2.0 / static_cast<double>(9 * in));  // He et al. 2015, for ReLUs
    weights[stage.name + ".weight"] = deviation * torch::randn({out, in, 3, 3});
    weights[stage.name + ".bias"] = torch::zeros({out});
    in = out;
  }
  return weights;
}

// Zero padding, as VGG-19 and SqueezeNet were trained with: what lies beyond the border is not known.
std::shared_ptr<Encoder> stack_of(StackPlan plan, const NamedTensors& weights, std::string last_layer,
                                  const std::string& source) {
  plan.stages.resize(num_stages_in(plan, weights, source));
  if (last_layer.empty()) last_layer = plan.stages.back().name;
  return std::make_shared<ConvolutionStack>(plan, weights, std::vector{last_layer}, Padding::Zero, source);
}

NamedTensors encoders_part(const NamedTensors& weights) {
  NamedTensors part;
  for (const auto& [name, tensor] : weights)
    if (name.starts_with(kEncoder)) part[name.substr(kEncoder.size())] = tensor;
  return part;
}

std::shared_ptr<Encoder> encoder_of_file(const VggRegressorOptions& options) {
  EncoderOptions chosen{.name = options.encoder, .folder = options.encoder_folder, .padding = Padding::Zero};
  if (options.last_layer.empty()) {
    if (options.encoder == "filters") return make_encoder(chosen);
    // Only the deepest of those it would give.
    chosen.layers = {make_encoder(chosen)->layers().back()};
    return make_encoder(chosen);
  }
  chosen.layers = {options.last_layer};
  if (options.encoder == "filters") {
    const auto scales = encoder_layers(chosen);
    chosen_layers(chosen.layers, scales, options.encoder);
    chosen.layers.assign(scales.begin(), std::ranges::find(scales, options.last_layer) + 1);
  }
  return make_encoder(chosen);
}

std::shared_ptr<Encoder> encoder_of(const VggRegressorOptions& options, const NamedTensors* weights) {
  if (options.encoder == "filters") return encoder_of_file(options);
  if (weights)
    return stack_of(options.encoder == "squeezenet" ? squeezenet_plan() : vgg19_plan(),
                    encoders_part(*weights), options.last_layer, "the checkpoint");
  if (options.encoder != kScratch) return encoder_of_file(options);
  // Layers behind the last one are drawn too and dropped: those before it do not depend on where it is cut.
  return stack_of(vgg19_plan(), fresh_weights(vgg19_plan(), options.base_width), options.last_layer,
                  kScratch);
}

// "conv4_4" → "conv4", "fire9_expand1x1" → "fire9", "scale8" as it is.
std::string block_of(const std::string& layer) {
  return layer.substr(0, layer.find('_'));
}

void choose_trained(Encoder& encoder, TrainedPart part) {
  const auto top = block_of(encoder.layers().back());
  for (const auto& child : encoder.named_children())
    for (auto& parameter : child.value()->parameters())
      parameter.set_requires_grad(part == TrainedPart::All ||
                                  (part == TrainedPart::TopBlock && block_of(child.key()) == top));
}

// (samples, channels, h, w); scales of the untrained filters one behind the other.
torch::Tensor map_of(Encoder& encoder, const torch::Tensor& pictures) {
  const auto maps = encoder.activations(pictures);
  return maps.size() == 1 ? maps[0] : torch::cat(maps, 1);
}

}  // namespace

VggRegressorOptions read_vgg_regressor_options(core::ConfigTable model) {
  static const std::array<std::string, 3> kParts{"head", "top_block", "all"};
  VggRegressorOptions options;
  options.encoder = model.text("encoder", options.encoder);
  const bool is_scratch = options.encoder == kScratch;
  if (is_scratch)
    options.base_width = model.integer("base_width", options.base_width, {1, 1024});
  else
    options.encoder_folder = model.text("encoder_folder", options.encoder_folder.string());
  options.last_layer = model.text("last_layer", is_scratch || options.encoder == "vgg19" ? "conv4_4" : "");
  options.hidden_width = model.integer("hidden_width", options.hidden_width, {1, 1 << 16});
  options.dropout = model.number("dropout", options.dropout, {0, 0.99});
  const auto part = model.choice("trained", is_scratch ? "all" : "top_block", kParts);
  options.trained = static_cast<TrainedPart>(std::ranges::find(kParts, part) - kParts.begin());
  options.encoder_rate = model.number("encoder_rate", is_scratch ? 1 : options.encoder_rate, {1e-9, 100});
  return options;
}

VggRegressor::VggRegressor(const VggRegressorOptions& options, std::int64_t outputs,
                           const NamedTensors* weights)
    : encoder_(register_module("encoder", encoder_of(options, weights))),
      contrast_(options.encoder == kScratch ? kContrastOfScratch : kContrastOfPhotographs),
      encoder_rate_(options.encoder_rate),
      is_frozen_(options.trained == TrainedPart::Head) {
  std::int64_t channels = 0;
  {
    const torch::NoGradGuard no_gradients;
    channels = map_of(*encoder_, torch::zeros({1, 3, 32, 32})).size(1);
  }
  choose_trained(*encoder_, options.trained);
  hidden_ = register_module("hidden", torch::nn::Linear(channels, options.hidden_width));
  dropout_ = register_module("dropout", torch::nn::Dropout(options.dropout));
  output_ = register_module("output", torch::nn::Linear(options.hidden_width, outputs));
}

torch::Tensor VggRegressor::feature_map(const Batch& batch) {
  // A frozen encoder keeps nothing for a backward pass that never comes.
  const torch::AutoGradMode gradients(torch::GradMode::is_enabled() && !is_frozen_);
  const torch::Tensor pictures = 0.5 + contrast_ * batch.images.grey;  // (samples, 1, height, width)
  return map_of(*encoder_, pictures.expand({-1, 3, -1, -1}));
}

torch::Tensor VggRegressor::answer(const torch::Tensor& map) {
  const torch::Tensor means = map.to(torch::kFloat32).mean({2, 3});  // (samples, channels)
  return output_(dropout_(torch::relu(hidden_(means))));
}

double VggRegressor::learning_rate_factor(const std::string& parameter) const {
  return parameter.starts_with(kEncoder) ? encoder_rate_ : 1;
}

}  // namespace tessera::models
