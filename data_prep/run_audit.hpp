// SPDX-License-Identifier: Apache-2.0
// A run's ledger held against its split and dataset: which record was trained on in which step.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/ledger.hpp"

namespace tessera::data_prep {

struct RunLedger {
  std::filesystem::path path;
  std::vector<std::string> ids;     // of all records of the dataset, by number
  std::vector<std::int64_t> train;  // the numbers of those to train on
};

/// Nothing where the dataset is gone, which alone tells the records' numbers. Raises InputError where there
/// is no run, DataError where its files are damaged.
std::optional<RunLedger> find_ledger(const std::filesystem::path& run);

}  // namespace tessera::data_prep
