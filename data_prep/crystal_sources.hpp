// SPDX-License-Identifier: Apache-2.0
// Which crystals a dataset is made from: the sources' index with every target beside its crystal. What cannot
// be used is known here already, before any crystal is read: duplicates, crystals without targets.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crystal/readers/source.hpp"
#include "data/dataset_schema.hpp"
#include "data/quarantine.hpp"
#include "data_prep/preparation_settings.hpp"
#include "dist/communicator.hpp"

namespace tessera::data_prep {

struct CrystalSources {
  crystal::SourceIndex index;                // usable entries only, sorted by id
  std::vector<data::QuarantineRow> refused;  // on the root only
};

/// Collective. The root indexes and hands out. Targets of the CSV replace those of one name that came with
/// the crystals; names that preparation itself gives (space_group, crystal_system, the counts in records.csv)
/// get "_given" behind them.
/// Raises InputError as index_sources and read_targets do.
CrystalSources find_crystals(const dist::Communicator& comm, const PreparationSettings& settings,
                             const std::filesystem::path& spool);

/// Those that came with the crystals, in the index's order, with the units their names tell ("…_gpa"), then
/// space_group (1 to 230) and crystal_system (1 triclinic to 7 cubic).
std::vector<data::TargetColumn> target_columns(const crystal::SourceIndex& index);

}  // namespace tessera::data_prep
