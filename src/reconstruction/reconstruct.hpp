// SPDX-License-Identifier: Apache-2.0
// A structure with a sample's statistics: from noise, coarse to fine, by gradients, then decoded to phases
// (Li et al. 2018; Seibert et al. 2022).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "microstructure/phase_map.hpp"
#include "models/encoders/encoder.hpp"
#include "reconstruction/bounded_minimiser.hpp"

namespace tessera::reconstruction {

/// How much each descriptor counts; 0 leaves it out.
struct DescriptorWeights {
  double gram = 1, two_point = 0, lineal_path = 0, cluster = 0, sharpness = 0;
  std::int64_t reach = 16;  // cells, of the correlations
};

struct ReconstructionOptions {
  microstructure::GridSize size{1, 64, 64};  // of the result; a volume where there are slices
  DescriptorWeights weights;
  std::int64_t iterations = 200;  // of each level
  std::int64_t levels = 1;        // each coarser by two
  std::uint64_t seed = 0;
};

/// Where a reconstruction stands.
struct Progress {
  std::int64_t level = 0;                                      // 0 is the finest, which comes last
  std::int64_t iteration = 0;                                  // done on this level
  std::int64_t iterations_before = 0, evaluations_before = 0;  // on coarser levels, and before a new start
  std::vector<double> held;  // where the descriptors that must be held are held
  BoundedMinimiser::State minimiser;
};

struct Reconstruction {
  microstructure::PhaseMap map;
  double value = 0;  // of the objective, before decoding
  std::int64_t evaluations = 0, iterations = 0;
  bool finished = true;  // false: told to stop
};

/// The deepest pyramid whose coarsest level still has 16 cells along every edge.
std::int64_t most_levels(const microstructure::PhaseMap& sample, const microstructure::GridSize& size);

/// Raises InputError for a size that the levels or the reach do not fit.
void check(const ReconstructionOptions& options, const microstructure::PhaseMap& sample);

/// The `index`-th structure of this sample: the same for the same seed, whoever makes it. `sample` is a plane
/// of `phases` phases; `encoder` may be null where Gram matrices count nothing. It begins at `from`, if
/// given. `after_iteration` may ask to stop by returning false.
Reconstruction reconstruct(const microstructure::PhaseMap& sample, int phases,
                           const std::shared_ptr<models::Encoder>& encoder,
                           const ReconstructionOptions& options, std::int64_t index,
                           std::optional<Progress> from = {},
                           const std::function<bool(const Progress&)>& after_iteration = {});

}  // namespace tessera::reconstruction
