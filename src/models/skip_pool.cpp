// SPDX-License-Identifier: Apache-2.0
#include "models/skip_pool.hpp"

#include "models/channel_statistics.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Two rows of pixels to one of half the width; `place` is 0 to 3 in reading order.
template <typename Stored>
TESSERA_SIMD_CLONES void pool_row(const Stored* upper, const Stored* lower, std::int64_t width,
                                  std::int64_t channels, Stored* pooled, std::uint8_t* place) {
  for (std::int64_t x = 0; x < width; ++x) {
    const Stored* left = upper + 2 * x * channels;
    const Stored* below = lower + 2 * x * channels;
    Stored* highest = pooled + x * channels;
    std::uint8_t* where = place + x * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto a = load_real(left + c), b = load_real(left + channels + c), d = load_real(below + c),
                 e = load_real(below + channels + c);
      const auto first = b > a ? b : a, second = e > d ? e : d;
      const int first_place = b > a ? 1 : 0, second_place = e > d ? 3 : 2;
      store_real(highest + c, second > first ? second : first);
      where[c] = static_cast<std::uint8_t>(second > first ? second_place : first_place);
    }
  }
}

// The skip's gradient, and on top of it the pooled one at its place. kSkip: whether there is the former.
template <bool kSkip, typename Stored>
TESSERA_SIMD_CLONES void unpool_row(const Stored* upper, const Stored* lower, const Stored* pooled,
                                    const std::uint8_t* place, std::int64_t width, std::int64_t channels,
                                    Stored* upper_result, Stored* lower_result) {
  for (std::int64_t x = 0; x < width; ++x) {
    const std::int64_t at = 2 * x * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto given = load_real(pooled + x * channels + c);
      const int where = place[x * channels + c];
      using Real = decltype(given + 0);
      const auto joined = [&](const Stored* skip, int here) {
        const Real chosen = where == here ? given : Real(0);
        return kSkip ? load_real(skip) + chosen : chosen;
      };
      store_real(upper_result + at + c, joined(upper + at + c, 0));
      store_real(upper_result + at + channels + c, joined(upper + at + channels + c, 1));
      store_real(lower_result + at + c, joined(lower + at + c, 2));
      store_real(lower_result + at + channels + c, joined(lower + at + channels + c, 3));
    }
  }
}

struct SkipAndPool : torch::autograd::Function<SkipAndPool> {
  // images: (samples, height, width, channels) contiguous; gives them back and the pooled ones.
  static variable_list forward(AutogradContext* context, const torch::Tensor& images) {
    const std::int64_t rows = images.size(0) * images.size(1) / 2, width = images.size(2) / 2,
                       channels = images.size(3);
    const torch::Tensor pooled =
        torch::empty({images.size(0), images.size(1) / 2, width, channels}, images.options());
    const torch::Tensor place = torch::empty_like(pooled, torch::kUInt8);
    by_stored_type(images, [&](auto stored) {
      using Stored = decltype(stored);
      const auto* from = static_cast<const Stored*>(images.data_ptr());
      auto* to = static_cast<Stored*>(pooled.data_ptr());
      const std::int64_t long_row = 2 * width * channels, short_row = width * channels;
      for (std::int64_t row = 0; row < rows; ++row)
        pool_row<Stored>(from + 2 * row * long_row, from + (2 * row + 1) * long_row, width, channels,
                         to + row * short_row, place.data_ptr<std::uint8_t>() + row * short_row);
    });
    context->save_for_backward({place});
    context->set_materialize_grads(false);
    return {images, pooled};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    if (!gradients[1].defined()) return {gradients[0]};
    const torch::Tensor place = context->get_saved_variables()[0];
    const torch::Tensor pooled = gradients[1].contiguous();
    const torch::Tensor skip = gradients[0].defined() ? gradients[0].contiguous() : torch::Tensor();
    const std::int64_t width = pooled.size(2), channels = pooled.size(3);
    const torch::Tensor result =
        torch::empty({pooled.size(0), 2 * pooled.size(1), 2 * width, channels}, pooled.options());
    by_stored_type(pooled, [&](auto stored) {
      using Stored = decltype(stored);
      const auto* from = static_cast<const Stored*>(pooled.data_ptr());
      const auto* around = skip.defined() ? static_cast<const Stored*>(skip.data_ptr()) : nullptr;
      auto* to = static_cast<Stored*>(result.data_ptr());
      const std::int64_t long_row = 2 * width * channels, short_row = width * channels;
      for (std::int64_t row = 0; row < pooled.size(0) * pooled.size(1); ++row) {
        const std::int64_t upper = 2 * row * long_row, lower = upper + long_row;
        const std::uint8_t* where = place.data_ptr<std::uint8_t>() + row * short_row;
        if (around)
          unpool_row<true, Stored>(around + upper, around + lower, from + row * short_row, where, width,
                                   channels, to + upper, to + lower);
        else
          unpool_row<false, Stored>(nullptr, nullptr, from + row * short_row, where, width, channels,
                                    to + upper, to + lower);
      }
    });
    return {result};
  }
};

}  // namespace

std::pair<torch::Tensor, torch::Tensor> skip_and_pool(const torch::Tensor& images) {
  if (!images.is_cpu()) return {images, torch::max_pool2d(images, 2)};
  const variable_list both = SkipAndPool::apply(known_type(images).permute({0, 2, 3, 1}).contiguous());
  return {both[0].permute({0, 3, 1, 2}), both[1].permute({0, 3, 1, 2})};
}

}  // namespace tessera::models
