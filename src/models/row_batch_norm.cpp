// SPDX-License-Identifier: Apache-2.0
#include "models/row_batch_norm.hpp"

#include <limits>
#include <vector>

#include "models/channel_statistics.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Per channel y = x · scale + shift.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void scale_rows(Rows<const Stored> rows, const Real* scale, const Real* shift, bool relu,
                                    Stored* result) {
  const std::int64_t channels = rows.channels;
  const Real floor = relu ? Real(0) : -std::numeric_limits<Real>::infinity();
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    Stored* y = result + i * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real value = load_real(x + c) * scale[c] + shift[c];
      store_real(y + c, value < floor ? floor : value);
    }
  }
}

// Sums over the rows of the gradient behind the ReLU, and of it times the deviation from the mean.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void block_gradient_sums(Rows<const Stored> rows, Rows<const Stored> gradient,
                                             const Real* mean, const Real* scale, const Real* shift,
                                             bool relu, Real* sum, Real* deviation_sum) {
  const std::int64_t channels = rows.channels;
  const Real floor = relu ? Real(0) : -std::numeric_limits<Real>::infinity();
  std::fill_n(sum, channels, Real(0));
  std::fill_n(deviation_sum, channels, Real(0));
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const Stored* g = gradient.row(i);
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real value = load_real(x + c);
      const Real given = load_real(g + c);
      const Real passed = value * scale[c] + shift[c] > floor ? given : Real(0);
      sum[c] += passed;
      deviation_sum[c] += passed * (value - mean[c]);
    }
  }
}

// Gradient of the rows: scale · g + constant + slope · x, with g the gradient behind the ReLU.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void gradient_rows(Rows<const Stored> rows, Rows<const Stored> gradient,
                                       const Real* scale, const Real* shift, const Real* constant,
                                       const Real* slope, bool relu, Stored* result) {
  const std::int64_t channels = rows.channels;
  const Real floor = relu ? Real(0) : -std::numeric_limits<Real>::infinity();
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const Stored* g = gradient.row(i);
    Stored* out = result + i * channels;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real value = load_real(x + c);
      const Real given = load_real(g + c);
      const Real passed = value * scale[c] + shift[c] > floor ? given : Real(0);
      store_real(out + c, scale[c] * passed + constant[c] + slope[c] * value);
    }
  }
}

struct BatchNormRows : torch::autograd::Function<BatchNormRows> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& weight, const torch::Tensor& /*bias*/,
                               const ChannelAffine& affine, bool batch_statistics, bool relu) {
    torch::Tensor result = torch::empty(rows.sizes(), rows.options());
    by_stored_type(rows, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      scale_rows<Stored, Real>(rows_of<const Stored>(rows), affine.scale.data_ptr<Real>(),
                               affine.shift.data_ptr<Real>(), relu, static_cast<Stored*>(result.data_ptr()));
    });
    context->save_for_backward({rows, weight});
    context->saved_data["affine"] = affine.pack();
    context->saved_data["batch_statistics"] = batch_statistics;
    context->saved_data["relu"] = relu;
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &rows = saved[0], &weight = saved[1];
    const ChannelAffine affine(context->saved_data["affine"]);
    const bool relu = context->saved_data["relu"].toBool();
    const torch::Tensor gradient = walkable(gradients[0]);
    const std::int64_t channels = rows.size(1);
    torch::Tensor sum = torch::zeros(channels, torch::kDouble), deviation_sum = torch::zeros_like(sum);
    torch::Tensor result = torch::empty(rows.sizes(), rows.options());
    by_stored_type(rows, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      const auto x = rows_of<const Stored>(rows);
      const auto g = rows_of<const Stored>(gradient);
      std::vector<Real> block_sum(static_cast<std::size_t>(channels)), block_deviation(block_sum.size());
      for (std::int64_t first = 0; first < x.count; first += kBlockRows) {
        block_gradient_sums<Stored, Real>(x.block(first), g.block(first), affine.mean.data_ptr<Real>(),
                                          affine.scale.data_ptr<Real>(), affine.shift.data_ptr<Real>(), relu,
                                          block_sum.data(), block_deviation.data());
        add_to_totals(block_sum, block_deviation, sum, deviation_sum);
      }
      const auto [constant, slope] = statistics_gradient(context->saved_data["batch_statistics"].toBool(),
                                                         x.count, sum, deviation_sum, affine);
      gradient_rows<Stored, Real>(x, g, affine.scale.data_ptr<Real>(), affine.shift.data_ptr<Real>(),
                                  constant.template data_ptr<Real>(), slope.template data_ptr<Real>(), relu,
                                  static_cast<Stored*>(result.data_ptr()));
    });
    const torch::ScalarType type = weight.scalar_type();
    return {result,          (deviation_sum * affine.inverse_deviation).to(type),
            sum.to(type),    torch::Tensor(),
            torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor batch_norm_rows(const torch::Tensor& rows, torch::nn::BatchNorm1dImpl& norm,
                              Activation activation) {
  const bool relu = activation == Activation::Relu;
  if (!rows.is_cpu()) {
    const torch::Tensor normalised = batch_norm_composed(rows, norm);
    return relu ? torch::relu(normalised) : normalised;
  }
  const torch::Tensor x = walkable(known_type(rows));
  const bool batch_statistics = uses_batch_statistics(norm, x);
  const ChannelAffine affine = [&] {
    const torch::NoGradGuard no_grad;
    if (!batch_statistics) return affine_of_running(norm, real_type_of(x));
    Moments moments(x.size(1));
    by_stored_type(x, [&](auto stored) {
      using Stored = decltype(stored);
      const auto all = rows_of<const Stored>(x);
      std::vector<RealOf<Stored>> scratch;
      for (std::int64_t first = 0; first < all.count; first += kBlockRows)
        moments.add(all.block(first), scratch);
    });
    return affine_of_batch(moments, norm, real_type_of(x));
  }();
  return BatchNormRows::apply(x, norm.weight, norm.bias, affine, batch_statistics, relu);
}

}  // namespace tessera::models
