// SPDX-License-Identifier: Apache-2.0
// A study's trials as a table that a spreadsheet or pandas opens.
#pragma once

#include <filesystem>

#include "search/trial.hpp"

namespace tessera::search {

/// One line a trial: number, state (waiting, running, parked, complete, pruned, failed), value, every setting
/// by its name (empty where the trial has it not), epochs (reports), started, finished, run (folder), reason.
/// Replaces the file at once.
void write_trials_table(const std::filesystem::path& file, const Study& study);

}  // namespace tessera::search
