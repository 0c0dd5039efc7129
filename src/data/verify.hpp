// SPDX-License-Identifier: Apache-2.0
// Is every byte of a dataset as it was written?
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dist/communicator.hpp"

namespace tessera::data {

struct Damage {
  std::string file;    // in the dataset's folder
  std::string reason;  // "is missing", "has 90 bytes, 120 expected", …
};

/// Collective. Checks the checksum of every file, shards shared out over the ranks; every rank gets all
/// damages, in the manifest's order. Raises InputError where the folder holds no dataset, not even
/// a begun one.
std::vector<Damage> verify_dataset(const std::filesystem::path& folder, const dist::Communicator& comm);

}  // namespace tessera::data
