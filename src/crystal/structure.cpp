// SPDX-License-Identifier: Apache-2.0
#include "crystal/structure.hpp"

#include <fmt/format.h>

#include <Eigen/Geometry>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "crystal/element.hpp"
#include "crystal/neighbor_search.hpp"

namespace tessera::crystal {
namespace {

constexpr double kMaxLength = 1000;      // Å
constexpr double kMaxFractional = 1000;  // cells
constexpr double kMinVolume = 0.1;       // Å³ an atom
constexpr double kMinHeight = 0.01;      // Å; keeps the number of images to be looked at within reason
constexpr double kMinDistance = 0.5;     // Å; the shortest bond, H-H, has 0.74

void check_lattice(const Structure& structure) {
  for (int axis = 0; axis < 3; ++axis) {
    const double length = structure.lattice.row(axis).norm();
    if (!(length <= kMaxLength))
      throw core::DataError(
          fmt::format("Lattice vectors must be finite and at most {} Å long, but {} has {} Å.", kMaxLength,
                      "abc"[axis], length));
  }
  const double volume_per_atom = structure.volume() / static_cast<double>(structure.num_atoms());
  if (!(volume_per_atom >= kMinVolume))
    throw core::DataError(
        fmt::format("A cell must have at least {} Å³ an atom, but this one has {:.4g} Å³ ({} atoms).",
                    kMinVolume, volume_per_atom, structure.num_atoms()));
  const double height = perpendicular_heights(structure.lattice).minCoeff();
  if (!(height >= kMinHeight))
    throw core::DataError(fmt::format(
        "Opposite faces of the cell must be at least {} Å apart, but two are {:.4g} Å. Reduce the cell.",
        kMinHeight, height));
}

void check_atom(const Structure& structure, std::size_t atom) {
  if (structure.elements[atom] < 1 || structure.elements[atom] > kMaxElement)
    throw core::DataError(fmt::format("Atomic numbers must be 1 to {}, but atom {} has {}.", kMaxElement,
                                      atom + 1, structure.elements[atom]));
  const Vector3& position = structure.fractional[atom];
  if (!(position.cwiseAbs().maxCoeff() <= kMaxFractional) || !position.allFinite())
    throw core::DataError(fmt::format(
        "Fractional coordinates must be finite and within ±{}, but atom {} ({}) is at {} {} {}.",
        kMaxFractional, atom + 1, symbol(structure.elements[atom]), position[0], position[1], position[2]));
}

void check_distances(const Structure& structure) {
  NeighborSearch search(structure);
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
    for (const Neighbor& neighbor : search.within(atom, kMinDistance)) {
      if (neighbor.distance >= kMinDistance) continue;
      const auto other = static_cast<std::size_t>(neighbor.atom);
      throw core::DataError(fmt::format(
          "Atoms must be at least {} Å apart, but {} (atom {}) and {} (atom {}{}) are {:.3f} Å.",
          kMinDistance, symbol(structure.elements[atom]), atom + 1, symbol(structure.elements[other]),
          other + 1, neighbor.shift == std::array<std::int32_t, 3>{} ? "" : ", in another cell",
          neighbor.distance));
    }
  }
}

}  // namespace

double Structure::volume() const {
  return std::abs(lattice.determinant());
}

Vector3 perpendicular_heights(const Matrix3& lattice) {
  const double volume = std::abs(lattice.determinant());
  Vector3 heights;
  for (int axis = 0; axis < 3; ++axis)
    heights[axis] = volume / lattice.row((axis + 1) % 3).cross(lattice.row((axis + 2) % 3)).norm();
  return heights;
}

void check_possible(const Structure& structure) {
  if (structure.num_atoms() == 0) throw core::DataError("A crystal must have atoms, but this one has none.");
  if (structure.fractional.size() != structure.num_atoms())
    throw core::DataError(fmt::format("Each atom needs one position, got {} elements and {} positions.",
                                      structure.num_atoms(), structure.fractional.size()));
  check_lattice(structure);
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) check_atom(structure, atom);
  check_distances(structure);
}

std::string formula(const Structure& structure) {
  std::vector<std::pair<int, int>> counts;  // (element, atoms)
  for (int element : structure.elements) {
    std::size_t i = 0;
    while (i < counts.size() && counts[i].first != element) ++i;
    if (i == counts.size()) counts.emplace_back(element, 0);
    ++counts[i].second;
  }
  std::string text;
  for (const auto& [element, count] : counts)
    text += fmt::format("{}{}{}", text.empty() ? "" : " ", symbol(element), count);
  return text;
}

}  // namespace tessera::crystal
