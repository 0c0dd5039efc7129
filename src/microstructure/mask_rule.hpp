// SPDX-License-Identifier: Apache-2.0
// What the grey levels of a mask's file mean: a boundary drawn dark or bright, or a class to each level.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "microstructure/raster.hpp"

namespace tessera::microstructure {

enum class MaskRule {
  Dark,    // 1 where below the threshold
  Bright,  // 1 where at or above it
  Values   // each grey level is a class
};

/// "dark", "bright" or "values". Raises InputError.
MaskRule mask_rule_from_name(std::string_view name);
std::string_view name_of(MaskRule rule);

/// One reading for all masks of a dataset.
struct MaskReading {
  MaskRule rule = MaskRule::Dark;
  int threshold = 128;                     // a grey level as stored, 0 to 65535
  std::vector<std::uint16_t> levels = {};  // Values: ascending; a level's place is its class
};

/// More levels than this are no classes but the noise of a JPEG or a smoothed mask.
inline constexpr std::size_t kMaxMaskLevels = 32;

/// Which of the 65536 grey levels occur.
class LevelSet {
 public:
  void add(const Raster<std::uint16_t>& grey);
  void add(std::uint16_t level) { occurs_.set(level); }
  std::size_t count() const { return occurs_.count(); }
  /// Ascending.
  std::vector<std::uint16_t> levels() const;

 private:
  std::bitset<65536> occurs_;
};

/// Raises DataError for a level that is not among the reading's.
Mask mask_of(const Raster<std::uint16_t>& grey, const MaskReading& reading);

}  // namespace tessera::microstructure
