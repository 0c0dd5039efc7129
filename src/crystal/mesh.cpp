// SPDX-License-Identifier: Apache-2.0
#include "crystal/mesh.hpp"

namespace tessera::crystal {

Vector3 position(const Structure& cell, const MeshVertex& vertex) {
  const Vector3 shift(vertex.shift[0], vertex.shift[1], vertex.shift[2]);
  return (cell.fractional[static_cast<std::size_t>(vertex.site)] + shift) * cell.lattice;
}

Vector3 Mesh::position(std::int32_t vertex) const {
  return crystal::position(cell, vertices[static_cast<std::size_t>(vertex)]);
}

}  // namespace tessera::crystal
