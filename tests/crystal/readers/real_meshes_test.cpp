// SPDX-License-Identifier: Apache-2.0
// Real crystals: one periodic mesh for every description of each, complexes as by their definition, primitive
// cells as spglib's.
#include <gtest/gtest.h>
#include <spglib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <set>

#include "crystal/complex_checks.hpp"
#include "crystal/mesh_features.hpp"
#include "crystal/other_descriptions.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/symmetry.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

// Every tenth crystal of mp_elasticity; bench_mesh_descriptions takes all.
class RealElasticity : public testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("TESSERA_SHARED_DATA");
    const char* source = std::getenv("TESSERA_SOURCE");
    const fs::path data = given ? fs::path(given) : fs::path(source ? source : ".") / "../shared/data";
    archive_ = data / "crystals/mp_elasticity/cifs.tar.xz";
    if (!fs::exists(archive_)) GTEST_SKIP() << archive_ << " is not there: set TESSERA_SHARED_DATA";
  }

  void for_each(const std::function<void(const Structure&, std::size_t)>& check) const {
    const test::TemporaryFolder folder;
    const auto index = index_sources(std::span(&archive_, 1), folder / "spool");
    SourceReader reader(index);
    for (std::size_t i = 0; i < index.entries.size(); i += 10) {
      SCOPED_TRACE(index.entries[i].id);
      check(reader.structure(index.entries[i]), i);
    }
  }

  fs::path archive_;
};

TEST_F(RealElasticity, HaveOneMeshForEveryDescription) {
  for_each([](const Structure& crystal, std::size_t i) {
    const Mesh mesh = make_periodic_mesh(crystal);
    core::RandomStream random(i, "description");
    for (const auto& other : other_descriptions(crystal, random))
      EXPECT_LT(difference_of(mesh, make_periodic_mesh(other.structure), other.times), 1e-4) << other.name;
  });
}

TEST_F(RealElasticity, HaveComplexesOfEmptySpheresThatFillTheCell) {
  for_each([](const Structure& crystal, std::size_t) {
    const auto complex = make_delaunay_complex(crystal);
    expect_empty_spheres(complex);
    expect_sums(complex);
  });
}

// spglib's own primitive cell, which costs it a second search.
TEST_F(RealElasticity, HaveThePrimitiveCellsOfSpglib) {
  std::set<int> groups;
  for_each([&](const Structure& crystal, std::size_t) {
    const auto found = find_symmetry(crystal);
    groups.insert(found.space_group);
    const std::size_t capacity = 4 * crystal.num_atoms();
    double lattice[3][3];
    std::vector<std::array<double, 3>> positions(capacity);
    std::vector<int> types(capacity);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) lattice[i][j] = crystal.lattice(j, i);
    for (std::size_t atom = 0; atom < crystal.num_atoms(); ++atom) {
      std::copy_n(crystal.fractional[atom].data(), 3, positions[atom].data());
      types[atom] = crystal.elements[atom];
    }
    const int count = spg_standardize_cell(lattice, reinterpret_cast<double(*)[3]>(positions.data()),
                                           types.data(), static_cast<int>(crystal.num_atoms()), 1, 0, 0.1);
    const Structure& primitive = found.primitive;
    ASSERT_EQ(static_cast<std::size_t>(count), primitive.num_atoms());
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) EXPECT_NEAR(lattice[i][j], primitive.lattice(j, i), 1e-6);
    for (std::size_t atom = 0; atom < primitive.num_atoms(); ++atom) {
      const auto is_there = [&](std::size_t other) {
        const Vector3 apart = primitive.fractional[atom] -
                              Vector3(positions[other][0], positions[other][1], positions[other][2]);
        return types[other] == primitive.elements[atom] &&
               (apart - apart.array().round().matrix()).cwiseAbs().maxCoeff() < 1e-5;
      };
      std::vector<std::size_t> all(primitive.num_atoms());
      std::iota(all.begin(), all.end(), std::size_t{0});
      EXPECT_EQ(std::ranges::count_if(all, is_there), 1) << "atom " << atom;
    }
  });
  EXPECT_GT(groups.size(), 30u);
}

}  // namespace
}  // namespace tessera::crystal
