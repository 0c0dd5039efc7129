// SPDX-License-Identifier: Apache-2.0
#include "models/channel_statistics.hpp"

namespace tessera::models {
namespace {

// Mean and sum of squared deviations of a block's channels.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void block_moments(Rows<const Stored> rows, Real* mean, Real* squares) {
  const std::int64_t channels = rows.channels;
  std::fill_n(mean, channels, Real(0));
  std::fill_n(squares, channels, Real(0));
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    for (std::int64_t c = 0; c < channels; ++c) mean[c] += load_real(x + c);
  }
  const Real scale = Real(1) / static_cast<Real>(rows.count);
  for (std::int64_t c = 0; c < channels; ++c) mean[c] *= scale;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real deviation = load_real(x + c) - mean[c];
      squares[c] += deviation * deviation;
    }
  }
}

template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void block_sums(Rows<const Stored> rows, Real* sum) {
  std::fill_n(sum, rows.channels, Real(0));
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const Stored* x = rows.row(i);
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < rows.channels; ++c) sum[c] += load_real(x + c);
  }
}

// Joins a block's moments to those before it (Chan, Golub and LeVeque 1979).
template <typename Real>
TESSERA_SIMD_CLONES void join_moments(const Real* block_mean, const Real* block_squares,
                                      std::int64_t channels, double block_count, double count, double* mean,
                                      double* squares) {
  const double weight = block_count / (count + block_count);
  for (std::int64_t c = 0; c < channels; ++c) {
    const double difference = static_cast<double>(block_mean[c]) - mean[c];
    mean[c] += difference * weight;
    squares[c] += static_cast<double>(block_squares[c]) + difference * difference * count * weight;
  }
}

}  // namespace

template <typename Stored>
void Moments::add(Rows<const Stored> block, std::vector<RealOf<Stored>>& scratch) {
  scratch.resize(static_cast<std::size_t>(2 * block.channels));
  RealOf<Stored>* block_mean = scratch.data();
  RealOf<Stored>* block_squares = scratch.data() + block.channels;
  block_moments(block, block_mean, block_squares);
  join_moments(block_mean, block_squares, block.channels, static_cast<double>(block.count),
               static_cast<double>(count), mean.data_ptr<double>(), squares.data_ptr<double>());
  count += block.count;
}
template void Moments::add(Rows<const float>, std::vector<float>&);
template void Moments::add(Rows<const double>, std::vector<double>&);
template void Moments::add(Rows<const Bfloat16Bits>, std::vector<float>&);

Moments Moments::folded(std::int64_t parts) const {
  Moments result(mean.numel() / parts);
  const torch::Tensor means = mean.view({parts, -1});
  result.mean = means.mean(0);
  result.squares =
      squares.view({parts, -1}).sum(0) + static_cast<double>(count) * (means - result.mean).square().sum(0);
  result.count = count * parts;
  return result;
}

torch::Tensor column_means(const torch::Tensor& rows) {
  torch::Tensor total = torch::zeros(rows.size(1), torch::kDouble);
  by_stored_type(rows, [&](auto stored) {
    using Stored = decltype(stored);
    const auto all = rows_of<const Stored>(rows);
    std::vector<RealOf<Stored>> sum(static_cast<std::size_t>(all.channels));
    double* to = total.data_ptr<double>();
    for (std::int64_t first = 0; first < all.count; first += kBlockRows) {
      block_sums(all.block(first), sum.data());
      for (std::size_t c = 0; c < sum.size(); ++c) to[c] += static_cast<double>(sum[c]);
    }
  });
  return (total / static_cast<double>(rows.size(0))).to(real_type_of(rows));
}

ChannelAffine::ChannelAffine(const torch::Tensor& mean64, const torch::Tensor& variance64,
                             const BatchNormState& norm, torch::ScalarType type) {
  const torch::Tensor inverse = (variance64 + norm.epsilon).rsqrt();
  const torch::Tensor scale64 = norm.weight.detach() * inverse;
  mean = mean64.to(type);
  inverse_deviation = inverse.to(type);
  scale = scale64.to(type);
  shift = (norm.bias.detach() - mean64 * scale64).to(type);
}

ChannelAffine::ChannelAffine(const c10::IValue& packed) {
  const std::vector<torch::Tensor> parts = packed.toTensorVector();
  mean = parts[0];
  inverse_deviation = parts[1];
  scale = parts[2];
  shift = parts[3];
}

c10::IValue ChannelAffine::pack() const {
  return std::vector<torch::Tensor>{mean, inverse_deviation, scale, shift};
}

bool uses_batch_statistics(const BatchNormState& norm, const torch::Tensor& rows) {
  return norm.training && rows.numel() > rows.size(1);
}

ChannelAffine affine_of_running(const BatchNormState& norm, torch::ScalarType type,
                                const torch::Tensor& offset) {
  const torch::Tensor mean = norm.running_mean.to(torch::kDouble);
  return {offset.defined() ? mean - offset : mean, norm.running_var.to(torch::kDouble), norm, type};
}

ChannelAffine affine_of_batch(const Moments& moments, const BatchNormState& norm, torch::ScalarType type,
                              const torch::Tensor& offset) {
  const auto count = static_cast<double>(moments.count);
  const torch::Tensor mean = offset.defined() ? moments.mean + offset : moments.mean;
  norm.running_mean.lerp_(mean.to(norm.running_mean.scalar_type()), norm.momentum);
  norm.running_var.lerp_((moments.squares / (count - 1)).to(norm.running_var.scalar_type()), norm.momentum);
  norm.num_batches_tracked.add_(1);
  return {moments.mean, moments.squares / count, norm, type};
}

std::pair<torch::Tensor, torch::Tensor> statistics_gradient(bool batch_statistics, std::int64_t rows,
                                                            const torch::Tensor& sum,
                                                            const torch::Tensor& deviation_sum,
                                                            const ChannelAffine& affine) {
  if (!batch_statistics) return {torch::zeros_like(affine.scale), torch::zeros_like(affine.scale)};
  const auto count = static_cast<double>(rows);
  const torch::Tensor slope =
      -affine.scale.to(torch::kDouble) * affine.inverse_deviation.square() * deviation_sum / count;
  const torch::Tensor constant = -affine.scale * sum / count - slope * affine.mean;
  return {constant.to(affine.scale.scalar_type()), slope.to(affine.scale.scalar_type())};
}

torch::Tensor batch_norm_composed(const torch::Tensor& rows, const BatchNormState& norm,
                                  const torch::Tensor& offset) {
  const bool batch_statistics = uses_batch_statistics(norm, rows);
  if (batch_statistics) norm.num_batches_tracked.add_(1);
  if (!offset.defined())
    return torch::batch_norm(rows, norm.weight, norm.bias, norm.running_mean, norm.running_var,
                             batch_statistics, norm.momentum, norm.epsilon, true);
  const torch::Tensor held = offset.detach(), mean = norm.running_mean - held;
  // Adds nothing: only the offset's gradient passes through, none where the batch's own mean takes it away.
  const torch::Tensor slope =
      batch_statistics ? torch::zeros_like(held) : norm.weight * (norm.running_var + norm.epsilon).rsqrt();
  const torch::Tensor result =
      torch::batch_norm(rows, norm.weight, norm.bias + slope * (offset - held), mean, norm.running_var,
                        batch_statistics, norm.momentum, norm.epsilon, true);
  if (batch_statistics) norm.running_mean.copy_(mean + held);
  return result;
}

}  // namespace tessera::models
