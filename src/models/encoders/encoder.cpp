// SPDX-License-Identifier: Apache-2.0
#include "models/encoders/encoder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "models/encoders/convolution_stack.hpp"
#include "models/encoders/filter_bank.hpp"
#include "models/encoders/squeezenet.hpp"
#include "models/encoders/vgg19.hpp"
#include "models/safetensors.hpp"

namespace tessera::models {
namespace {

struct StackFile {
  StackPlan plan;
  NamedTensors weights;
  std::string name;  // of the file
};

StackFile read_stack(const EncoderOptions& options) {
  const bool is_named = options.name == "vgg19" || options.name == "squeezenet";
  if (!is_named && !options.name.ends_with(".safetensors"))
    throw core::InputError(
        fmt::format("encoder must be \"filters\", \"squeezenet\", \"vgg19\" or the path of a .safetensors "
                    "file, got \"{}\".",
                    options.name));
  const auto file =
      is_named ? options.folder / (options.name + ".safetensors") : std::filesystem::path(options.name);
  if (!std::filesystem::exists(file))
    throw core::InputError(
        fmt::format("the encoder's weights must lie in {}, there is no such file. {}encoder = \"filters\" "
                    "needs no weights.",
                    file.string(), is_named ? "./dev encoders puts them into the folder encoders; " : ""));
  StackFile stack{options.name == "squeezenet" ? squeezenet_plan() : vgg19_plan(), read_safetensors(file),
                  file.string()};
  stack.plan.stages.resize(num_stages_in(stack.plan, stack.weights, stack.name));
  return stack;
}

std::vector<std::string> names_of(const StackPlan& plan) {
  std::vector<std::string> names;
  for (const auto& stage : plan.stages) names.push_back(stage.name);
  return names;
}

}  // namespace

std::vector<std::string> chosen_layers(const std::vector<std::string>& asked,
                                       const std::vector<std::string>& present, const std::string& encoder) {
  for (const auto& layer : asked)
    if (std::ranges::find(present, layer) == present.end())
      throw core::InputError(fmt::format("the layers of the encoder {} are {}; it has no layer \"{}\".",
                                         encoder, fmt::join(present, ", "), layer));
  std::vector<std::string> chosen;
  for (const auto& layer : present)
    if (std::ranges::find(asked, layer) != asked.end()) chosen.push_back(layer);
  return chosen;
}

std::shared_ptr<Encoder> make_encoder(const EncoderOptions& options) {
  if (options.name == "filters")
    return std::make_shared<FilterBank>(options.layers, options.padding, options.seed);
  auto [plan, weights, file] = read_stack(options);
  auto asked = options.layers;
  if (asked.empty()) {
    const auto present = names_of(plan);
    for (const auto& layer : plan.default_layers)
      if (std::ranges::find(present, layer) != present.end()) asked.push_back(layer);
    if (asked.empty()) asked = present;
  }
  return std::make_shared<ConvolutionStack>(plan, weights, asked, options.padding, file);
}

std::vector<std::string> encoder_layers(const EncoderOptions& options) {
  return options.name == "filters" ? filter_bank_layers() : names_of(read_stack(options).plan);
}

torch::Tensor padded(const torch::Tensor& pictures, std::int64_t before, std::int64_t after,
                     Padding padding) {
  if (before == 0 && after == 0) return pictures;
  const std::vector<std::int64_t> sides{before, after, before, after};
  return padding == Padding::Periodic ? at::pad(pictures, sides, "circular") : at::pad(pictures, sides);
}

}  // namespace tessera::models
