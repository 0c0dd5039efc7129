// SPDX-License-Identifier: Apache-2.0
#include "models/batch.hpp"

namespace tessera::models {
namespace {

torch::Tensor moved(const torch::Tensor& tensor, torch::Device device) {
  return tensor.defined() ? tensor.to(device, /*non_blocking=*/true) : tensor;
}

}  // namespace

Batch Batch::to(torch::Device device) const {
  Batch batch = *this;
  for (torch::Tensor* tensor :
       {&batch.target, &batch.graph.element, &batch.graph.neighbor, &batch.graph.distance,
        &batch.graph.sample, &batch.mesh.center, &batch.mesh.edge, &batch.mesh.normal, &batch.mesh.corner,
        &batch.mesh.element, &batch.mesh.sample, &batch.points.position, &batch.points.element,
        &batch.points.sample, &batch.images.grey, &batch.images.extent})
    *tensor = moved(*tensor, device);
  return batch;
}

}  // namespace tessera::models
