// SPDX-License-Identifier: Apache-2.0
// How an image is cut into tiles of one size.
#pragma once

#include <algorithm>
#include <vector>

#include "microstructure/raster.hpp"

namespace tessera::data_prep {

/// A rectangle of a page, in pixels from its top left.
struct Tile {
  int y = 0, x = 0, height = 0, width = 0;
  bool operator==(const Tile&) const = default;
};

/// Row by row: tiles of `edge` pixels (or of the image's own height or width where that is less), each
/// beginning edge − overlap behind the one before; the last of a row and of a column is moved inward, so that
/// every pixel is in a tile. The whole image where `edge` is 0. 0 <= overlap < edge otherwise.
std::vector<Tile> cut_tiles(int height, int width, int edge, int overlap);

template <typename T>
microstructure::Raster<T> cut(const microstructure::Raster<T>& page, const Tile& tile) {
  microstructure::Raster<T> piece(tile.height, tile.width);
  for (int y = 0; y < tile.height; ++y) {
    const T* from = page.row(tile.y + y) + tile.x;
    std::copy(from, from + tile.width, piece.row(y));
  }
  return piece;
}

}  // namespace tessera::data_prep
