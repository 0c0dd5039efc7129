// SPDX-License-Identifier: Apache-2.0
// A network of pixels asked eight times: the mean over the symmetries of the square, so that its answer turns
// with the picture.
#pragma once

#include "models/batch.hpp"

namespace tessera::train {

class DihedralMean final : public models::Network {
 public:
  /// Keeps a reference; the network's mode is the caller's.
  explicit DihedralMean(models::Network& network) : network_(network) {}
  /// Scores whose sigmoid (one output) or softmax is the mean probability.
  torch::Tensor forward(const models::Batch& batch) override;
  models::Features features() const override { return network_.features(); }

 private:
  models::Network& network_;
};

}  // namespace tessera::train
