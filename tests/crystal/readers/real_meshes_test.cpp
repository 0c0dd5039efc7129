// SPDX-License-Identifier: Apache-2.0
// The periodic mesh of real crystals: one for every description of each.
#include <gtest/gtest.h>

#include <cstdlib>

#include "crystal/mesh_features.hpp"
#include "crystal/other_descriptions.hpp"
#include "crystal/readers/source.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

TEST(RealMeshes, AreOneForEveryDescriptionOfACrystal) {
  const char* given = std::getenv("TESSERA_SHARED_DATA");
  const char* source = std::getenv("TESSERA_SOURCE");
  const fs::path data = given ? fs::path(given) : fs::path(source ? source : ".") / "../shared/data";
  const fs::path archive = data / "crystals/mp_elasticity/cifs.tar.xz";
  if (!fs::exists(archive)) GTEST_SKIP() << archive << " is not there: set TESSERA_SHARED_DATA";
  const test::TemporaryFolder folder;
  const auto index = index_sources(std::span(&archive, 1), folder / "spool");
  SourceReader reader(index);
  constexpr std::size_t kEvery = 10;  // bench_mesh_descriptions takes all
  for (std::size_t i = 0; i < index.entries.size(); i += kEvery) {
    const Structure crystal = reader.structure(index.entries[i]);
    SCOPED_TRACE(index.entries[i].id);
    const Mesh mesh = make_periodic_mesh(crystal);
    core::RandomStream random(i, "description");
    for (const auto& other : other_descriptions(crystal, random))
      EXPECT_LT(difference_of(mesh, make_periodic_mesh(other.structure), other.times), 1e-4) << other.name;
  }
}

}  // namespace
}  // namespace tessera::crystal
