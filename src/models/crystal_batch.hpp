// SPDX-License-Identifier: Apache-2.0
// From records to tensors: the crystals of a batch one behind the other, with the features their network
// reads. Mesh features are computed here from the stored references to atoms.
#pragma once

#include <span>

#include "data/crystal_record.hpp"
#include "models/batch.hpp"

namespace tessera::models {

/// Fills num_samples and the part that `features` names; record numbers and targets are the caller's. Raises
/// DataError naming the crystal where a record lacks the part, or holds an element beyond
/// crystal::kMaxFeaturedElement.
/// Mesh: models of Tsuruta et al. (2023); a face of no area has the normal 0; of a periodic mesh
/// every centre is 0, the rest does not depend on how the crystal was described. Points: the mesh's central
/// atoms.
Batch make_crystal_batch(std::span<const data::CrystalRecord* const> records, Features features);

}  // namespace tessera::models
