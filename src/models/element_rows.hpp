// SPDX-License-Identifier: Apache-2.0
// From atomic numbers to rows: the table of the 92 bits, and the mean over a face's corners of a table's
// rows. A layer that is linear may be applied to the table's hundred rows and its results averaged, instead
// of to every face's averaged bits: the function is the same.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

/// (kMaxFeaturedElement + 1, 92) float32: row Z holds crystal::atom_features(Z), row 0 zeros.
torch::Tensor element_feature_table();

/// table (entries, channels), index (rows, corners) int64 -> (rows, channels): the mean of the named rows.
torch::Tensor mean_of_rows(const torch::Tensor& table, const torch::Tensor& index);

}  // namespace tessera::models
