// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "crystal/delaunay_complex.hpp"
#include "crystal/mesh.hpp"

namespace tessera::crystal {
namespace {

// One of the two sides of a plane, chosen by its direction alone.
bool is_before(const Vector3& normal) {
  constexpr double kZero = 1e-3;  // components of idealised crystals differ from 0 by rounding
  for (int axis = 0; axis < 3; ++axis)
    if (std::abs(normal[axis]) > kZero) return normal[axis] > 0;
  return true;
}

class MeshBuilder {
 public:
  explicit MeshBuilder(const DelaunayComplex& complex) : complex_(complex) {
    mesh_.cell = complex.cell;
    for (std::size_t site = 0; site < complex.cell.num_atoms(); ++site)
      mesh_.central.push_back(vertex_of({static_cast<std::int32_t>(site), {}}));
  }

  Mesh build() {
    for (const ComplexCell& cell : complex_.cells)
      mesh_.cells.push_back({static_cast<float>(cell.volume), static_cast<float>(cell.circumradius)});
    for (ComplexFace face : complex_.faces) {
      if (!is_before(face.normal)) {
        std::reverse(face.corners.begin(), face.corners.end());
        std::swap(face.cells[0], face.cells[1]);
      }
      add_triangles(face);
    }
    return std::move(mesh_);
  }

 private:
  std::int32_t vertex_of(const MeshVertex& vertex) {
    const auto [at, is_new] = vertices_.emplace(vertex, static_cast<std::int32_t>(mesh_.vertices.size()));
    if (is_new) mesh_.vertices.push_back(vertex);
    return at->second;
  }

  // Every corner with its neighbours: no choice of a diagonal, whatever number the corners have.
  void add_triangles(const ComplexFace& face) {
    const std::size_t n = face.corners.size();
    for (std::size_t i = 0; i < (n == 3 ? 1 : n); ++i) {
      mesh_.faces.push_back({vertex_of(face.corners[i]), vertex_of(face.corners[(i + 1) % n]),
                             vertex_of(face.corners[(i + 2) % n])});
      mesh_.face_cells.push_back(face.cells);
    }
  }

  const DelaunayComplex& complex_;
  std::map<MeshVertex, std::int32_t> vertices_;
  Mesh mesh_;
};

}  // namespace

Mesh make_periodic_mesh(const Structure& cell) {
  return MeshBuilder(make_delaunay_complex(cell)).build();
}

}  // namespace tessera::crystal
