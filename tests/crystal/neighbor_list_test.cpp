// SPDX-License-Identifier: Apache-2.0
#include "crystal/neighbor_list.hpp"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "crystal/crystals.hpp"

namespace tessera::crystal {
namespace {

using Place = std::tuple<int, int, int, int>;  // atom, shift

// Every image of a block reaching twice as far as the cell's heights ask for, each simply measured.
std::map<Place, double> measured_neighbors(const Structure& crystal, std::size_t atom, double cutoff) {
  const Vector3 heights = perpendicular_heights(crystal.lattice);
  std::map<Place, double> neighbors;
  for (std::size_t other = 0; other < crystal.num_atoms(); ++other) {
    const Vector3 difference = crystal.fractional[other] - crystal.fractional[atom];
    const auto reach = [&](int axis) {
      return static_cast<int>(2 * cutoff / heights[axis] + std::abs(difference[axis])) + 2;
    };
    for (int a = -reach(0); a <= reach(0); ++a)
      for (int b = -reach(1); b <= reach(1); ++b)
        for (int c = -reach(2); c <= reach(2); ++c) {
          const double distance = ((difference + Vector3(a, b, c)) * crystal.lattice).norm();
          if (distance <= cutoff && !(other == atom && a == 0 && b == 0 && c == 0))
            neighbors[{static_cast<int>(other), a, b, c}] = distance;
        }
  }
  return neighbors;
}

void expect_exact(const Structure& crystal, double cutoff) {
  const NeighborList list = find_neighbors(crystal, cutoff);

  ASSERT_EQ(list.offsets.size(), crystal.num_atoms() + 1);
  for (std::size_t atom = 0; atom < crystal.num_atoms(); ++atom) {
    const auto expected = measured_neighbors(crystal, atom, cutoff);
    const auto first = static_cast<std::size_t>(list.offsets[atom]);
    const auto last = static_cast<std::size_t>(list.offsets[atom + 1]);
    ASSERT_EQ(last - first, expected.size());
    for (std::size_t i = first; i < last; ++i) {
      const Neighbor& found = list.neighbors[i];
      const auto match = expected.find({found.atom, found.shift[0], found.shift[1], found.shift[2]});
      ASSERT_NE(match, expected.end());
      ASSERT_NEAR(found.distance, match->second, 1e-12);
      if (i == first) continue;
      const Neighbor& before = list.neighbors[i - 1];
      if (found.distance - before.distance <= 1e-8)
        ASSERT_LT(std::tie(before.atom, before.shift), std::tie(found.atom, found.shift));
      else
        ASSERT_LT(before.distance, found.distance);
    }
  }
}

TEST(NeighborList, AgreesWithMeasuringEveryImageInRandomCells) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    expect_exact(random_crystal(seed, 1 + static_cast<int>(seed % 5), 1.5), 5.0);
  }
}

TEST(NeighborList, AgreesWithMeasuringEveryImageInFlatAndSkewedCells) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    Structure crystal = random_crystal(seed, 2, 1.0);
    crystal.lattice.row(0) += 3 * crystal.lattice.row(1) - 2 * crystal.lattice.row(2);
    expect_exact(crystal, 3.0);
    crystal.lattice.row(2) *= 0.2;
    expect_exact(crystal, 2.0);
  }
}

TEST(NeighborList, AgreesWithMeasuringEveryImageInALeftHandedCell) {
  Structure crystal = random_crystal(3, 3, 1.5);
  crystal.lattice.row(0).swap(crystal.lattice.row(1));
  expect_exact(crystal, 6.0);
}

TEST(NeighborList, CountsEveryImageOfATinyCell) {
  const Structure polonium = cubic(1.0, {84}, {{.3, .3, .3}});

  const NeighborList list = find_neighbors(polonium, 3.0);

  EXPECT_EQ(list.neighbors.size(), 122u);  // points of the cubic lattice within 3, the origin left out
  expect_exact(polonium, 3.0);
}

TEST(NeighborList, IncludesTheCutoffItself) {
  EXPECT_EQ(find_neighbors(cubic(2.0, {84}, {{0, 0, 0}}), 2.0).neighbors.size(), 6u);
  EXPECT_EQ(find_neighbors(cubic(2.0, {84}, {{0, 0, 0}}), 1.999).neighbors.size(), 0u);
}

TEST(NeighborList, FollowsAtomsOutsideTheHomeCell) {
  Structure moved = rock_salt();
  moved.fractional[4] += Vector3(2, -1, 3);

  const NeighborList list = find_neighbors(moved, 3.0);

  const Neighbor& nearest = list.neighbors[static_cast<std::size_t>(list.offsets[4])];
  const Vector3 shift(nearest.shift[0], nearest.shift[1], nearest.shift[2]);
  const auto other = static_cast<std::size_t>(nearest.atom);
  EXPECT_NEAR(((moved.fractional[other] + shift - moved.fractional[4]) * moved.lattice).norm(), 2.82, 1e-12);
  expect_exact(moved, 6.0);
}

}  // namespace
}  // namespace tessera::crystal
