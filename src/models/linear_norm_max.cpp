// SPDX-License-Identifier: Apache-2.0
#include "models/linear_norm_max.hpp"

#include <ATen/autocast_mode.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "models/channel_statistics.hpp"
#include "models/segment.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows of one piece: enough for the product to run at full speed, few enough that its result stays in cache.
constexpr std::int64_t kPieceRows = 1024;

// Follows, per channel, the largest of direction · x and its row. The first NaN stays, as in torch.max: a
// maximum that passes it by would hide a broken record.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void follow_maximum(Rows<const Stored> rows, std::int64_t first_row,
                                        const Real* direction, Real* best, std::int32_t* row_of) {
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    const auto row = static_cast<std::int32_t>(first_row + i);
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const Real value = load_real(x + c) * direction[c];
      const bool greater = !(value <= best[c]) && best[c] == best[c];
      best[c] = greater ? value : best[c];
      row_of[c] = greater ? row : row_of[c];
    }
  }
}

// One maximum's gradient, to the row it came from and to its channel's weights.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void add_peak(Real gradient, const Stored* row, const Real* weight, std::int64_t width,
                                  Real* row_gradient, Real* weight_gradient) {
  TESSERA_INDEPENDENT
  for (std::int64_t k = 0; k < width; ++k) {
    row_gradient[k] += gradient * weight[k];
    weight_gradient[k] += gradient * load_real(row + k);
  }
}

template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void subtract_row(Rows<const Stored> rows, const Real* mean, Stored* result) {
  for (std::int64_t i = 0; i < rows.count; ++i, result += rows.channels) {
    const Stored* x = rows.row(i);
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < rows.channels; ++c) store_real(result + c, load_real(x + c) - mean[c]);
  }
}

template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void add_row(Rows<const Stored> rows, const Real* level, Real* result) {
  for (std::int64_t i = 0; i < rows.count; ++i, result += rows.channels) {
    const Stored* x = rows.row(i);
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < rows.channels; ++c) result[c] = load_real(x + c) + level[c];
  }
}

// rows - mean, in the rows' type: one pass where LibTorch converts, subtracts and converts back.
torch::Tensor centred(const torch::Tensor& rows, const torch::Tensor& mean) {
  torch::Tensor result = torch::empty(rows.sizes(), rows.options());
  by_stored_type(rows, [&](auto stored) {
    using Stored = decltype(stored);
    using Real = RealOf<Stored>;
    subtract_row<Stored, Real>(rows_of<const Stored>(rows), mean.data_ptr<Real>(),
                               static_cast<Stored*>(result.data_ptr()));
  });
  return result;
}

// rows + level into `result`, which is contiguous and of the real type.
void put_raised(const torch::Tensor& rows, const torch::Tensor& level, torch::Tensor& result) {
  by_stored_type(rows, [&](auto stored) {
    using Stored = decltype(stored);
    using Real = RealOf<Stored>;
    add_row<Stored, Real>(rows_of<const Stored>(rows), level.data_ptr<Real>(), result.data_ptr<Real>());
  });
}

torch::ScalarType product_type(const torch::Tensor& rows) {
  return at::autocast::is_autocast_enabled(at::kCPU) ? at::autocast::get_autocast_dtype(at::kCPU)
                                                     : rows.scalar_type();
}

// What one look at all rows gives.
struct Extremes {
  Moments moments;
  torch::Tensor best;    // (segments, out), float32 or float64: the value that normalises to the maximum
  torch::Tensor row_of;  // (segments, out), int32: its row, -1 where the segment is empty
};

// Of rows · weightᵀ, without the bias.
Extremes find_extremes(const torch::Tensor& rows, const torch::Tensor& weight,
                       const torch::Tensor& norm_weight, const std::vector<std::int64_t>& offsets,
                       bool with_moments) {
  const torch::ScalarType type = weight.scalar_type(), real = real_type_of(weight);
  const std::int64_t num_rows = rows.size(0), out = weight.size(0);
  const auto num_segments = static_cast<std::int64_t>(offsets.size()) - 1;
  const torch::Tensor direction = torch::where(norm_weight < 0, -1.0, 1.0).to(real);
  Extremes found{Moments(out),
                 torch::full({num_segments, out}, -std::numeric_limits<double>::infinity(), real),
                 torch::full({num_segments, out}, -1, torch::kInt)};
  torch::Tensor buffer = torch::empty({std::min(kPieceRows, num_rows), out}, weight.options());
  std::size_t segment = 0;
  for (std::int64_t first = 0; first < num_rows; first += kPieceRows) {
    const std::int64_t end = std::min(first + kPieceRows, num_rows);
    torch::Tensor piece = buffer.narrow(0, 0, end - first);
    at::mm_out(piece, rows.narrow(0, first, end - first).to(type), weight.t());
    by_stored_type(piece, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      const auto all = rows_of<const Stored>(piece);
      std::vector<Real> scratch;
      for (std::int64_t row = first; row < end;) {
        while (offsets[segment + 1] <= row) ++segment;
        auto block = all.block(row - first);
        block.count = std::min(block.count, offsets[segment + 1] - row);
        if (with_moments) found.moments.add(block, scratch);
        const std::int64_t at = static_cast<std::int64_t>(segment) * out;
        follow_maximum<Stored, Real>(block, row, direction.data_ptr<Real>(), found.best.data_ptr<Real>() + at,
                                     found.row_of.data_ptr<std::int32_t>() + at);
        row += block.count;
      }
    });
  }
  found.best = found.best * direction;
  return found;
}

// Entries of row_of (flat) in the order of their rows; entries without a row are left out.
std::vector<std::int32_t> by_row(const torch::Tensor& row_of) {
  const auto* row = row_of.data_ptr<std::int32_t>();
  std::vector<std::int32_t> entries;
  entries.reserve(static_cast<std::size_t>(row_of.numel()));
  for (std::int64_t k = 0; k < row_of.numel(); ++k)
    if (row[k] >= 0) entries.push_back(static_cast<std::int32_t>(k));
  std::stable_sort(entries.begin(), entries.end(),
                   [&](std::int32_t a, std::int32_t b) { return row[a] < row[b]; });
  return entries;
}

struct LinearNormMax : torch::autograd::Function<LinearNormMax> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& weight, const torch::Tensor& /*bias*/,
                               const torch::Tensor& norm_weight, const torch::Tensor& /*norm_bias*/,
                               const ChannelAffine& affine, bool batch_statistics, const torch::Tensor& best,
                               const torch::Tensor& row_of, torch::ScalarType type) {
    context->save_for_backward({rows, weight, norm_weight, best, row_of});
    context->saved_data["affine"] = affine.pack();
    context->saved_data["batch_statistics"] = batch_statistics;
    context->saved_data["type"] = type;
    return (best * affine.scale + affine.shift).masked_fill(row_of < 0, 0).to(type);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(at::autocast_dispatch_keyset);
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &rows = saved[0], &norm_weight = saved[2], &best = saved[3], &row_of = saved[4];
    const ChannelAffine affine(context->saved_data["affine"]);
    const bool batch_statistics = context->saved_data["batch_statistics"].toBool();
    const torch::ScalarType type = context->saved_data["type"].toScalarType(),
                            real = affine.scale.scalar_type();
    const torch::Tensor weight = saved[1].to(real);
    const std::int64_t num_rows = rows.size(0), in = rows.size(1);

    const torch::Tensor gradient = gradients[0].to(real).masked_fill(row_of < 0, 0);  // (segments, out)
    const torch::Tensor sum = gradient.sum(0, false, torch::kDouble);
    const torch::Tensor deviation_sum = (gradient * (best - affine.mean)).sum(0, false, torch::kDouble);
    const torch::Tensor peaks = (gradient * affine.scale).contiguous();

    torch::Tensor row_gradient = torch::empty({num_rows, in}, rows.options());
    torch::Tensor weight_gradient = torch::zeros_like(weight);
    torch::Tensor bias_gradient = peaks.sum(0);  // (out)

    // Through mean and variance each row's output gets level + slope · (x - mean), and x - mean is
    // weight · (row - mean row): to the row level · weight + (row - mean row) · mixed.
    torch::Tensor mean_row, level, slope, mixed;
    if (batch_statistics) {
      slope = statistics_gradient(true, num_rows, sum, deviation_sum, affine).second;
      level = (-affine.scale * sum / static_cast<double>(num_rows)).to(real);
      mean_row = column_means(rows);
      mixed = torch::mm(weight.t(), slope.unsqueeze(1) * weight).to(type);  // (in, in)
      bias_gradient.zero_();  // the mean takes any bias away again
    }
    torch::Tensor spread = torch::zeros({in, in}, weight.options());  // Σ (row - mean row)ᵀ (row - mean row)
    const torch::Tensor level_row = batch_statistics ? torch::mv(weight.t(), level) : torch::Tensor();

    const std::vector<std::int32_t> entries = by_row(row_of);
    std::size_t entry = 0;
    for (std::int64_t first = 0; first < num_rows; first += kPieceRows) {
      const std::int64_t count = std::min(kPieceRows, num_rows - first);
      const torch::Tensor piece = rows.narrow(0, first, count);
      torch::Tensor target = row_gradient.narrow(0, first, count);
      torch::Tensor result =
          real == target.scalar_type() ? target : torch::empty({count, in}, weight.options());
      if (batch_statistics) {
        const torch::Tensor centered = centred(piece, mean_row).to(type);
        put_raised(torch::mm(centered, mixed), level_row, result);
        spread.add_(torch::mm(centered.t(), centered));
      } else {
        result.zero_();
      }
      entry = add_peaks(piece, first, entries, entry, peaks, row_of, weight, result, weight_gradient);
      if (!result.is_same(target)) target.copy_(result);
    }
    if (batch_statistics)
      weight_gradient.add_(slope.unsqueeze(1) * torch::mm(weight, spread))
          .add_(torch::outer(level, mean_row), static_cast<double>(num_rows));

    const torch::ScalarType stored = norm_weight.scalar_type();
    const torch::Tensor none;
    return {row_gradient,
            weight_gradient.to(saved[1].scalar_type()),
            bias_gradient.to(stored),
            (deviation_sum * affine.inverse_deviation).to(stored),
            sum.to(stored),
            none,
            none,
            none,
            none,
            none};
  }

  // The maxima whose rows lie in the piece; gives the first entry behind them.
  static std::size_t add_peaks(const torch::Tensor& piece, std::int64_t first,
                               const std::vector<std::int32_t>& entries, std::size_t entry,
                               const torch::Tensor& peaks, const torch::Tensor& row_of,
                               const torch::Tensor& weight, torch::Tensor& row_gradient,
                               torch::Tensor& weight_gradient) {
    const std::int64_t count = piece.size(0), in = weight.size(1), out = weight.size(0);
    by_stored_type(piece, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      const auto rows = rows_of<const Stored>(piece);
      const auto* row = row_of.data_ptr<std::int32_t>();
      const Real *peak = peaks.data_ptr<Real>(), *weights = weight.data_ptr<Real>();
      Real *to_rows = row_gradient.data_ptr<Real>(), *to_weights = weight_gradient.data_ptr<Real>();
      for (; entry < entries.size() && row[entries[entry]] < first + count; ++entry) {
        const std::int32_t k = entries[entry];
        const std::int64_t channel = k % out, local = row[k] - first;
        add_peak<Stored, Real>(peak[k], rows.row(local), weights + channel * in, in, to_rows + local * in,
                               to_weights + channel * in);
      }
    });
    return entry;
  }
};

}  // namespace

torch::Tensor linear_norm_max(const torch::Tensor& rows, torch::nn::LinearImpl& linear,
                              torch::nn::BatchNorm1dImpl& norm, const torch::Tensor& segment,
                              std::int64_t num_segments) {
  if (!rows.is_cpu())
    return segment_max(batch_norm_composed(linear.forward(rows), norm), segment, num_segments);
  const torch::Tensor x = known_type(rows).contiguous();
  const torch::ScalarType type = product_type(x);
  const bool batch_statistics = uses_batch_statistics(norm, x);
  const auto [affine, best, row_of] = [&] {
    const torch::NoGradGuard no_grad;
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(at::autocast_dispatch_keyset);
    Extremes found = find_extremes(x, linear.weight.to(type), norm.weight,
                                   segment_offsets(segment, num_segments), batch_statistics);
    // A bias moves mean and maximum alike.
    found.moments.mean += linear.bias;
    const torch::ScalarType real = found.best.scalar_type();
    found.best = (found.best + linear.bias.to(real)).masked_fill(found.row_of < 0, 0);
    return std::tuple{
        batch_statistics ? affine_of_batch(found.moments, norm, real) : affine_of_running(norm, real),
        found.best, found.row_of};
  }();
  return LinearNormMax::apply(x, linear.weight, linear.bias, norm.weight, norm.bias, affine, batch_statistics,
                              best, row_of, type);
}

}  // namespace tessera::models
