// SPDX-License-Identifier: Apache-2.0
// Where the time of all ranks went, and who was slow: a row a section.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/html_report.hpp"

namespace tessera::report {

/// Seconds by rank of each section, in the order they are shown.
using RankSections = std::vector<std::pair<std::string, std::vector<double>>>;

/// Fastest, median and slowest rank of each section that took time, and which the slowest is.
Table rank_table(const RankSections& sections);

}  // namespace tessera::report
