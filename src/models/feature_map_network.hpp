// SPDX-License-Identifier: Apache-2.0
// Networks that give an image its values in two halves: a map of features, and the answer read from it. What
// stands between them can be looked at, and asked which of its places the answer hangs on (grad_cam.hpp).
#pragma once

#include "models/batch.hpp"

namespace tessera::models {

/// A network of whole images, cut in two at its last map.
class FeatureMapNetwork : public Network {
 public:
  /// The last map, as it is before its places are averaged: (samples, channels, h, w), h and w being the
  /// image's height and width divided by the network's stride.
  virtual torch::Tensor feature_map(const Batch& batch) = 0;
  /// (samples, channels, h, w) as `feature_map` gives it -> (samples, outputs).
  virtual torch::Tensor answer(const torch::Tensor& feature_map) = 0;

  torch::Tensor forward(const Batch& batch) override { return answer(feature_map(batch)); }
  Features features() const override { return Features::Image; }
};

}  // namespace tessera::models
