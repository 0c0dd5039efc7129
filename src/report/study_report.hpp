// SPDX-License-Identifier: Apache-2.0
// The page about a study: what was searched, what was found, which settings mattered, and how every trial
// went.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace tessera::report {

struct StudyParameter {
  std::string key;
  bool logarithmic = false;
  std::vector<std::string> choices = {};  // of a categorical one, whose values are places in it
  std::optional<double> importance = {};  // its share, all of them together 1
};

struct StudyTrial {
  std::int64_t number = 0;
  std::string state;                            // complete, pruned, failed, running, parked, waiting
  std::optional<double> value;                  // of the metric
  std::vector<double> settings = {};            // by parameter; NaN where it was not active
  std::vector<double> epochs = {}, curve = {};  // what was reported on the way, also before it was taken up
  std::int64_t trained_epochs = 0;              // since it was
  std::string note = {};                        // why it failed
};

struct StudyFacts {
  std::string name, metric;
  bool higher_is_better = false;
  std::vector<StudyParameter> parameters;
  std::vector<StudyTrial> trials;  // by number
  std::string best_config = {};    // best.toml as it stands; empty: none yet
};

/// The complete trial with the best value; null where there is none.
const StudyTrial* best_trial(const StudyFacts& study);

/// The whole HTML document.
std::string make_study_report(const StudyFacts& study);

}  // namespace tessera::report
