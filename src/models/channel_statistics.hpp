// SPDX-License-Identifier: Apache-2.0
// Inside the room: mean and variance of a matrix's columns over its rows, and the walk over row memory that
// the fused batch normalisations share. Sums run over fixed blocks of rows, so they hang on nothing else.
#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/simd.hpp"

namespace tessera::models {

/// Rows that stay in cache between the passes over one block.
constexpr std::int64_t kBlockRows = 32;

template <typename Stored>
using RealOf = std::conditional_t<std::is_same_v<Stored, double>, double, float>;

/// A matrix whose rows may stand apart (a slice of a wider one).
template <typename Stored>
struct Rows {
  Stored* data;
  std::int64_t count, channels, stride;
  Stored* row(std::int64_t i) const { return data + i * stride; }
  Rows block(std::int64_t first) const {
    return {row(first), std::min(kBlockRows, count - first), channels, stride};
  }
};

template <typename Stored>
Rows<Stored> rows_of(const torch::Tensor& tensor) {
  return {static_cast<Stored*>(tensor.data_ptr()), tensor.size(0), tensor.size(1), tensor.stride(0)};
}

inline torch::Tensor walkable(const torch::Tensor& tensor) {
  return tensor.stride(1) == 1 ? tensor : tensor.contiguous();
}

/// Calls `walk` with a value of the type the tensor's memory holds.
template <typename Walk>
void by_stored_type(const torch::Tensor& tensor, Walk walk) {
  if (tensor.scalar_type() == torch::kDouble)
    walk(double{});
  else if (tensor.scalar_type() == torch::kBFloat16)
    walk(Bfloat16Bits{});
  else
    walk(float{});
}

/// The same for tensors known to hold float32 or float64.
template <typename Walk>
void by_real_type(const torch::Tensor& tensor, Walk walk) {
  if (tensor.scalar_type() == torch::kDouble)
    walk(double{});
  else
    walk(float{});
}

inline torch::ScalarType real_type_of(const torch::Tensor& rows) {
  return rows.scalar_type() == torch::kDouble ? torch::kDouble : torch::kFloat;
}

/// Moments of each column.
struct Moments {
  torch::Tensor mean, squares;  // (channels) float64; squares: sum of squared deviations
  std::int64_t count = 0;

  explicit Moments(std::int64_t channels)
      : mean(torch::zeros(channels, torch::kDouble)), squares(torch::zeros(channels, torch::kDouble)) {}

  /// `scratch` is working memory, kept between calls. For float, double and Bfloat16Bits.
  template <typename Stored>
  void add(Rows<const Stored> block, std::vector<RealOf<Stored>>& scratch);

  /// Of a matrix whose rows each hold `parts` rows of another one: that one's moments.
  Moments folded(std::int64_t parts) const;
};

/// The mean of each column, summed in blocks; of the rows' real type. The rows are walkable.
torch::Tensor column_means(const torch::Tensor& rows);

/// What a batch normalisation of LibTorch holds, whatever the dimensions it was declared for. The tensors are
/// the module's own: moving them on moves the module's.
struct BatchNormState {
  torch::Tensor weight, bias, running_mean, running_var, num_batches_tracked;
  double epsilon, momentum;
  bool training;

  template <typename Module>
  BatchNormState(const Module& norm)  // from BatchNorm1dImpl or BatchNorm2dImpl
      : weight(norm.weight),
        bias(norm.bias),
        running_mean(norm.running_mean),
        running_var(norm.running_var),
        num_batches_tracked(norm.num_batches_tracked),
        epsilon(norm.options.eps()),
        momentum(norm.options.momentum().value()),
        training(norm.is_training()) {}
};

/// What normalises: y = x · scale + shift = (x - mean) · inverse_deviation · weight + bias.
struct ChannelAffine {
  torch::Tensor mean, inverse_deviation, scale, shift;  // (channels), float32 or float64

  ChannelAffine(const torch::Tensor& mean64, const torch::Tensor& variance64, const BatchNormState& norm,
                torch::ScalarType type);

  /// To and from what an autograd context keeps.
  explicit ChannelAffine(const c10::IValue& packed);
  c10::IValue pack() const;
};

bool uses_batch_statistics(const BatchNormState& norm, const torch::Tensor& rows);
/// `offset` (channels), here and below: what the rows lack of those whose mean the running one is.
ChannelAffine affine_of_running(const BatchNormState& norm, torch::ScalarType type,
                                const torch::Tensor& offset = {});
/// Also moves the running statistics, as PyTorch does: with the unbiased variance.
ChannelAffine affine_of_batch(const Moments& moments, const BatchNormState& norm, torch::ScalarType type,
                              const torch::Tensor& offset = {});

/// The share of the rows' gradient that flows through mean and variance (Ioffe and Szegedy 2015), as
/// constant + slope · x; zeros where the statistics were the running ones. `sum` and `deviation_sum`
/// (channels, float64): of the gradient, and of it times x - mean.
std::pair<torch::Tensor, torch::Tensor> statistics_gradient(bool batch_statistics, std::int64_t rows,
                                                            const torch::Tensor& sum,
                                                            const torch::Tensor& deviation_sum,
                                                            const ChannelAffine& affine);

/// Adds a block's sums to the totals in float64.
template <typename Real>
void add_to_totals(const std::vector<Real>& sum, const std::vector<Real>& deviation_sum, torch::Tensor& total,
                   torch::Tensor& deviation_total) {
  double* to = total.data_ptr<double>();
  double* deviation_to = deviation_total.data_ptr<double>();
  for (std::size_t c = 0; c < sum.size(); ++c) {
    to[c] += static_cast<double>(sum[c]);
    deviation_to[c] += static_cast<double>(deviation_sum[c]);
  }
}

/// The same normalisation out of LibTorch's operations, for memory we do not walk ourselves.
torch::Tensor batch_norm_composed(const torch::Tensor& rows, const BatchNormState& norm,
                                  const torch::Tensor& offset = {});

/// float32 where the kernels do not know the type.
inline torch::Tensor known_type(const torch::Tensor& rows) {
  return rows.scalar_type() == torch::kHalf ? rows.to(torch::kFloat) : rows;
}

}  // namespace tessera::models
