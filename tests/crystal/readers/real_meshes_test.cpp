// SPDX-License-Identifier: Apache-2.0
// The periodic mesh of real crystals: one for every description of each.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/random.hpp"
#include "crystal/mesh_features.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/transform.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

Structure in_random_order(Structure crystal, core::RandomStream& random) {
  for (std::size_t i = crystal.num_atoms(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(random.below(i));
    std::swap(crystal.elements[i - 1], crystal.elements[other]);
    std::swap(crystal.fractional[i - 1], crystal.fractional[other]);
  }
  return crystal;
}

Structure in_other_cell(Structure crystal) {
  Matrix3 change;
  change << 1, 1, 0, 0, 1, -1, 0, 0, 1;
  crystal.lattice = change * crystal.lattice;
  for (Vector3& position : crystal.fractional) position = position * change.inverse();
  return crystal;
}

TEST(RealMeshes, AreOneForEveryDescriptionOfACrystal) {
  const char* given = std::getenv("TESSERA_SHARED_DATA");
  const char* source = std::getenv("TESSERA_SOURCE");
  const fs::path data = given ? fs::path(given) : fs::path(source ? source : ".") / "../shared/data";
  const fs::path archive = data / "crystals/mp_elasticity/cifs.tar.xz";
  if (!fs::exists(archive)) GTEST_SKIP() << archive << " is not there: set TESSERA_SHARED_DATA";
  const test::TemporaryFolder folder;
  const auto index = index_sources(std::span(&archive, 1), folder / "spool");
  SourceReader reader(index);
  constexpr std::size_t kEvery = 10;  // the whole set, which takes ten seconds, passes too
  for (std::size_t i = 0; i < index.entries.size(); i += kEvery) {
    const Structure crystal = reader.structure(index.entries[i]);
    SCOPED_TRACE(index.entries[i].id);
    const Mesh mesh = make_periodic_mesh(crystal);
    core::RandomStream random(i, "description");
    const Vector3 shift(random.uniform(), random.uniform(), random.uniform());
    EXPECT_LT(difference_of(mesh, make_periodic_mesh(with_origin_shift(crystal, shift))), 1e-4);
    EXPECT_LT(difference_of(mesh, make_periodic_mesh(in_random_order(crystal, random))), 1e-4);
    EXPECT_LT(difference_of(mesh, make_periodic_mesh(in_other_cell(crystal))), 1e-4);
    EXPECT_LT(difference_of(mesh, make_periodic_mesh(supercell(crystal, {2, 1, 1})), 2), 1e-4);
  }
}

}  // namespace
}  // namespace tessera::crystal
