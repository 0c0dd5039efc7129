// SPDX-License-Identifier: Apache-2.0
// A rank that works much longer than most: the others wait for it in every step, so that all look slow.
#pragma once

#include <optional>
#include <span>

#include "train/section_clock.hpp"

namespace tessera::train {

struct Straggler {
  int rank = 0;
  double times_median = 1;  // its input and compute over the median rank's
};

/// The slowest rank where it works for more than 1.2 times as long as the median one, and for at least 10 s;
/// nothing otherwise, nor among less than three, which have no majority.
std::optional<Straggler> find_straggler(std::span<const SectionSeconds> ranks);

}  // namespace tessera::train
