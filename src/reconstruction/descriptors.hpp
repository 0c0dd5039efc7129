// SPDX-License-Identifier: Apache-2.0
// What a structure is compared by, as smooth functions of its phases' shares: one descriptor a file.
#pragma once

#include <torch/torch.h>

#include <memory>

#include "models/encoders/encoder.hpp"

namespace tessera::reconstruction {

class Descriptor {
 public:
  virtual ~Descriptor() = default;
  /// (planes, phases, rows, columns) float64 → (planes, numbers) of each plane, as large for planes of any
  /// size.
  virtual torch::Tensor describe(const torch::Tensor& shares) = 0;
  /// Takes note of where the structure stands, for descriptors that are smooth only while something is held:
  /// the function changes at this call. Of (planes, phases, rows, columns).
  virtual void hold(const torch::Tensor&) {}
  virtual bool must_be_held() const { return false; }
};

/// Gram matrices of an encoder's activations (Gatys, Ecker and Bethge 2015; Li et al. 2018): of each layer
/// F Fᵀ over the number of places, divided by the norm it has in `sample` (phases, rows, columns), so that
/// every layer counts alike. The encoder is in float32 or float64.
std::unique_ptr<Descriptor> make_gram_descriptor(std::shared_ptr<models::Encoder> encoder,
                                                 const torch::Tensor& sample);

/// S2 of each phase (of two phases the second) for all vectors up to `reach` cells long, periodic.
std::unique_ptr<Descriptor> make_two_point_descriptor(std::int64_t reach);

/// Lineal path of each phase along both axes, up to `reach` cells beyond the first, periodic: the mean over
/// places of the product of the shares in a row, which of whole cells is the lineal path itself.
std::unique_ptr<Descriptor> make_lineal_path_descriptor(std::int64_t reach);

/// S2 within clusters of each phase, as the two-point one; the clusters are those held.
std::unique_ptr<Descriptor> make_cluster_descriptor(std::int64_t reach);

/// How far cells are of one phase alone: the mean over cells of the sum of squared shares, 1 where all are.
std::unique_ptr<Descriptor> make_sharpness_descriptor();

}  // namespace tessera::reconstruction
