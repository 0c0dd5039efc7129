// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/gradient_buckets.hpp"

#include <fmt/format.h>

#include <map>

namespace tessera::dist {
namespace {

std::vector<std::vector<std::size_t>> fill(const NamedTensors& parameters,
                                           const std::vector<std::size_t>& order,
                                           const ReducerOptions& options) {
  struct Open {
    std::vector<std::size_t> members;
    std::int64_t bytes = 0;
  };
  std::vector<std::vector<std::size_t>> closed;
  std::map<torch::ScalarType, Open> open;
  for (const auto index : order) {
    const auto& tensor = parameters[index].second;
    auto& bucket = open[tensor.scalar_type()];
    bucket.members.push_back(index);
    bucket.bytes += static_cast<std::int64_t>(tensor.nbytes());
    if (bucket.bytes < (closed.empty() ? options.first_bucket_bytes : options.bucket_bytes)) continue;
    closed.push_back(std::move(bucket.members));
    bucket = {};
  }
  for (auto& [type, bucket] : open)
    if (!bucket.members.empty()) closed.push_back(std::move(bucket.members));
  return closed;
}

// A tensor of its own over the bucket's memory: an optimiser's zero_grad calls detach_(), which a view proper
// refuses. Strides are the parameter's where it has no gaps, since the optimiser walks both side by side.
torch::Tensor share(const torch::Tensor& parameter, const torch::Tensor& flat, std::int64_t offset) {
  auto shared = torch::empty({0}, flat.options());
  if (parameter.is_non_overlapping_and_dense())
    return shared.set_(flat.storage(), offset, parameter.sizes(), parameter.strides());
  return shared.set_(flat.storage(), offset, parameter.sizes());
}

}  // namespace

BucketLayout lay_out(const NamedTensors& parameters, const std::vector<std::size_t>& order,
                     const ReducerOptions& options) {
  BucketLayout layout;
  layout.places.resize(parameters.size());
  const auto filled = fill(parameters, order, options);
  for (const auto& members : filled) {
    std::int64_t length = 0;
    for (const auto index : members) length += parameters[index].second.numel();
    const auto& first = parameters[members.front()];
    const auto flat = torch::zeros({length}, first.second.options().requires_grad(false));
    std::int64_t offset = 0;
    for (const auto index : members) {
      layout.places[index] = {layout.buckets.size(), share(parameters[index].second, flat, offset)};
      offset += parameters[index].second.numel();
    }
    layout.buckets.push_back({fmt::format("gradients {} of {} ({} to {})", layout.buckets.size() + 1,
                                          filled.size(), first.first, parameters[members.back()].first),
                              flat, members});
  }
  return layout;
}

}  // namespace tessera::dist
