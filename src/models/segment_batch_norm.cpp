// SPDX-License-Identifier: Apache-2.0
#include "models/segment_batch_norm.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "models/channel_statistics.hpp"
#include "models/segment.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Follows, per channel, the largest of direction · x and its row.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void follow_maximum(Rows<const Stored> rows, std::int64_t first_row,
                                        const Real* direction, Real* best, std::int32_t* row_of) {
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const auto row = static_cast<std::int32_t>(first_row + i);
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const Real value = load_real(x + c) * direction[c];
      const bool greater = value > best[c];
      best[c] = greater ? value : best[c];
      row_of[c] = greater ? row : row_of[c];
    }
  }
}

template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void affine_rows(Rows<const Stored> rows, const Real* constant, const Real* slope,
                                     Stored* result) {
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    Stored* out = result + i * rows.channels;
    for (std::int64_t c = 0; c < rows.channels; ++c)
      store_real(out + c, constant[c] + slope[c] * load_real(x + c));
  }
}

// One pass over the rows gives their moments and, by segment and channel, the row value that normalises to
// the maximum and its row (-1 where the segment is empty).
struct Extremes {
  ChannelAffine affine;
  torch::Tensor best;    // (segments, channels), float32 or float64
  torch::Tensor row_of;  // (segments, channels), int32
};

Extremes find_extremes(const torch::Tensor& x, torch::nn::BatchNorm1dImpl& norm,
                       const std::vector<std::int64_t>& offsets, bool batch_statistics) {
  const torch::NoGradGuard no_grad;
  const torch::ScalarType real = real_type_of(x);
  const std::int64_t channels = x.size(1);
  const auto num_segments = static_cast<std::int64_t>(offsets.size()) - 1;
  const torch::Tensor direction = torch::where(norm.weight < 0, -1.0, 1.0).to(real);
  torch::Tensor best = torch::full({num_segments, channels}, -std::numeric_limits<double>::infinity(), real);
  torch::Tensor row_of = torch::full({num_segments, channels}, -1, torch::kInt);
  Moments moments(channels);
  by_stored_type(x, [&](auto stored) {
    using Stored = decltype(stored);
    using Real = RealOf<Stored>;
    const auto all = rows_of<const Stored>(x);
    std::vector<Real> scratch;
    Real* segment_best = best.data_ptr<Real>();
    auto* segment_row = row_of.data_ptr<std::int32_t>();
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s, segment_best += channels, segment_row += channels)
      for (std::int64_t first = offsets[s]; first < offsets[s + 1]; first += kBlockRows) {
        auto block = all.block(first);
        block.count = std::min(block.count, offsets[s + 1] - first);
        if (batch_statistics) moments.add(block, scratch);
        follow_maximum<Stored, Real>(block, first, direction.data_ptr<Real>(), segment_best, segment_row);
      }
  });
  best = (best * direction).masked_fill_(row_of < 0, 0);
  return {batch_statistics ? affine_of_batch(moments, norm, real) : affine_of_running(norm, real), best,
          row_of};
}

struct BatchNormSegmentMax : torch::autograd::Function<BatchNormSegmentMax> {
  // best (segments, channels): the row value whose normalised value is the maximum; row_of: its row or -1.
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& weight, const torch::Tensor& /*bias*/,
                               const ChannelAffine& affine, bool batch_statistics, const torch::Tensor& best,
                               const torch::Tensor& row_of) {
    context->save_for_backward({rows, weight, best, row_of});
    context->saved_data["affine"] = affine.pack();
    context->saved_data["batch_statistics"] = batch_statistics;
    return (best * affine.scale + affine.shift).masked_fill(row_of < 0, 0).to(rows.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &rows = saved[0], &weight = saved[1], &best = saved[2], &row_of = saved[3];
    const ChannelAffine affine(context->saved_data["affine"]);
    const torch::Tensor gradient = gradients[0]
                                       .to(affine.scale.scalar_type())
                                       .masked_fill(row_of < 0, 0)
                                       .contiguous();  // (segments, channels)
    const torch::Tensor sum = gradient.sum(0, false, torch::kDouble);
    const torch::Tensor deviation_sum = (gradient * (best - affine.mean)).sum(0, false, torch::kDouble);
    const auto [constant, slope] = statistics_gradient(context->saved_data["batch_statistics"].toBool(),
                                                       rows.size(0), sum, deviation_sum, affine);
    const torch::Tensor at_maximum =
        gradient * affine.scale + constant + slope * best;  // (segments, channels)
    torch::Tensor result = torch::empty(rows.sizes(), rows.options());
    by_stored_type(rows, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      auto* out = static_cast<Stored*>(result.data_ptr());
      affine_rows<Stored, Real>(rows_of<const Stored>(rows), constant.data_ptr<Real>(),
                                slope.data_ptr<Real>(), out);
      const auto* row = row_of.data_ptr<std::int32_t>();
      const Real* value = at_maximum.data_ptr<Real>();
      const std::int64_t channels = rows.size(1);
      for (std::int64_t k = 0; k < row_of.numel(); ++k)
        if (row[k] >= 0) store_real(out + row[k] * channels + k % channels, value[k]);
    });
    const torch::ScalarType type = weight.scalar_type();
    return {result,          (deviation_sum * affine.inverse_deviation).to(type),
            sum.to(type),    torch::Tensor(),
            torch::Tensor(), torch::Tensor(),
            torch::Tensor()};
  }
};

}  // namespace

torch::Tensor batch_norm_segment_max(const torch::Tensor& rows, torch::nn::BatchNorm1dImpl& norm,
                                     const torch::Tensor& segment, std::int64_t num_segments) {
  if (!rows.is_cpu()) return segment_max(batch_norm_composed(rows, norm), segment, num_segments);
  const torch::Tensor x = walkable(known_type(rows));
  const bool batch_statistics = uses_batch_statistics(norm, x);
  const auto [affine, best, row_of] =
      find_extremes(x, norm, segment_offsets(segment, num_segments), batch_statistics);
  return BatchNormSegmentMax::apply(x, norm.weight, norm.bias, affine, batch_statistics, best, row_of);
}

}  // namespace tessera::models
