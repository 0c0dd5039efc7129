// SPDX-License-Identifier: Apache-2.0
#include "microstructure/mask_rule.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::microstructure {
namespace {

const std::array<std::string, 3> kNames = {"dark", "bright", "values"};

Mask split_at(const Raster<std::uint16_t>& grey, int threshold, std::uint8_t below) {
  Mask mask(grey.height(), grey.width());
  std::transform(grey.values().begin(), grey.values().end(), mask.values().begin(),
                 [&](int level) { return static_cast<std::uint8_t>(level < threshold ? below : 1 - below); });
  return mask;
}

}  // namespace

MaskRule mask_rule_from_name(std::string_view name) {
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) {
    const auto near = core::nearest_word(name, kNames);
    throw core::InputError(fmt::format("--mask-rule must be dark, bright or values, got \"{}\"{}", name,
                                       near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }
  return static_cast<MaskRule>(at - kNames.begin());
}

std::string_view name_of(MaskRule rule) {
  return kNames[static_cast<std::size_t>(rule)];
}

void LevelSet::add(const Raster<std::uint16_t>& grey) {
  for (const std::uint16_t level : grey.values()) occurs_.set(level);
}

std::vector<std::uint16_t> LevelSet::levels() const {
  std::vector<std::uint16_t> levels;
  for (std::size_t level = 0; level < occurs_.size(); ++level)
    if (occurs_[level]) levels.push_back(static_cast<std::uint16_t>(level));
  return levels;
}

Mask mask_of(const Raster<std::uint16_t>& grey, const MaskReading& reading) {
  if (reading.rule == MaskRule::Dark) return split_at(grey, reading.threshold, 1);
  if (reading.rule == MaskRule::Bright) return split_at(grey, reading.threshold, 0);
  constexpr std::uint8_t kNone = 255;
  std::vector<std::uint8_t> class_of(65536, kNone);
  for (std::size_t i = 0; i < reading.levels.size(); ++i)
    class_of[reading.levels[i]] = static_cast<std::uint8_t>(i);
  Mask mask(grey.height(), grey.width());
  for (std::size_t i = 0; i < grey.size(); ++i) {
    mask.values()[i] = class_of[grey.values()[i]];
    if (mask.values()[i] == kNone)
      throw core::DataError(
          fmt::format("a mask's levels must be among the {} of the dataset, and one is {}. It "
                      "changed since they were listed: start again.",
                      reading.levels.size(), grey.values()[i]));
  }
  return mask;
}

}  // namespace tessera::microstructure
