// SPDX-License-Identifier: Apache-2.0
#include "report/rank_table.hpp"

#include <algorithm>

#include "report/number.hpp"

namespace tessera::report {

Table rank_table(const RankSections& sections) {
  Table table{.columns = {"seconds", "fastest rank", "median", "slowest rank", "which"},
              .rows = {},
              .caption =
                  "The ranks beside each other. One that computes longer than the others makes them "
                  "wait: that is their imbalance"};
  for (const auto& [name, seconds] : sections) {
    if (seconds.empty()) continue;
    const auto slowest = std::max_element(seconds.begin(), seconds.end());
    if (*slowest <= 0) continue;
    auto sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    table.rows.push_back({name, format_number(sorted.front(), 3), format_number(sorted[sorted.size() / 2], 3),
                          format_number(sorted.back(), 3), std::to_string(slowest - seconds.begin())});
  }
  return table;
}

}  // namespace tessera::report
