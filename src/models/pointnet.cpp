// SPDX-License-Identifier: Apache-2.0
#include "models/pointnet.hpp"

#include "crystal/element.hpp"
#include "models/element_rows.hpp"
#include "models/segment.hpp"

namespace tessera::models {

PointNetOptions read_pointnet_options(core::ConfigTable model) {
  PointNetOptions options;
  options.dropout = model.number("dropout", options.dropout, {0, 0.99});
  return options;
}

PointNet::PointNet(const PointNetOptions& options, std::int64_t outputs)
    : element_features_(element_feature_table()),
      point_(register_module("point", row_layers({3 + crystal::kNumAtomFeatures, 64, 64, 128, 1024}))),
      head_(register_module(
          "head",
          torch::nn::Sequential(RowLayer(2048, 512), torch::nn::Dropout(options.dropout), RowLayer(512, 256),
                                torch::nn::Dropout(options.dropout), torch::nn::Linear(256, outputs)))) {}

torch::Tensor PointNet::forward(const Batch& batch) {
  const PointBatch& points = batch.points;
  element_features_ = element_features_.to(points.position.device(), points.position.scalar_type());
  const torch::Tensor atoms = element_features_.index_select(0, points.element);        // (points, 92)
  const torch::Tensor rows = point_->forward(torch::cat({points.position, atoms}, 1));  // (points, 1024)
  return head_->forward(torch::cat({segment_max(rows, points.sample, batch.num_samples),
                                    segment_mean(rows, points.sample, batch.num_samples)},
                                   1));
}

}  // namespace tessera::models
