// SPDX-License-Identifier: Apache-2.0
// One atom's periodic neighbours at a time, at a radius chosen per call. The lattice is turned so that c lies
// along z and b in the yz plane; then the images in a sphere are three nested ranges, with none looked at in
// vain however skewed the cell.
#pragma once

#include <span>
#include <vector>

#include "crystal/neighbor_list.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

class NeighborSearch {
 public:
  /// Keeps a reference to the structure.
  explicit NeighborSearch(const Structure& structure);

  /// In find_neighbors' order; valid until the next call.
  std::span<const Neighbor> within(std::size_t atom, double radius_angstrom);

 private:
  void append_images(std::size_t atom, std::size_t other, double radius);

  const Structure& structure_;
  Matrix3 turned_;  // rows a = (ax, ay, az), b = (0, by, bz), c = (0, 0, cz); diagonal positive
  std::vector<Neighbor> found_;
};

}  // namespace tessera::crystal
