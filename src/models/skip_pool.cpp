// SPDX-License-Identifier: Apache-2.0
#include "models/skip_pool.hpp"

#include "models/channel_statistics.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Two rows of pixels to one of half the width: the highest of each four.
template <typename Stored>
TESSERA_SIMD_CLONES void pool_row(const Stored* upper, const Stored* lower, std::int64_t width,
                                  std::int64_t channels, Stored* pooled) {
  for (std::int64_t x = 0; x < width; ++x) {
    const Stored* above = upper + 2 * x * channels;
    const Stored* under = lower + 2 * x * channels;
    Stored* to = pooled + x * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto a = load_real(above + c), b = load_real(above + channels + c), d = load_real(under + c),
                 e = load_real(under + channels + c);
      const auto first = b > a ? b : a, second = e > d ? e : d;
      store_real(to + c, second > first ? second : first);
    }
  }
}

// The upper and the lower row of pixels that become one.
template <typename Stored>
struct TwoRows {
  Stored *upper, *lower;
};

// The skip's gradient, and at the highest of each four pixels the pooled one on top. Which one is highest is
// asked again: the map is kept anyway, and a note of it would cost more to write than this to read. kSkip:
// whether there is a skip.
template <bool kSkip, typename Stored>
TESSERA_SIMD_CLONES void unpool_row(TwoRows<const Stored> map, TwoRows<const Stored> skip,
                                    const Stored* pooled, std::int64_t width, std::int64_t channels,
                                    TwoRows<Stored> result) {
  for (std::int64_t x = 0; x < width; ++x) {
    const std::int64_t left = 2 * x * channels, right = left + channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto a = load_real(map.upper + left + c), b = load_real(map.upper + right + c),
                 d = load_real(map.lower + left + c), e = load_real(map.lower + right + c),
                 given = load_real(pooled + x * channels + c);
      const decltype(given + 0) none = 0;
      const auto first = b > a ? b : a, second = e > d ? e : d;
      const auto above = second > first ? none : given, under = second > first ? given : none;
      const auto skipped = [&](const Stored* at) { return kSkip ? load_real(at) : none; };
      store_real(result.upper + left + c, skipped(skip.upper + left + c) + (b > a ? none : above));
      store_real(result.upper + right + c, skipped(skip.upper + right + c) + (b > a ? above : none));
      store_real(result.lower + left + c, skipped(skip.lower + left + c) + (e > d ? none : under));
      store_real(result.lower + right + c, skipped(skip.lower + right + c) + (e > d ? under : none));
    }
  }
}

struct SkipAndPool : torch::autograd::Function<SkipAndPool> {
  // images: (samples, height, width, channels) contiguous; gives them back and the pooled ones.
  static variable_list forward(AutogradContext* context, const torch::Tensor& images) {
    const std::int64_t rows = images.size(0) * images.size(1) / 2, width = images.size(2) / 2,
                       channels = images.size(3), row_size = 2 * width * channels;
    const torch::Tensor pooled =
        torch::empty({images.size(0), images.size(1) / 2, width, channels}, images.options());
    by_stored_type(images, [&](auto stored) {
      using Stored = decltype(stored);
      const auto* from = static_cast<const Stored*>(images.data_ptr());
      auto* to = static_cast<Stored*>(pooled.data_ptr());
      for (std::int64_t row = 0; row < rows; ++row, from += 2 * row_size, to += row_size / 2)
        pool_row<Stored>(from, from + row_size, width, channels, to);
    });
    context->save_for_backward({images});
    context->set_materialize_grads(false);
    return {images, pooled};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    if (!gradients[1].defined()) return {gradients[0]};
    const torch::Tensor images = context->get_saved_variables()[0];
    const torch::Tensor pooled = gradients[1].contiguous();
    const torch::Tensor skip = gradients[0].defined() ? gradients[0].contiguous() : torch::Tensor();
    const std::int64_t rows = pooled.size(0) * pooled.size(1), width = pooled.size(2),
                       channels = pooled.size(3), row_size = 2 * width * channels;
    const torch::Tensor result = torch::empty(images.sizes(), images.options());
    by_stored_type(images, [&](auto stored) {
      using Stored = decltype(stored);
      const auto rows_of_pair = [&](const torch::Tensor& tensor, std::int64_t row) {
        auto* upper = static_cast<Stored*>(tensor.data_ptr()) + 2 * row * row_size;
        return TwoRows<Stored>{upper, upper + row_size};
      };
      const auto* from = static_cast<const Stored*>(pooled.data_ptr());
      for (std::int64_t row = 0; row < rows; ++row, from += row_size / 2) {
        const TwoRows<Stored> map = rows_of_pair(images, row), to = rows_of_pair(result, row);
        if (skip.defined()) {
          const TwoRows<Stored> around = rows_of_pair(skip, row);
          unpool_row<true, Stored>({map.upper, map.lower}, {around.upper, around.lower}, from, width,
                                   channels, to);
        } else {
          unpool_row<false, Stored>({map.upper, map.lower}, {map.upper, map.lower}, from, width, channels,
                                    to);
        }
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
