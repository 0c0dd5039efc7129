// SPDX-License-Identifier: Apache-2.0
#include "models/encoders/filter_bank.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"

namespace tessera::models {
namespace {

constexpr std::array<std::int64_t, 4> kScales{1, 2, 4, 8};
constexpr std::int64_t kFilters = 64;  // of a scale
constexpr std::int64_t kSide = 5;

std::string name_of(std::int64_t scale) {
  return fmt::format("scale{}", scale);
}

// A picture's values are brought to −1 … 1: responses of these filters are of deviation 1 where pixels were
// independent, and their thresholds lie within that.
Filters random_filters(std::uint64_t seed, std::int64_t scale) {
  core::RandomStream random(seed, "untrained filters", static_cast<std::uint64_t>(scale));
  auto weight = torch::empty({kFilters, 3, kSide, kSide});
  auto bias = torch::empty({kFilters});
  const double deviation = 1.0 / std::sqrt(3.0 * kSide * kSide);
  for (std::int64_t i = 0; i < weight.numel(); ++i)
    weight.data_ptr<float>()[i] = static_cast<float>(deviation * random.normal());
  for (std::int64_t i = 0; i < kFilters; ++i)
    bias.data_ptr<float>()[i] = static_cast<float>(random.uniform(-1, 1));
  return Filters(weight, bias);
}

}  // namespace

std::vector<std::string> filter_bank_layers() {
  std::vector<std::string> names;
  for (const auto scale : kScales) names.push_back(name_of(scale));
  return names;
}

FilterBank::FilterBank(const std::vector<std::string>& layers, Padding padding, std::uint64_t seed)
    : layers_(layers.empty() ? filter_bank_layers() : chosen_layers(layers, filter_bank_layers(), "filters")),
      padding_(padding) {
  for (const auto scale : kScales) {
    if (std::ranges::find(layers_, name_of(scale)) == layers_.end()) continue;
    scales_.push_back(scale);
    filters_.push_back(register_module(name_of(scale), random_filters(seed, scale)));
  }
}

std::vector<torch::Tensor> FilterBank::activations(const torch::Tensor& pictures) {
  const std::int64_t size = std::min(pictures.size(2), pictures.size(3)), reach = kSide / 2 * scales_.back();
  if (size < reach)
    throw core::InputError(fmt::format(
        "a picture must be at least {} px wide and high for the filters of {}, got {}. Take larger pictures, "
        "or finer layers.",
        reach, layers_.back(), size));
  std::vector<torch::Tensor> found;
  const torch::Tensor signal = 2 * pictures - 1;
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    const std::int64_t scale = scales_[i], margin = kSide / 2 * scale;
    const auto smooth =
        scale == 1 ? signal
                   : torch::avg_pool2d(padded(signal, (scale - 1) / 2, scale / 2, padding_), scale, 1);
    found.push_back(torch::relu(torch::conv2d(padded(smooth, margin, margin, padding_), filters_[i]->weight,
                                              filters_[i]->bias, at::IntArrayRef{1}, at::IntArrayRef{0},
                                              at::IntArrayRef{scale})));
  }
  return found;
}

void FilterBank::normalise_filters(const torch::Tensor& pictures) {
  const torch::NoGradGuard no_grad;
  const auto maps = activations(pictures);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const auto means = maps[i].mean({0, 2, 3});
    filters_[i]->scale_outputs(1 / torch::where(means > 0, means, torch::ones_like(means)));
  }
}

}  // namespace tessera::models
