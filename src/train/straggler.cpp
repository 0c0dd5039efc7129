// SPDX-License-Identifier: Apache-2.0
#include "train/straggler.hpp"

#include <algorithm>
#include <vector>

namespace tessera::train {
namespace {

double work_of(const SectionSeconds& seconds) {
  return seconds[static_cast<std::size_t>(Section::Input)] +
         seconds[static_cast<std::size_t>(Section::Compute)];
}

}  // namespace

std::optional<Straggler> find_straggler(std::span<const SectionSeconds> ranks) {
  constexpr double kTooSlow = 1.2, kTooShortToTell = 10;
  if (ranks.size() < 3) return std::nullopt;
  std::vector<double> work;
  for (const auto& seconds : ranks) work.push_back(work_of(seconds));
  const auto slowest = std::max_element(work.begin(), work.end());
  const double longest = *slowest;
  const int rank = static_cast<int>(slowest - work.begin());
  const auto median = work.begin() + std::ssize(work) / 2;
  std::nth_element(work.begin(), median, work.end());
  if (longest < kTooShortToTell || longest < kTooSlow * *median) return std::nullopt;
  return Straggler{.rank = rank, .times_median = longest / *median};
}

}  // namespace tessera::train
