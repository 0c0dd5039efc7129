// SPDX-License-Identifier: Apache-2.0
// A network of images asked eight times: the mean over the symmetries of the square, so that its answer turns
// with the picture, or, of one that answers once for an image, stays what it is.
#pragma once

#include "models/batch.hpp"

namespace tessera::train {

class DihedralMean final : public models::Network {
 public:
  /// Keeps a reference; the network's mode is the caller's.
  explicit DihedralMean(models::Network& network) : network_(network) {}
  /// Of pixels scores whose sigmoid (one output) or softmax is the mean probability; else the mean answer.
  torch::Tensor forward(const models::Batch& batch) override;
  models::Features features() const override { return network_.features(); }
  bool is_of_pixels() const override { return network_.is_of_pixels(); }

 private:
  models::Network& network_;
};

}  // namespace tessera::train
