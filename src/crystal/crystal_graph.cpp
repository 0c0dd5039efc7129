// SPDX-License-Identifier: Apache-2.0
#include "crystal/crystal_graph.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "crystal/neighbor_search.hpp"

namespace tessera::crystal {
namespace {

// A sphere that would hold twice the neighbours at the crystal's mean density: most atoms find theirs in it,
// and 8 Å need not be searched.
double first_radius(const Structure& structure, int num_neighbors) {
  const double volume_per_atom = structure.volume() / static_cast<double>(structure.num_atoms());
  return std::cbrt(2.0 * num_neighbors * volume_per_atom * 3 / (4 * std::numbers::pi));
}

std::span<const Neighbor> nearest(NeighborSearch& search, std::size_t atom, double radius,
                                  const GraphOptions& options) {
  // Nothing tied with the last neighbour may lie beyond the radius.
  constexpr double kMargin = 1e-6;
  const auto wanted = static_cast<std::size_t>(options.num_neighbors);
  for (;; radius *= 1.3) {
    const double searched = std::min(radius, options.cutoff_angstrom);
    const auto found = search.within(atom, searched);
    const bool enough = found.size() >= wanted && found[wanted - 1].distance <= searched - kMargin;
    if (enough) return found.first(wanted);
    if (searched >= options.cutoff_angstrom) return found.first(std::min(wanted, found.size()));
  }
}

}  // namespace

CrystalGraph make_crystal_graph(const Structure& structure, const GraphOptions& options) {
  const auto edges = structure.num_atoms() * static_cast<std::size_t>(options.num_neighbors);
  CrystalGraph graph;
  graph.num_neighbors = options.num_neighbors;
  graph.neighbor.assign(edges, 0);
  graph.distance.assign(edges, static_cast<float>(options.cutoff_angstrom + 1));
  NeighborSearch search(structure);
  const double radius = first_radius(structure, options.num_neighbors);
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
    std::size_t edge = atom * static_cast<std::size_t>(options.num_neighbors);
    for (const Neighbor& neighbor : nearest(search, atom, radius, options)) {
      graph.neighbor[edge] = neighbor.atom;
      graph.distance[edge] = static_cast<float>(neighbor.distance);
      ++edge;
    }
  }
  return graph;
}

}  // namespace tessera::crystal
