// SPDX-License-Identifier: Apache-2.0
// Sums, means and maxima over the rows of each sample of a ragged batch, differentiable. `segment` tells each
// row's sample and must rise (rows of one sample stand together). A sample without rows gives zeros.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace tessera::models {

/// (rows, channels), (rows) int64 -> (num_segments, channels), in the rows' type; sums run in float32 at
/// least.
torch::Tensor segment_sum(const torch::Tensor& rows, const torch::Tensor& segment, std::int64_t num_segments);
torch::Tensor segment_mean(const torch::Tensor& rows, const torch::Tensor& segment,
                           std::int64_t num_segments);
/// Of equal maxima the first row takes the gradient.
torch::Tensor segment_max(const torch::Tensor& rows, const torch::Tensor& segment, std::int64_t num_segments);

/// Rows of segment s are [offsets[s], offsets[s + 1]). Raises InternalError where the segments do not rise or
/// leave 0 … num_segments - 1.
std::vector<std::int64_t> segment_offsets(const torch::Tensor& segment, std::int64_t num_segments);

}  // namespace tessera::models
