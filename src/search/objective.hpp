// SPDX-License-Identifier: Apache-2.0
// What a search calls: settings in, reports on the way, an end. It knows no more of what is tried.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "dist/communicator.hpp"
#include "search/trial.hpp"

namespace tessera::search {

/// A trial to be worked on.
struct Assignment {
  std::int64_t number = 0;
  Settings settings;
  std::filesystem::path folder;  // the trial's own, with what an earlier start of it left
};

/// Value by step, steps rising from 1 in each trial (of a training: epochs); those reported by an earlier
/// start need not be repeated. Collective over the trial's ranks. False: the trial is to end here, with a
/// checkpoint that it could go on from.
using Report = std::function<bool(std::int64_t step, double value)>;

enum class Ending { kComplete, kHalted };  // to its end; before, as the report said or for reasons of its own

/// Collective over `ranks`. What it throws on all of them makes the trial a failure, and the search goes on.
using Objective =
    std::function<Ending(const Assignment& trial, const dist::Communicator& ranks, const Report& report)>;

}  // namespace tessera::search
