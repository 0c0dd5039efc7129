// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/phase_map_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"

namespace tessera::microstructure {

namespace {

// All pages of a file, one behind the other.
std::vector<std::uint16_t> read_slices(const std::filesystem::path& path, GridSize& size) {
  ImageReader reader;
  const auto headers = reader.headers(path);
  size = {std::ssize(headers), headers[0].height, headers[0].width};
  if (size[0] * size[1] * size[2] > std::numeric_limits<std::int32_t>::max())
    throw ImageFileError(
        path, fmt::format("must have at most 2^31 - 1 cells, has {} × {} × {}. Cut it into parts.", size[0],
                          size[1], size[2]));
  std::vector<std::uint16_t> grey;
  for (std::size_t page = 0; page < headers.size(); ++page) {
    const auto& slice = reader.read(path, page).grey;
    if (slice.height() != size[1] || slice.width() != size[2])
      throw ImageFileError(
          path, fmt::format("its pages must be of one size, page {} is {} × {} px and page 0 {} × {}. "
                            "Are they slices of one volume?",
                            page, slice.width(), slice.height(), size[2], size[1]));
    grey.insert(grey.end(), slice.values().begin(), slice.values().end());
  }
  return grey;
}

std::vector<std::uint16_t> levels_of(const std::vector<std::uint16_t>& grey) {
  std::vector<bool> seen(1 << 16);
  for (const auto level : grey) seen[level] = true;
  std::vector<std::uint16_t> levels;
  for (std::size_t level = 0; level < seen.size(); ++level)
    if (seen[level]) levels.push_back(static_cast<std::uint16_t>(level));
  return levels;
}

}  // namespace

PhaseMap read_phase_map(const std::filesystem::path& path, std::span<const std::uint16_t> levels) {
  PhaseMap map;
  const auto grey = read_slices(path, map.size);
  const auto found = levels_of(grey);
  if (levels.empty()) levels = found;
  if (std::ssize(levels) > kMostPhases)
    throw ImageFileError(
        path, fmt::format("must have at most {} grey levels, one for each phase, has {}. Segment it "
                          "first.",
                          kMostPhases, levels.size()));
  std::vector<std::uint8_t> phase_of(1 << 16);
  for (std::size_t phase = 0; phase < levels.size(); ++phase)
    phase_of[levels[phase]] = static_cast<std::uint8_t>(phase);
  for (const auto level : found)
    if (std::ranges::find(levels, level) == levels.end())
      throw ImageFileError(path, fmt::format("must have no other grey levels than {}, has {}",
                                             fmt::join(levels, ", "), level));
  map.levels.assign(levels.begin(), levels.end());
  map.labels.resize(grey.size());
  std::ranges::transform(grey, map.labels.begin(), [&](std::uint16_t level) { return phase_of[level]; });
  return map;
}

}  // namespace tessera::microstructure
