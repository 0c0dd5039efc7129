// SPDX-License-Identifier: Apache-2.0
// Are a run's checkpoints as they were written? Each carries the SHA-256 of its files in its state.json. Do
// its links lead to one, and does the ledger of samples tell of whole epochs?
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/verify.hpp"

namespace tessera::data_prep {

struct RunCheck {
  std::int64_t checked = 0;  // files and links
  std::vector<data::Damage> damages;
};

/// Local.
RunCheck verify_run(const std::filesystem::path& folder);

}  // namespace tessera::data_prep
