// SPDX-License-Identifier: Apache-2.0
#include "crystal/crystal_graph.hpp"

#include <gtest/gtest.h>

#include "crystal/crystals.hpp"
#include "crystal/neighbor_list.hpp"

namespace tessera::crystal {
namespace {

void expect_first_of_neighbor_list(const Structure& crystal, const GraphOptions& options) {
  const NeighborList list = find_neighbors(crystal, options.cutoff_angstrom);
  const CrystalGraph graph = make_crystal_graph(crystal, options);

  const auto wanted = static_cast<std::size_t>(options.num_neighbors);
  ASSERT_EQ(graph.neighbor.size(), crystal.num_atoms() * wanted);
  for (std::size_t atom = 0; atom < crystal.num_atoms(); ++atom) {
    const auto first = static_cast<std::size_t>(list.offsets[atom]);
    const auto available = static_cast<std::size_t>(list.offsets[atom + 1]) - first;
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t edge = atom * wanted + i;
      ASSERT_EQ(graph.neighbor[edge], i < available ? list.neighbors[first + i].atom : 0) << atom << ' ' << i;
      ASSERT_FLOAT_EQ(graph.distance[edge],
                      static_cast<float>(i < available ? list.neighbors[first + i].distance
                                                       : options.cutoff_angstrom + 1));
    }
  }
}

TEST(CrystalGraph, HoldsTheFirstOfTheNeighborListWhateverTheCell) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    expect_first_of_neighbor_list(random_crystal(seed, 1 + static_cast<int>(seed % 7), 1.0), {});
  }
  for (const Structure& crystal : {bcc_iron(), fcc_copper(), rock_salt(), perovskite(), hcp_magnesium()})
    expect_first_of_neighbor_list(crystal, {});
}

TEST(CrystalGraph, SearchesOnToTheCutoffInSparseCrystals) {
  Structure layered = cubic(4.0, {6, 6}, {{0, 0, 0}, {0, 0, .04}});
  layered.lattice(2, 2) = 30;
  expect_first_of_neighbor_list(layered, {});
}

TEST(CrystalGraph, PadsWithAtomZeroBeyondTheCutoff) {
  const Structure sparse = cubic(7.0, {2}, {{0, 0, 0}});

  const CrystalGraph graph = make_crystal_graph(sparse);

  EXPECT_EQ(graph.num_neighbors, 12);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(graph.neighbor[i], 0);
    EXPECT_FLOAT_EQ(graph.distance[i], i < 6 ? 7.0f : 9.0f);
  }
}

TEST(CrystalGraph, CutsTiesByAtomIndexNotByRounding) {
  // 6 neighbours at 1/2 and 12 at 1/√2 of the edge: the 12th place falls among equals. An origin shift
  // changes the last bits of every distance, and must change nothing else.
  const Structure salt = rock_salt();
  Structure moved = salt;
  for (Vector3& position : moved.fractional) position += Vector3(.123456789, .777, -.31415);

  EXPECT_EQ(make_crystal_graph(salt).neighbor, make_crystal_graph(moved).neighbor);
}

}  // namespace
}  // namespace tessera::crystal
