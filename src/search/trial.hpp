// SPDX-License-Identifier: Apache-2.0
// A study is its trials: settings tried, what was reported on the way, and how each ended. Plain data, as it
// stands in the journal.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/distribution.hpp"

namespace tessera::search {

/// Numbers as Optuna's journal writes them.
enum class TrialState { kRunning = 0, kComplete = 1, kPruned = 2, kFail = 3, kWaiting = 4 };
inline bool is_finished(TrialState state) {
  return state == TrialState::kComplete || state == TrialState::kPruned || state == TrialState::kFail;
}

enum class Direction { kMinimize = 1, kMaximize = 2 };

struct Setting {
  Distribution distribution;
  double value = 0;  // see distribution.hpp
  bool operator==(const Setting&) const = default;
};

/// Only the active ones: a conditional setting whose condition does not hold is not there.
using Settings = std::map<std::string, Setting>;

struct Trial {
  std::int64_t number = 0;  // from 0, in the order of the journal
  TrialState state = TrialState::kRunning;
  Settings settings;
  std::map<std::int64_t, double> intermediate;  // value by step (epoch), NaN where it was no number
  std::optional<double> value;                  // of a complete trial, and of a pruned one that has any
  std::map<std::string, std::string> user_attributes, system_attributes;  // JSON text
  std::string started, finished;                                          // ISO 8601, UTC; empty: not yet

  bool operator==(const Trial&) const = default;
};

struct Study {
  std::string name;
  Direction direction = Direction::kMinimize;
  std::map<std::string, std::string> user_attributes, system_attributes;  // JSON text
  std::vector<Trial> trials;                                              // by number

  bool operator==(const Study&) const = default;
};

}  // namespace tessera::search
