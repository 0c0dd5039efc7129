// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/phase_map_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "core/error.hpp"
#include "microstructure/files/image_file.hpp"

namespace tessera::microstructure {

PhaseMap read_phase_map(const std::filesystem::path& path) {
  ImageReader reader;
  const auto headers = reader.headers(path);
  PhaseMap map{.size = {std::ssize(headers), headers[0].height, headers[0].width}, .labels = {}};
  std::vector<std::uint16_t> grey;
  grey.reserve(static_cast<std::size_t>(map.num_cells()));
  for (std::size_t page = 0; page < headers.size(); ++page) {
    const auto& slice = reader.read(path, page).grey;
    if (slice.height() != headers[0].height || slice.width() != headers[0].width)
      throw core::DataError(fmt::format(
          "{} must have pages of one size, page {} is {} × {} px and page 0 {} × {}. "
          "Are they slices of one volume?",
          path.string(), page, slice.width(), slice.height(), headers[0].width, headers[0].height));
    grey.insert(grey.end(), slice.values().begin(), slice.values().end());
  }

  std::vector<bool> seen(1 << 16);
  for (const auto level : grey) seen[level] = true;
  std::vector<std::uint8_t> phase_of(1 << 16);
  int phases = 0;
  for (std::size_t level = 0; level < seen.size(); ++level)
    if (seen[level] && phases <= kMostPhases) phase_of[level] = static_cast<std::uint8_t>(phases++);
  if (phases > kMostPhases)
    throw core::DataError(
        fmt::format("{} must have at most {} grey levels, one for each phase, it has more. "
                    "Segment it first.",
                    path.string(), kMostPhases));
  map.labels.resize(grey.size());
  std::transform(grey.begin(), grey.end(), map.labels.begin(),
                 [&](std::uint16_t level) { return phase_of[level]; });
  return map;
}

}  // namespace tessera::microstructure
