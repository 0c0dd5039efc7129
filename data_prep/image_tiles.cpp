// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_tiles.hpp"

namespace tessera::data_prep {
namespace {

std::vector<int> begins(int extent, int edge, int step) {
  std::vector<int> begins = {0};
  while (begins.back() + edge < extent) begins.push_back(std::min(begins.back() + step, extent - edge));
  return begins;
}

}  // namespace

std::vector<Tile> cut_tiles(int height, int width, int edge, int overlap) {
  if (edge == 0) return {{0, 0, height, width}};
  const int rows = std::min(edge, height), columns = std::min(edge, width);
  std::vector<Tile> tiles;
  for (const int y : begins(height, rows, edge - overlap))
    for (const int x : begins(width, columns, edge - overlap)) tiles.push_back({y, x, rows, columns});
  return tiles;
}

}  // namespace tessera::data_prep
