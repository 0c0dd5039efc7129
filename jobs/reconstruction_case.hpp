// SPDX-License-Identifier: Apache-2.0
// One sample by one set of layers: the structures there are to be, one by one, and what they come to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "jobs/reconstruction_files.hpp"

namespace tessera::jobs {

/// Encoders by their layers: the cases of one command share them.
class SharedEncoders {
 public:
  struct Made {
    std::shared_ptr<models::Encoder> encoder;  // null where Gram matrices count nothing
    std::string sha256;                        // of its weights
  };
  const Made& of(const reconstruction::ReconstructionConfig& config);

 private:
  std::map<std::vector<std::string>, Made> made_;
};

class ReconstructionCase {
 public:
  /// Reads the sample. Raises InputError for what does not fit it, or an encoder that is not there.
  ReconstructionCase(core::Config& toml, SharedEncoders& encoders);

  /// Reconstructions and baselines.
  std::int64_t num_structures() const { return config_.count + config_.baseline_count; }
  /// One structure, unless it is there; false where a signal told it to stop. Raises as read_structure.
  bool make(std::int64_t index);
  /// Whether this rank has done anything that was not done before.
  bool gained() const { return gained_; }

  void write_config() const;
  /// Once all are there: tables, pictures and the page. Errors are means over the reconstructions.
  reconstruction::Errors summarise() const;

  const reconstruction::ReconstructionConfig& config() const { return config_; }

 private:
  bool reconstruct(std::int64_t index);
  bool anneal(std::int64_t index);
  std::vector<FinishedStructure> read_all(const char* kind, std::int64_t count) const;

  reconstruction::ReconstructionConfig config_;
  microstructure::PhaseMap sample_;
  std::string settings_;  // all that a structure depends on, hashed
  std::string resolved_;  // the configuration
  std::shared_ptr<models::Encoder> encoder_;
  bool gained_ = false;
};

}  // namespace tessera::jobs
