// SPDX-License-Identifier: Apache-2.0
// Inputs to a dataset of shards. Shard k is made from the k-th slice of all usable inputs in order of id,
// whoever makes it: the dataset does not depend on the ranks, and each shard can be made again by itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data_prep/shard_maker.hpp"
#include "dist/communicator.hpp"
#include "dist/stop_request.hpp"

namespace tessera::data_prep {

struct PreparationOptions {
  bool strict = false;     // the first input that cannot be used ends everything
  bool overwrite = false;  // another preparation in the folder is removed
  bool repair = false;     // what stands must come out as it was, or nothing is replaced
  bool progress = true;
  bool stops_in_time = false;  // at a signal, and before the job's end: see dist/stop_request.hpp
};

struct PreparationSummary {
  std::int64_t records = 0;
  std::int64_t quarantined = 0;
  std::int64_t shards = 0;
  std::int64_t rebuilt = 0;  // the other shards stood already
  std::int64_t left = 0;     // where it stopped in time; then there are no tables yet, nor counts of records
  dist::Stop stop = dist::Stop::None;
};

/// Collective. Makes only the shards that are missing, damaged, or made from inputs that changed since; then
/// the tables and the manifest. Asked to stop while shards are left, each rank ends with the one in hand, and
/// the next start makes the others. `refused`: inputs that no shard is made from, on the root. Raises
/// InputError for a folder that holds another preparation, and with `repair` where the sources changed;
/// DataError where a file cannot be written and, with `strict`, for the first bad input, also of shards that
/// stood already.
PreparationSummary prepare_dataset(const dist::Communicator& comm, ShardMaker& maker,
                                   const std::vector<data::QuarantineRow>& refused,
                                   const std::string& settings, const std::filesystem::path& folder,
                                   const PreparationOptions& options);

/// Collective. The final line and what was left out, or left to do; `what` is one of the inputs, "crystal".
/// Returns the exit code, and asks for a start again where this one was stopped and made something.
int report_summary(const dist::Communicator& comm, const PreparationSummary& summary,
                   const std::filesystem::path& folder, const std::string& what, double seconds);

}  // namespace tessera::data_prep
