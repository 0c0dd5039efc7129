// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <map>
#include <set>

#include "crystal/crystals.hpp"
#include "crystal/mesh.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

using Face = std::array<std::int32_t, 3>;
using Tetrahedron = std::array<std::int32_t, 4>;

struct Sphere {
  Vector3 center;
  double radius;
};

Sphere circumsphere(const Mesh& mesh, const Tetrahedron& corners) {
  const Vector3 origin = mesh.position(corners[0]);
  Eigen::Matrix3d edges;
  Eigen::Vector3d half_squares;
  for (int i = 0; i < 3; ++i) {
    const Vector3 edge = mesh.position(corners[static_cast<std::size_t>(i) + 1]) - origin;
    edges.row(i) = edge;
    half_squares[i] = edge.squaredNorm() / 2;
  }
  const Eigen::Vector3d center = edges.fullPivLu().solve(half_squares);
  return {origin + Vector3(center), center.norm()};
}

bool is_empty(const Mesh& mesh, const Sphere& sphere) {
  constexpr double kTolerance = 1e-3;  // Å; cospherical sites and the rounding to the mesh's grid
  const Matrix3& lattice = mesh.cell.lattice;
  for (const Vector3& site : mesh.cell.fractional)
    for (int a = -2; a <= 2; ++a)
      for (int b = -2; b <= 2; ++b)
        for (int c = -2; c <= 2; ++c)
          if (((site + Vector3(a, b, c)) * lattice - sphere.center).norm() < sphere.radius - kTolerance)
            return false;
  return true;
}

double volume(const Mesh& mesh, const Tetrahedron& corners) {
  const Vector3 origin = mesh.position(corners[0]);
  const Vector3 a = mesh.position(corners[1]) - origin;
  const Vector3 b = mesh.position(corners[2]) - origin;
  const Vector3 c = mesh.position(corners[3]) - origin;
  return std::abs(a.dot(b.cross(c))) / 6;
}

bool is_central(const Mesh& mesh, std::int32_t vertex) {
  return std::binary_search(mesh.central.begin(), mesh.central.end(), vertex);
}

// The tetrahedra behind the faces, by definition: all four faces there, a central corner, an empty sphere.
std::vector<Tetrahedron> tetrahedra_of(const Mesh& mesh) {
  const std::set<Face> faces(mesh.faces.begin(), mesh.faces.end());
  std::vector<Tetrahedron> found;
  for (const auto& [a, b, c] : mesh.faces)
    for (auto d = c + 1; d < static_cast<std::int32_t>(mesh.vertices.size()); ++d) {
      if (!faces.contains({a, b, d}) || !faces.contains({a, c, d}) || !faces.contains({b, c, d})) continue;
      const Tetrahedron corners{a, b, c, d};
      const bool central = std::any_of(corners.begin(), corners.end(),
                                       [&](std::int32_t corner) { return is_central(mesh, corner); });
      if (central && volume(mesh, corners) > 1e-9 && is_empty(mesh, circumsphere(mesh, corners)))
        found.push_back(corners);
    }
  return found;
}

// Exactly the star of the central sites in the Delaunay triangulation of the whole block: every face is one
// of an empty tetrahedron, and around every central site those leave no gap. Valid where nothing is
// cospherical.
void expect_whole_star(const Mesh& mesh) {
  std::map<Face, int> uses;
  for (const auto& [a, b, c, d] : tetrahedra_of(mesh))
    for (const Face& face : {Face{a, b, c}, Face{a, b, d}, Face{a, c, d}, Face{b, c, d}}) ++uses[face];
  for (const Face& face : mesh.faces) {
    const bool central =
        std::any_of(face.begin(), face.end(), [&](std::int32_t v) { return is_central(mesh, v); });
    if (central)
      ASSERT_EQ(uses[face], 2);
    else
      ASSERT_GE(uses[face], 1);
  }
}

// Each tetrahedron has four corners, each of which is a home site in just one of its translates.
double volume_around_home_sites(const Mesh& mesh) {
  const std::array<std::int8_t, 3> home{};
  double sum = 0;
  for (const Tetrahedron& corners : tetrahedra_of(mesh))
    for (std::int32_t corner : corners)
      if (mesh.vertices[static_cast<std::size_t>(corner)].shift == home) sum += volume(mesh, corners) / 4;
  return sum;
}

void expect_counts(const Structure& cell, std::size_t central, std::size_t tetrahedra, std::size_t faces,
                   std::size_t vertices) {
  const Mesh mesh = make_touching_mesh(cell);
  EXPECT_EQ(mesh.central.size(), central);
  EXPECT_EQ(tetrahedra_of(mesh).size(), tetrahedra);
  EXPECT_EQ(mesh.faces.size(), faces);
  EXPECT_EQ(mesh.vertices.size(), vertices);
}

TEST(TouchingMesh, HasTheKnownCountsOfNonDegenerateCrystals) {
  expect_counts(bcc_iron(), 9, 144, 336, 59);
  expect_counts(cesium_chloride(), 9, 144, 336, 59);
  for (std::uint64_t seed = 0; seed < 3; ++seed)
    expect_counts(jittered(bcc_iron(), 0.02, seed), 9, 144, 336, 59);
}

TEST(TouchingMesh, MissesNoCosphericalSiteWhateverTheGridRounds) {
  for (int step = 0; step < 200; ++step) {
    Structure crystal = perovskite();
    crystal.lattice *= 0.95 + 0.000531 * step;
    ASSERT_EQ(make_touching_mesh(crystal).faces.size(), 612) << step;
  }
}

TEST(TouchingMesh, SplitsTheOctahedraOfCopperAlikeEverywhere) {
  // Each octahedron may be cut along any of three diagonals, but 448 comes of equal octahedra cut equally.
  const Mesh mesh = make_touching_mesh(fcc_copper());
  EXPECT_EQ(mesh.central.size(), 14u);
  EXPECT_EQ(mesh.faces.size(), 448u);
  EXPECT_EQ(mesh.vertices.size(), 72u);
}

TEST(TouchingMesh, TakesTheTwoCentralAtomsOfMagnesium) {
  const Mesh mesh = make_touching_mesh(hcp_magnesium());
  EXPECT_EQ(mesh.central.size(), 2u);
  EXPECT_GE(mesh.faces.size(), 102u);  // as jittered; 107 with the slivers that Qhull leaves
  EXPECT_LE(mesh.faces.size(), 107u);
}

TEST(TouchingMesh, IsTheStarOfTheWholeBlockWhereNothingIsCospherical) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    for (const Structure& cell : {rock_salt(), perovskite(), fcc_copper(), hcp_magnesium()})
      expect_whole_star(make_touching_mesh(jittered(cell, 0.1, seed)));
    expect_whole_star(make_touching_mesh(random_crystal(seed, 4 + 3 * static_cast<int>(seed), 3.0)));
  }
}

TEST(TouchingMesh, IsTheStarOfTheWholeBlockInLayersToo) {
  Structure layers = cubic(3.0, {6, 6, 6, 6}, {{.1, 0, .5}, {.6, .45, .51}, {.2, .55, .47}, {.7, .1, .55}});
  layers.lattice(2, 2) = 9;
  layers.lattice(2, 0) = 0.7;
  expect_whole_star(make_touching_mesh(layers));
}

TEST(TouchingMesh, ReachesTheWholeBlockWhereTheCellIsFlat) {
  // The void between the sheets is wider than two cells along a and b: its spheres hang on the block's hull.
  Structure sheet = cubic(2.5, {6}, {{.5, .5, .5}});
  sheet.lattice(2, 2) = 40;

  const Mesh mesh = make_touching_mesh(sheet);

  EXPECT_EQ(mesh.central.size(), 1u);
  EXPECT_FALSE(mesh.faces.empty());
  const auto [least, most] =
      std::minmax_element(mesh.vertices.begin(), mesh.vertices.end(),
                          [](const auto& a, const auto& b) { return a.shift[2] < b.shift[2]; });
  EXPECT_EQ(least->shift[2], -1);
  EXPECT_EQ(most->shift[2], 1);
}

TEST(TouchingMesh, FillsTheCellExactly) {
  for (const Structure& cell : {bcc_iron(), jittered(rock_salt(), 0.05, 1), jittered(perovskite(), 0.05, 2),
                                jittered(hcp_magnesium(), 0.05, 3), random_crystal(5, 9, 3.0)})
    EXPECT_NEAR(volume_around_home_sites(make_touching_mesh(cell)) / cell.volume(), 1, 1e-9);
}

TEST(TouchingMesh, StoresFacesAndVerticesInOrderAndOnce) {
  const Mesh mesh = make_touching_mesh(perovskite());

  const auto key = [](const MeshVertex& v) { return std::pair(v.site, v.shift); };
  EXPECT_TRUE(std::is_sorted(mesh.vertices.begin(), mesh.vertices.end(),
                             [&](const auto& a, const auto& b) { return key(a) < key(b); }));
  EXPECT_TRUE(std::is_sorted(mesh.faces.begin(), mesh.faces.end()));
  EXPECT_EQ(std::adjacent_find(mesh.faces.begin(), mesh.faces.end()), mesh.faces.end());
  for (const auto& [a, b, c] : mesh.faces) {
    EXPECT_LT(a, b);
    EXPECT_LT(b, c);
  }
}

void expect_same_mesh(const Mesh& one, const Mesh& other) {
  EXPECT_EQ(one.faces, other.faces);
  EXPECT_EQ(one.central, other.central);
  ASSERT_EQ(one.vertices.size(), other.vertices.size());
  for (std::size_t i = 0; i < one.vertices.size(); ++i) {
    EXPECT_EQ(one.vertices[i].site, other.vertices[i].site);
    EXPECT_EQ(one.vertices[i].shift, other.vertices[i].shift);
  }
}

TEST(TouchingMesh, DoesNotDependOnHowPositionsAreWrappedOrRounded) {
  for (const Structure& cell : {rock_salt(), perovskite(), hcp_magnesium()}) {
    Structure other = cell;
    other.fractional[0] += Vector3(3, -2, 1);
    other.fractional[1] -= Vector3(1e-9, 1e-9, 1e-9);
    expect_same_mesh(make_touching_mesh(cell), make_touching_mesh(other));
  }
}

TEST(TouchingMesh, TurnsWithTheCrystalWhereNothingIsCospherical) {
  core::RandomStream random(7, "rotation");
  const Structure cell = jittered(rock_salt(), 0.1, 4);

  expect_same_mesh(make_touching_mesh(cell), make_touching_mesh(rotated(cell, random_rotation(random))));
}

TEST(Mesh, PositionsAreOfTheShiftedSite) {
  const Mesh mesh{perovskite(), {{0, {0, 0, 0}}, {1, {-1, 2, 0}}}, {}, {}};
  EXPECT_LT((mesh.position(1) - 3.905 * Vector3(-.5, 2.5, .5)).norm(), 1e-12);
}

}  // namespace
}  // namespace tessera::crystal
