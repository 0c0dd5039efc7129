// SPDX-License-Identifier: Apache-2.0
// Gradients lie one behind the other in a few flat buckets, so that a whole bucket travels in one collective
// and nothing is copied: each parameter's `.grad` is a view into its bucket.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dist/tensor/replicate.hpp"

namespace tessera::dist {

struct ReducerOptions {
  std::int64_t first_bucket_bytes = std::int64_t{1} << 20;  // small, so that communication starts early
  std::int64_t bucket_bytes = std::int64_t{25} << 20;
};

struct Bucket {
  std::string name;                  // "gradients 2 of 5 (fc1.weight to fc2.bias)", for reports
  torch::Tensor flat;                // (elements of all members,)
  std::vector<std::size_t> members;  // parameters, in the order they lie
};

/// A parameter's place.
struct Place {
  std::size_t bucket = 0;
  torch::Tensor view;  // shape and, where dense, strides of the parameter
};

struct BucketLayout {
  std::vector<Bucket> buckets;
  std::vector<Place> places;  // by parameter
};

/// Fills buckets with the parameters in the given order; one is closed when it has reached its size. Each
/// holds one type; buckets are in the order they were closed. All zero.
BucketLayout lay_out(const NamedTensors& parameters, const std::vector<std::size_t>& order,
                     const ReducerOptions& options);

}  // namespace tessera::dist
