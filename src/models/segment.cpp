// SPDX-License-Identifier: Apache-2.0
#include "models/segment.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <span>

#include "core/error.hpp"
#include "models/simd.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Offsets = std::span<const std::int64_t>;

// Compute in float32, or in float64 for float64 rows.
torch::Tensor computable(const torch::Tensor& tensor) {
  return tensor.to(tensor.scalar_type() == torch::kDouble ? torch::kDouble : torch::kFloat).contiguous();
}

template <typename Real>
TESSERA_SIMD_CLONES void sum_rows(const Real* rows, Offsets offsets, std::int64_t channels, bool mean,
                                  Real* result) {
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    Real* out = result + static_cast<std::int64_t>(s) * channels;
    std::fill_n(out, channels, Real(0));
    for (std::int64_t row = offsets[s]; row < offsets[s + 1]; ++row)
      for (std::int64_t c = 0; c < channels; ++c) out[c] += rows[row * channels + c];
    const std::int64_t count = offsets[s + 1] - offsets[s];
    if (!mean || count == 0) continue;
    const Real scale = Real(1) / static_cast<Real>(count);
    for (std::int64_t c = 0; c < channels; ++c) out[c] *= scale;
  }
}

// `row_of` (num_segments, channels): the row each maximum came from, -1 where there is none. The first NaN is
// the maximum, as in torch.max.
template <typename Real>
TESSERA_SIMD_CLONES void max_rows(const Real* rows, Offsets offsets, std::int64_t channels, Real* result,
                                  std::int64_t* row_of) {
  for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
    Real* best = result + static_cast<std::int64_t>(s) * channels;
    std::int64_t* from = row_of + static_cast<std::int64_t>(s) * channels;
    const std::int64_t first = offsets[s];
    if (first == offsets[s + 1]) {
      std::fill_n(best, channels, Real(0));
      std::fill_n(from, channels, -1);
      continue;
    }
    std::copy_n(rows + first * channels, channels, best);
    std::fill_n(from, channels, first);
    for (std::int64_t row = first + 1; row < offsets[s + 1]; ++row) {
      const Real* values = rows + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const bool greater = !(values[c] <= best[c]) && best[c] == best[c];
        best[c] = greater ? values[c] : best[c];
        from[c] = greater ? row : from[c];
      }
    }
  }
}

class SegmentSum : public torch::autograd::Function<SegmentSum> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& segment, std::int64_t num_segments, bool mean) {
    const std::vector<std::int64_t> offsets = segment_offsets(segment, num_segments);
    const torch::Tensor values = computable(rows);
    const std::int64_t channels = values.size(1);
    torch::Tensor result = torch::empty({num_segments, channels}, values.options());
    if (values.scalar_type() == torch::kDouble)
      sum_rows(values.data_ptr<double>(), offsets, channels, mean, result.data_ptr<double>());
    else
      sum_rows(values.data_ptr<float>(), offsets, channels, mean, result.data_ptr<float>());
    context->save_for_backward({segment});
    context->saved_data["mean"] = mean;
    context->saved_data["offsets"] = offsets;
    return result.to(rows.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const torch::Tensor segment = context->get_saved_variables()[0];
    torch::Tensor gradient = gradients[0];
    if (context->saved_data["mean"].toBool()) {
      const torch::Tensor offsets = torch::tensor(context->saved_data["offsets"].toIntVector());
      gradient = gradient / offsets.diff().clamp_min(1).to(gradient.scalar_type()).unsqueeze(1);
    }
    return {gradient.index_select(0, segment), torch::Tensor(), torch::Tensor(), torch::Tensor()};
  }
};

class SegmentMax : public torch::autograd::Function<SegmentMax> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows,
                               const torch::Tensor& segment, std::int64_t num_segments) {
    const std::vector<std::int64_t> offsets = segment_offsets(segment, num_segments);
    const torch::Tensor values = computable(rows);
    const std::int64_t channels = values.size(1);
    torch::Tensor result = torch::empty({num_segments, channels}, values.options());
    torch::Tensor row_of = torch::empty({num_segments, channels}, torch::kLong);
    std::int64_t* from = row_of.data_ptr<std::int64_t>();
    if (values.scalar_type() == torch::kDouble)
      max_rows(values.data_ptr<double>(), offsets, channels, result.data_ptr<double>(), from);
    else
      max_rows(values.data_ptr<float>(), offsets, channels, result.data_ptr<float>(), from);
    context->save_for_backward({row_of});
    context->saved_data["rows"] = rows.size(0);
    return result.to(rows.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const torch::Tensor row_of = context->get_saved_variables()[0];
    const torch::Tensor& gradient = gradients[0];
    torch::Tensor rows =
        torch::zeros({context->saved_data["rows"].toInt(), gradient.size(1)}, gradient.options());
    if (rows.size(0) > 0)
      rows.scatter_add_(0, row_of.clamp_min(0), gradient * (row_of >= 0).to(gradient.scalar_type()));
    return {rows, torch::Tensor(), torch::Tensor()};
  }
};

// The same out of tensor operations, for devices whose memory we do not walk ourselves.
torch::Tensor composed_sum(const torch::Tensor& rows, const torch::Tensor& segment,
                           std::int64_t num_segments) {
  return torch::zeros({num_segments, rows.size(1)}, rows.options()).index_add(0, segment, rows);
}

torch::Tensor composed_max(const torch::Tensor& rows, const torch::Tensor& segment,
                           std::int64_t num_segments) {
  const std::int64_t num_rows = rows.size(0), channels = rows.size(1);
  const torch::Tensor index = segment.unsqueeze(1).expand({num_rows, channels});
  const torch::Tensor values = rows.detach();
  const torch::Tensor highest =
      torch::full({num_segments, channels}, -std::numeric_limits<double>::infinity(), values.options())
          .scatter_reduce(0, index, values, "amax");
  const torch::Tensor number = torch::arange(num_rows, segment.options()).unsqueeze(1);
  const torch::Tensor is_highest = (values == highest.index_select(0, segment)).logical_or(values.isnan());
  const torch::Tensor candidate = torch::where(is_highest, number, num_rows);
  const torch::Tensor first = torch::full({num_segments, channels}, num_rows, segment.options())
                                  .scatter_reduce(0, index, candidate, "amin");
  const torch::Tensor empty = first == num_rows;
  if (num_rows == 0) return torch::zeros({num_segments, channels}, rows.options());
  return rows.gather(0, first.clamp_max(num_rows - 1)).masked_fill(empty, 0);
}

}  // namespace

std::vector<std::int64_t> segment_offsets(const torch::Tensor& segment, std::int64_t num_segments) {
  const torch::Tensor host = segment.to(torch::kCPU).contiguous();
  const std::span<const std::int64_t> of_row(host.data_ptr<std::int64_t>(),
                                             static_cast<std::size_t>(host.numel()));
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(num_segments) + 1, 0);
  std::int64_t previous = 0;
  for (const std::int64_t s : of_row) {
    if (s < previous || s >= num_segments)
      throw core::InternalError(
          fmt::format("segments must rise within 0 to {}, got {} after {}", num_segments - 1, s, previous));
    ++offsets[static_cast<std::size_t>(s) + 1];
    previous = s;
  }
  for (std::size_t s = 1; s < offsets.size(); ++s) offsets[s] += offsets[s - 1];
  return offsets;
}

torch::Tensor segment_sum(const torch::Tensor& rows, const torch::Tensor& segment,
                          std::int64_t num_segments) {
  if (rows.is_cpu()) return SegmentSum::apply(rows, segment, num_segments, false);
  return composed_sum(rows, segment, num_segments);
}

torch::Tensor segment_mean(const torch::Tensor& rows, const torch::Tensor& segment,
                           std::int64_t num_segments) {
  if (rows.is_cpu()) return SegmentSum::apply(rows, segment, num_segments, true);
  const torch::Tensor count =
      composed_sum(torch::ones({rows.size(0), 1}, rows.options()), segment, num_segments);
  return composed_sum(rows, segment, num_segments) / count.clamp_min(1);
}

torch::Tensor segment_max(const torch::Tensor& rows, const torch::Tensor& segment,
                          std::int64_t num_segments) {
  if (rows.is_cpu()) return SegmentMax::apply(rows, segment, num_segments);
  return composed_max(rows, segment, num_segments);
}

}  // namespace tessera::models
