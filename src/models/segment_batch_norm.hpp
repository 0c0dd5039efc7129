// SPDX-License-Identifier: Apache-2.0
// Batch normalisation joined with the maximum over each sample's rows. The normalised rows are never written:
// a channel's scale is one number, so the maximum lies at the row's maximum (minimum where the scale is
// negative), and only that row's gradient is not the same affine function of the row as all others'.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tessera::models {

/// segment_max(batch_norm_rows(rows)): (rows, channels), rising (rows) int64 -> (num_segments, channels). An
/// empty segment gives zeros. Updates the running statistics when the norm is in training.
torch::Tensor batch_norm_segment_max(const torch::Tensor& rows, torch::nn::BatchNorm1dImpl& norm,
                                     const torch::Tensor& segment, std::int64_t num_segments);

}  // namespace tessera::models
