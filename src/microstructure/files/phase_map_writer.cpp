// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/phase_map_writer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "core/file.hpp"

namespace tessera::microstructure {
namespace {

// Version 1: magic word, length of the header in two bytes, a Python dict, padded so that the data begins at
// a multiple of 64 bytes.
std::string npy_header(const std::string& type, const std::string& shape) {
  std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  constexpr std::size_t kBefore = 10, kMultiple = 64;
  dict.append((kMultiple - (kBefore + dict.size() + 1) % kMultiple) % kMultiple, ' ');
  dict += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(dict.size() & 0xff);
  header += static_cast<char>(dict.size() >> 8);
  return header + dict;
}

template <typename T>
std::string levels_of(const PhaseMap& map) {
  std::string bytes(map.labels.size() * sizeof(T), '\0');
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    const auto level = static_cast<T>(map.levels.empty() ? map.labels[i] : map.levels[map.labels[i]]);
    std::memcpy(bytes.data() + i * sizeof(T), &level, sizeof(T));
  }
  return bytes;
}

}  // namespace

void write_npy(const std::filesystem::path& path, const PhaseMap& map) {
  const bool is_wide = !map.levels.empty() && *std::ranges::max_element(map.levels) > 255;
  const std::string plane = fmt::format("{}, {}", map.size[1], map.size[2]);
  const std::string shape = map.dimensions() == 3 ? fmt::format("{}, {}", map.size[0], plane) : plane;
  const std::string header = npy_header(is_wide ? "<u2" : "|u1", shape);
  const std::string values = is_wide ? levels_of<std::uint16_t>(map) : levels_of<std::uint8_t>(map);
  const std::string_view pieces[] = {header, values};
  core::write_file_atomically(path, pieces);
}

Mask planes_to_look_at(const PhaseMap& map) {
  const auto [slices, rows, columns] = map.size;
  const auto label = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    return map.labels[static_cast<std::size_t>((z * rows + y) * columns + x)];
  };
  const auto extent = [](std::int64_t cells) { return static_cast<int>(cells); };
  if (slices == 1) {
    Mask mask(extent(rows), extent(columns));
    mask.values() = map.labels;
    return mask;
  }
  Mask mask(extent(std::max(slices, rows)), extent(columns + columns + rows));
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x) mask(extent(y), extent(x)) = label(slices / 2, y, x);
  for (std::int64_t z = 0; z < slices; ++z) {
    for (std::int64_t x = 0; x < columns; ++x) mask(extent(z), extent(columns + x)) = label(z, rows / 2, x);
    for (std::int64_t y = 0; y < rows; ++y)
      mask(extent(z), extent(2 * columns + y)) = label(z, y, columns / 2);
  }
  return mask;
}

}  // namespace tessera::microstructure
