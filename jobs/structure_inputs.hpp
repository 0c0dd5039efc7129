// SPDX-License-Identifier: Apache-2.0
// Segmented images and volumes that a user named, worked on by all ranks: one structure a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dist/communicator.hpp"
#include "jobs/table_of_ranks.hpp"
#include "microstructure/files/mask_inputs.hpp"

namespace tessera::jobs {

struct Structures {
  std::vector<microstructure::MaskInput> files;      // by name
  std::vector<microstructure::RefusedMask> refused;  // known to the root alone
};

/// Collective. The files among `images`, which are files and folders; makes the folder of the table
/// `out`. Raises
/// as find_masks does.
Structures find_structures(const dist::Communicator& world, const std::vector<std::string>& images,
                           const std::filesystem::path& out);

/// Collective. Calls `work` for each file on some rank. What it raises as DataError refuses the file, with
/// the reason, in `table`.
void for_each_structure(const dist::Communicator& world, const Structures& structures, std::string_view what,
                        TableOfRanks& table,
                        const std::function<void(std::int64_t, const microstructure::MaskInput&)>& work);

/// Collective. The rows, and all that was refused, also before the work began.
GatheredTable gather_structures(const dist::Communicator& world, const Structures& structures,
                                const TableOfRanks& table);

/// For one rank. The table, quarantine.csv beside it, and the final line. Raises DataError where a file
/// cannot be written.
void write_results(const std::filesystem::path& out, const std::string& header, const GatheredTable& table,
                   double seconds);

}  // namespace tessera::jobs
