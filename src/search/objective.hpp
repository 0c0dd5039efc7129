// SPDX-License-Identifier: Apache-2.0
// What a search calls: settings in, reports on the way, an end. It knows no more of what is tried.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "dist/communicator.hpp"
#include "search/trial.hpp"

namespace tessera::search {

/// What becomes of a trial that has reported.
enum class Verdict {
  kGoOn,
  kPrune,  // it is not worth its time: end it
  kPark,   // its checkpoint waits at this rung: another trial's turn
  kStop,   // the job ends: keep a checkpoint, the trial goes on another time
};

/// A trial to be worked on.
struct Assignment {
  std::int64_t number = 0;
  Settings settings;
  std::filesystem::path folder;  // the trial's own, with what an earlier start of it left
};

/// Value by step, steps rising from 1 in each trial (of a training: epochs); those reported by an earlier
/// start are not repeated. Collective over the trial's ranks, which all get the same verdict, and must end
/// the trial on any but kGoOn.
using Report = std::function<Verdict(std::int64_t step, double value)>;

enum class Ending { kComplete, kHalted };  // to its end; where a verdict said so

/// Collective over `ranks`. What it throws on all of them makes the trial a failure, and the search goes on.
using Objective =
    std::function<Ending(const Assignment& trial, const dist::Communicator& ranks, const Report& report)>;

}  // namespace tessera::search
