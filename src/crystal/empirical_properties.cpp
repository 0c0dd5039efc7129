// SPDX-License-Identifier: Apache-2.0
#include "crystal/empirical_properties.hpp"

#include <algorithm>
#include <cmath>

#include "crystal/element.hpp"
#include "crystal/neighbor_list.hpp"

namespace tessera::crystal {
namespace {

constexpr double kCutoff = 8.0;     // Å; weights are below 1e-3 there even between the largest atoms
constexpr double kSoftness = 0.37;  // Å, Brown and Altermatt (1985)

int num_bonds(int element) {
  const int valence = properties(element).valence_electrons;
  return block(element) == Block::P ? std::min(valence, 8 - valence) : std::min(valence, 4);
}

}  // namespace

EmpiricalProperties empirical_properties(const Structure& structure) {
  const NeighborList list = find_neighbors(structure, kCutoff);
  const auto num_atoms = static_cast<double>(structure.num_atoms());
  double energy = 0;
  double mean_distance = 0;
  double mean_coordination = 0;
  double ionicity = 0;
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
    const ElementProperties& own = properties(structure.elements[atom]);
    double weights = 0, largest = 0, squares = 0, differences = 0, distances = 0;
    for (auto i = list.offsets[atom]; i < list.offsets[atom + 1]; ++i) {
      const Neighbor& neighbor = list.neighbors[static_cast<std::size_t>(i)];
      const ElementProperties& other =
          properties(structure.elements[static_cast<std::size_t>(neighbor.atom)]);
      const double radii = (own.covalent_radius_pm + other.covalent_radius_pm) / 100;
      const double weight = std::exp((radii - neighbor.distance) / kSoftness);
      const double difference = own.electronegativity - other.electronegativity;
      weights += weight;
      largest = std::max(largest, weight);
      squares += weight * difference * difference;
      differences += weight * std::abs(difference);
      distances += weight * neighbor.distance;
    }
    energy -= num_bonds(structure.elements[atom]) * squares / weights / 2;
    ionicity += differences / weights / num_atoms;
    mean_distance += distances / weights / num_atoms;
    mean_coordination += weights / largest / num_atoms;
  }
  const double stiffness = 1971 - 220 * std::min(ionicity, 3.0);
  return {energy / num_atoms, mean_coordination / 4 * stiffness / std::pow(mean_distance, 3.5)};
}

}  // namespace tessera::crystal
