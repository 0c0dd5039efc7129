// SPDX-License-Identifier: Apache-2.0
#include "models/row_batch_norm.hpp"

#include <limits>
#include <optional>
#include <vector>

#include "models/channel_statistics.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// An activation cuts off at both ends; strictly between them its slope is 1.
template <typename Real>
struct Bounds {
  Real floor = -std::numeric_limits<Real>::infinity(), ceiling = std::numeric_limits<Real>::infinity();

  explicit Bounds(Activation activation) {
    if (activation != Activation::None) floor = 0;
    if (activation == Activation::Relu6) ceiling = 6;
  }
};

// Per channel y = x · scale + shift, and what is skipped around it where kSkip.
template <bool kSkip, typename Stored, typename Real>
TESSERA_SIMD_CLONES void scale_rows(Rows<const Stored> rows, const Stored* skip, const Real* scale,
                                    const Real* shift, Bounds<Real> bounds, Stored* result) {
  const std::int64_t channels = rows.channels;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const Stored* s = kSkip ? skip + i * channels : nullptr;
    Stored* y = result + i * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      Real value = load_real(x + c) * scale[c] + shift[c];
      if constexpr (kSkip) value += load_real(s + c);
      value = value < bounds.floor ? bounds.floor : value;
      store_real(y + c, value > bounds.ceiling ? bounds.ceiling : value);
    }
  }
}

// The gradient behind the activation of a block, where its result is known.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void pass_gradient(Rows<const Stored> result, Rows<const Stored> gradient,
                                       Bounds<Real> bounds, Stored* passed) {
  const std::int64_t channels = result.channels;
  for (std::int64_t i = 0; i < result.count; ++i) {
    const Stored* y = result.row(i);
    const Stored* g = gradient.row(i);
    Stored* out = passed + i * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real value = load_real(y + c);
      const Real given = load_real(g + c);
      store_real(out + c, value > bounds.floor && value < bounds.ceiling ? given : Real(0));
    }
  }
}

// Sums over the rows of the gradient behind the activation, and of it times the deviation from the mean.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void block_gradient_sums(Rows<const Stored> rows, Rows<const Stored> gradient,
                                             const Real* mean, const Real* scale, const Real* shift,
                                             Bounds<Real> bounds, Real* sum, Real* deviation_sum) {
  const std::int64_t channels = rows.channels;
  std::fill_n(sum, channels, Real(0));
  std::fill_n(deviation_sum, channels, Real(0));
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const Stored* g = gradient.row(i);
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real value = load_real(x + c);
      const Real given = load_real(g + c);
      const Real result = value * scale[c] + shift[c];
      const Real passed = result > bounds.floor && result < bounds.ceiling ? given : Real(0);
      sum[c] += passed;
      deviation_sum[c] += passed * (value - mean[c]);
    }
  }
}

// Gradient of the rows: scale · g + constant + slope · x, with g the gradient behind the activation.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void gradient_rows(Rows<const Stored> rows, Rows<const Stored> gradient,
                                       const Real* scale, const Real* shift, const Real* constant,
                                       const Real* slope, Bounds<Real> bounds, Stored* result) {
  const std::int64_t channels = rows.channels;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const Stored* g = gradient.row(i);
    Stored* out = result + i * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real value = load_real(x + c);
      const Real given = load_real(g + c);
      const Real normalised = value * scale[c] + shift[c];
      const Real passed = normalised > bounds.floor && normalised < bounds.ceiling ? given : Real(0);
      store_real(out + c, scale[c] * passed + constant[c] + slope[c] * value);
    }
  }
}

// As many rows side by side as one wide row: few channels would leave most of a vector and of each loop idle.
std::int64_t rows_abreast(const torch::Tensor& rows) {
  constexpr std::int64_t kWideRow = 128;
  std::int64_t parts = 1;
  if (rows.is_contiguous())
    while (2 * parts * rows.size(1) <= kWideRow && rows.size(0) % (2 * parts) == 0) parts *= 2;
  return parts;
}

torch::Tensor abreast(const torch::Tensor& rows, std::int64_t parts) {
  return parts == 1 ? rows : rows.view({rows.size(0) / parts, rows.size(1) * parts});
}

Moments moments_of(const torch::Tensor& rows) {
  const std::int64_t parts = rows_abreast(rows);
  const torch::Tensor wide = abreast(rows, parts);
  Moments moments(wide.size(1));
  by_stored_type(wide, [&](auto stored) {
    using Stored = decltype(stored);
    const auto all = rows_of<const Stored>(wide);
    std::vector<RealOf<Stored>> scratch;
    for (std::int64_t first = 0; first < all.count; first += kBlockRows)
      moments.add(all.block(first), scratch);
  });
  return parts == 1 ? std::move(moments) : moments.folded(parts);
}

struct BatchNormRows : torch::autograd::Function<BatchNormRows> {
  // skip: none, or contiguous (rows, channels).
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& weight, const torch::Tensor& /*bias*/,
                               const std::optional<torch::Tensor>& skip,
                               const std::optional<torch::Tensor>& offset, const ChannelAffine& affine,
                               bool batch_statistics, Activation activation) {
    torch::Tensor result = torch::empty(rows.sizes(), rows.options());
    const std::int64_t parts = rows_abreast(rows);
    const torch::Tensor scale = affine.scale.repeat(parts), shift = affine.shift.repeat(parts);
    by_stored_type(rows, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      const auto x = rows_of<const Stored>(abreast(rows, parts));
      const Bounds<Real> bounds(activation);
      auto* y = static_cast<Stored*>(result.data_ptr());
      if (skip)
        scale_rows<true, Stored, Real>(x, static_cast<const Stored*>(skip->data_ptr()),
                                       scale.data_ptr<Real>(), shift.data_ptr<Real>(), bounds, y);
      else
        scale_rows<false, Stored, Real>(x, nullptr, scale.data_ptr<Real>(), shift.data_ptr<Real>(), bounds,
                                        y);
    });
    // What the activation let pass can be told from the rows, unless a skip was added on the way.
    context->save_for_backward(
        {rows, weight, skip ? result : torch::Tensor(), offset.value_or(torch::Tensor())});
    context->saved_data["affine"] = affine.pack();
    context->saved_data["batch_statistics"] = batch_statistics;
    context->saved_data["activation"] = static_cast<std::int64_t>(activation);
    context->saved_data["has_skip"] = skip.has_value();
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &rows = saved[0], &weight = saved[1], &result = saved[2], &offset = saved[3];
    const ChannelAffine affine(context->saved_data["affine"]);
    const bool has_skip = context->saved_data["has_skip"].toBool();
    const bool batch_statistics = context->saved_data["batch_statistics"].toBool();
    auto activation = static_cast<Activation>(context->saved_data["activation"].toInt());
    torch::Tensor gradient = walkable(gradients[0]);
    torch::Tensor passed;
    if (has_skip && activation != Activation::None) passed = torch::empty(rows.sizes(), rows.options());

    const std::int64_t parts = gradient.is_contiguous() ? rows_abreast(rows) : 1;
    const torch::Tensor wide = abreast(rows, parts);
    const torch::Tensor mean = affine.mean.repeat(parts), scale = affine.scale.repeat(parts),
                        shift = affine.shift.repeat(parts);
    const std::int64_t width = wide.size(1);
    torch::Tensor sum = torch::zeros(width, torch::kDouble), deviation_sum = torch::zeros_like(sum);
    torch::Tensor rows_gradient = torch::empty(rows.sizes(), rows.options());
    by_stored_type(rows, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      const auto x = rows_of<const Stored>(wide);
      auto g = rows_of<const Stored>(abreast(gradient, parts));
      Bounds<Real> bounds(activation);
      std::vector<Real> block_sum(static_cast<std::size_t>(width)), block_deviation(block_sum.size());
      const auto add_sums = [&](Rows<const Stored> block, Rows<const Stored> block_gradient) {
        block_gradient_sums<Stored, Real>(block, block_gradient, mean.data_ptr<Real>(),
                                          scale.data_ptr<Real>(), shift.data_ptr<Real>(), bounds,
                                          block_sum.data(), block_deviation.data());
        add_to_totals(block_sum, block_deviation, sum, deviation_sum);
      };
      if (passed.defined()) {
        const auto y = rows_of<const Stored>(abreast(result, parts));
        const Rows<Stored> behind = rows_of<Stored>(abreast(passed, parts));
        const Bounds<Real> of_result = bounds;
        bounds = Bounds<Real>(Activation::None);
        for (std::int64_t first = 0; first < x.count; first += kBlockRows) {
          pass_gradient<Stored, Real>(y.block(first), g.block(first), of_result, behind.row(first));
          const Rows<const Stored> from{behind.data, behind.count, behind.channels, behind.stride};
          add_sums(x.block(first), from.block(first));
        }
        g = {behind.data, behind.count, behind.channels, behind.stride};
      } else {
        for (std::int64_t first = 0; first < x.count; first += kBlockRows)
          add_sums(x.block(first), g.block(first));
      }
      sum = sum.view({parts, -1}).sum(0);
      deviation_sum = deviation_sum.view({parts, -1}).sum(0);
      const auto [constant, slope] =
          statistics_gradient(batch_statistics, rows.size(0), sum, deviation_sum, affine);
      const torch::Tensor constants = constant.repeat(parts), slopes = slope.repeat(parts);
      gradient_rows<Stored, Real>(x, g, scale.data_ptr<Real>(), shift.data_ptr<Real>(),
                                  constants.data_ptr<Real>(), slopes.data_ptr<Real>(), bounds,
                                  static_cast<Stored*>(rows_gradient.data_ptr()));
    });
    const torch::ScalarType type = weight.scalar_type();
    torch::Tensor offset_gradient;
    if (offset.defined())
      offset_gradient =
          batch_statistics ? torch::zeros_like(offset) : (sum * affine.scale).to(offset.scalar_type());
    const torch::Tensor skip_gradient = passed.defined() ? passed : has_skip ? gradient : torch::Tensor();
    return {rows_gradient,
            (deviation_sum * affine.inverse_deviation).to(type),
            sum.to(type),
            skip_gradient,
            offset_gradient,
            {},
            {},
            {}};
  }
};

torch::Tensor normalise(const torch::Tensor& x, const BatchNormState& norm, Activation activation,
                        const std::optional<torch::Tensor>& skip,
                        const std::optional<torch::Tensor>& offset) {
  const bool batch_statistics = uses_batch_statistics(norm, x);
  const ChannelAffine affine = [&] {
    const torch::NoGradGuard no_grad;
    const torch::Tensor held = offset.value_or(torch::Tensor());
    return batch_statistics ? affine_of_batch(moments_of(x), norm, real_type_of(x), held)
                            : affine_of_running(norm, real_type_of(x), held);
  }();
  return BatchNormRows::apply(x, norm.weight, norm.bias, skip, offset, affine, batch_statistics, activation);
}

// (samples, channels, height, width) -> (pixels, channels): no copy where the memory is channels-last.
torch::Tensor pixel_rows(const torch::Tensor& images) {
  return images.permute({0, 2, 3, 1}).reshape({-1, images.size(1)});
}

}  // namespace

torch::Tensor activated(const torch::Tensor& values, Activation activation) {
  if (activation == Activation::Relu6) return torch::relu6(values);
  return activation == Activation::Relu ? torch::relu(values) : values;
}

torch::Tensor batch_norm_rows(const torch::Tensor& rows, torch::nn::BatchNorm1dImpl& norm,
                              Activation activation, const torch::Tensor& offset) {
  if (!rows.is_cpu()) return activated(batch_norm_composed(rows, norm, offset), activation);
  std::optional<torch::Tensor> held;
  if (offset.defined()) held = offset;
  return normalise(walkable(known_type(rows)), norm, activation, std::nullopt, held);
}

torch::Tensor batch_norm_pixels(const torch::Tensor& images, torch::nn::BatchNorm2dImpl& norm,
                                Activation activation, const torch::Tensor& skip) {
  if (!images.is_cpu()) {
    const torch::Tensor normalised = batch_norm_composed(images, norm);
    return activated(skip.defined() ? normalised + skip : normalised, activation);
  }
  const torch::Tensor x = known_type(images);
  std::optional<torch::Tensor> around;
  if (skip.defined()) around = pixel_rows(skip.to(x.scalar_type())).contiguous();
  return normalise(walkable(pixel_rows(x)), norm, activation, around, std::nullopt)
      .view({x.size(0), x.size(2), x.size(3), x.size(1)})
      .permute({0, 3, 1, 2});
}

}  // namespace tessera::models
