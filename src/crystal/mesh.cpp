// SPDX-License-Identifier: Apache-2.0
#include "crystal/mesh.hpp"

namespace tessera::crystal {

Vector3 Mesh::position(std::int32_t vertex) const {
  const MeshVertex& corner = vertices[static_cast<std::size_t>(vertex)];
  const Vector3 shift(corner.shift[0], corner.shift[1], corner.shift[2]);
  return (cell.fractional[static_cast<std::size_t>(corner.site)] + shift) * cell.lattice;
}

}  // namespace tessera::crystal
