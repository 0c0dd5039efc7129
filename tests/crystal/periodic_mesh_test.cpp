// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>

#include "crystal/crystals.hpp"
#include "crystal/mesh.hpp"
#include "crystal/mesh_features.hpp"
#include "crystal/other_descriptions.hpp"

namespace tessera::crystal {
namespace {

Structure fluorite() {
  Structure crystal = cubic(5.463, {20, 20, 20, 20}, {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}});
  for (int i = 0; i < 8; ++i) {
    crystal.elements.push_back(9);
    crystal.fractional.emplace_back(.25 + .5 * (i & 1), .25 + .25 * (i & 2), .25 + .125 * (i & 4));
  }
  return crystal;
}

void expect_one_mesh_however_described(const Structure& crystal) {
  const Mesh mesh = make_periodic_mesh(crystal);
  core::RandomStream random(1, "description");
  for (const auto& other : other_descriptions(crystal, random))
    EXPECT_LT(difference_of(mesh, make_periodic_mesh(other.structure), other.times), 1e-6) << other.name;
  EXPECT_LT(difference_of(mesh, make_periodic_mesh(supercell(crystal, {1, 2, 3})), 6), 1e-6);
}

TEST(PeriodicMesh, IsOneForEveryDescriptionOfDegenerateCrystals) {
  for (const Structure& crystal :
       {rock_salt(), fluorite(), perovskite(), fcc_copper(), bcc_iron(), cesium_chloride(), hcp_magnesium()})
    expect_one_mesh_however_described(crystal);
}

TEST(PeriodicMesh, IsOneForEveryDescriptionOfOthers) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    expect_one_mesh_however_described(jittered(perovskite(), 0.2, seed));
    expect_one_mesh_however_described(random_crystal(seed, 3, 1.5));
  }
}

TEST(PeriodicMesh, OfAPrimitiveCellIsAQuarterOfTheConventionalOne) {
  Structure primitive{Matrix3::Zero(), {29}, {{0, 0, 0}}};
  primitive.lattice << 0, 1, 1, 1, 0, 1, 1, 1, 0;
  primitive.lattice *= 3.615 / 2;
  EXPECT_LT(difference_of(make_periodic_mesh(primitive), make_periodic_mesh(fcc_copper()), 4), 1e-6);
}

TEST(PeriodicMesh, DiffersWhereTheCrystalDoes) {
  Structure other = rock_salt();
  other.elements[3] = 19;
  EXPECT_GT(difference_of(make_periodic_mesh(rock_salt()), make_periodic_mesh(other)), 1e-3);
  other = rock_salt();
  other.lattice *= 1.001;
  EXPECT_GT(difference_of(make_periodic_mesh(rock_salt()), make_periodic_mesh(other)), 1e-3);
}

TEST(PeriodicMesh, CutsAPolygonAtEachCorner) {
  const Mesh cube = make_periodic_mesh(cubic(3, {84}, {{0, 0, 0}}));
  EXPECT_EQ(cube.faces.size(), 12);  // three squares, four triangles each
  ASSERT_EQ(cube.cells.size(), 1);
  EXPECT_FLOAT_EQ(cube.cells[0].volume, 27);
  EXPECT_FLOAT_EQ(cube.cells[0].circumradius, 1.5F * std::sqrt(3.0F));
  for (const auto& row : face_features(cube)) EXPECT_NEAR(row[7], 4.5, 1e-9);  // half a square
}

TEST(PeriodicMesh, TellsTheCellsBehindAndBeforeAFace) {
  const Mesh mesh = make_periodic_mesh(jittered(perovskite(), 0.1, 3));
  // Areas of a cell's faces, outward, sum to nothing.
  std::vector<Vector3> sums(mesh.cells.size(), Vector3::Zero());
  for (std::size_t f = 0; f < mesh.faces.size(); ++f) {
    const auto [a, b, c] = mesh.faces[f];
    const Vector3 area = (mesh.position(b) - mesh.position(a)).cross(mesh.position(c) - mesh.position(a));
    EXPECT_GT(*std::find_if(area.data(), area.data() + 3,
                            [&](double value) { return std::abs(value) > 1e-3 * area.norm(); }),
              0);
    sums[static_cast<std::size_t>(mesh.face_cells[f][0])] += area;
    sums[static_cast<std::size_t>(mesh.face_cells[f][1])] -= area;
  }
  for (const Vector3& sum : sums) EXPECT_LT(sum.norm(), 1e-9);
}

TEST(PeriodicMesh, HasEachHomeSiteOnceAsCentral) {
  const Mesh mesh = make_periodic_mesh(perovskite());
  std::vector<std::int32_t> sites(5);
  std::iota(sites.begin(), sites.end(), 0);
  EXPECT_EQ(mesh.central, sites);
  for (const std::int32_t site : sites) EXPECT_EQ(mesh.vertices[static_cast<std::size_t>(site)].site, site);
}

}  // namespace
}  // namespace tessera::crystal
