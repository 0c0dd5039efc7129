// SPDX-License-Identifier: Apache-2.0
// A linear map of each row, batch normalisation and the maximum over each sample's rows: the widest layer of
// the mesh networks and three quarters of their work. What it maps to is never stored: going forward it is
// looked at in pieces, and going back the rows that were no maximum share one affine map of their own input,
// so a product in x out becomes one in x in (out is twice in).
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tessera::models {

/// segment_max(batch_norm_rows(linear(rows))): (rows, in), rising (rows) int64 -> (num_segments, out). Of
/// equal maxima the first row takes the gradient; an empty segment gives zeros. Updates the running
/// statistics when the norm is in training. Under autocast the products run in bfloat16, the sums in float32.
torch::Tensor linear_norm_max(const torch::Tensor& rows, torch::nn::LinearImpl& linear,
                              torch::nn::BatchNorm1dImpl& norm, const torch::Tensor& segment,
                              std::int64_t num_segments);

}  // namespace tessera::models
