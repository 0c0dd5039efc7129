// SPDX-License-Identifier: Apache-2.0
// What `tessera reconstruct` is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/config.hpp"
#include "models/encoders/encoder.hpp"
#include "reconstruction/annealing.hpp"
#include "reconstruction/reconstruct.hpp"

namespace tessera::reconstruction {

struct ReconstructionConfig {
  std::filesystem::path image;  // of the sample
  int phases = 0;               // that it must have; 0: as many as it has
  models::EncoderOptions encoder;
  bool in_float64 = false;        // the encoder; the optimiser always is
  ReconstructionOptions options;  // size and levels still as asked for: 0 is the sample's, the most there are
  std::int64_t count = 4;
  std::int64_t edge = 0, slices = 1;
  std::int64_t baseline_count = 1;
  std::int64_t swaps_per_cell = 200;
  double checkpoint_minutes = 5;
  std::filesystem::path folder;
};

/// Raises InputError naming key, value, range and line.
ReconstructionConfig read_reconstruction_config(core::Config& config);

/// The size and number of levels meant, now that the sample is known; checks them. Raises InputError.
void fit_to_sample(ReconstructionConfig& config, const microstructure::PhaseMap& sample);

}  // namespace tessera::reconstruction
