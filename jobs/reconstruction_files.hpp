// SPDX-License-Identifier: Apache-2.0
// What `tessera reconstruct` leaves in its folder: each structure when it is done, tables and a page of all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "microstructure/phase_map.hpp"
#include "reconstruction/likeness.hpp"
#include "reconstruction/reconstruct.hpp"
#include "reconstruction/reconstruction_config.hpp"

namespace tessera::jobs {

/// One structure that is done.
struct FinishedStructure {
  std::string name;  // "reconstruction-0000", "baseline-0000"
  microstructure::PhaseMap map;
  double seconds = 0;
  double objective = 0;  // before decoding; 0 of a baseline
  std::int64_t iterations = 0, evaluations = 0;
};

/// NAME.npy, NAME.png, and last NAME.json, which says that it is whole. `settings` is what it was made with.
void write_structure(const std::filesystem::path& folder, const std::string& settings,
                     const FinishedStructure& structure);

/// None where it is not done. `levels` of the sample: a structure may lack a phase. Raises InputError for one
/// made with other settings, DataError for a damaged one.
std::optional<FinishedStructure> read_structure(const std::filesystem::path& folder,
                                                const std::string& settings, const std::string& name,
                                                std::span<const std::uint16_t> levels);

struct KeptProgress {
  reconstruction::Progress progress;
  double seconds = 0;  // that it took so far
};

/// Where the reconstruction of that name and settings stands, and back; none where nothing was kept. A file
/// that is damaged is said and passed over.
void keep_progress(const std::filesystem::path& folder, const std::string& settings, const std::string& name,
                   const reconstruction::Progress& progress, double seconds);
std::optional<KeptProgress> kept_progress(const std::filesystem::path& folder, const std::string& settings,
                                          const std::string& name);
void forget_progress(const std::filesystem::path& folder, const std::string& settings,
                     const std::string& name);

/// statistics.csv, summary.json, overview.png and report.html; returns the errors, means over the
/// reconstructions.
reconstruction::Errors write_summary(const reconstruction::ReconstructionConfig& config,
                                     const microstructure::PhaseMap& sample,
                                     const std::vector<FinishedStructure>& reconstructions,
                                     const std::vector<FinishedStructure>& baselines);

}  // namespace tessera::jobs
