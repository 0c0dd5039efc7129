// SPDX-License-Identifier: Apache-2.0
// What bounds the mesh `deepcrystet`: points inserted, exact predicates an insertion, time a predicate.
//   cmake --build build --target bench_mesh_work && build/bin/bench_mesh_work FOLDER…
// Not part of a build: it compiles the mesh's own source again with a kernel that counts, so that the counts
// are of the very code that is timed, which itself stays as it is.
#include <fmt/core.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "crystal/grid_kernel.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/symmetry.hpp"

namespace tessera::crystal {

struct Counts {
  std::int64_t orientation = 0, side_of_sphere = 0;
};
inline Counts counts;

struct CountingOrientation : GridOrientation {
  CGAL::Sign operator()(const auto&... points) const {
    ++counts.orientation;
    return GridOrientation::operator()(points...);
  }
};

struct CountingSideOfSphere : GridSideOfSphere {
  CGAL::Oriented_side operator()(const auto&... points) const {
    ++counts.side_of_sphere;
    return GridSideOfSphere::operator()(points...);
  }
};

struct CountingKernel : GridKernel {
  using Orientation_3 = CountingOrientation;
  using Side_of_oriented_sphere_3 = CountingSideOfSphere;
  Orientation_3 orientation_3_object() const { return {}; }
  Side_of_oriented_sphere_3 side_of_oriented_sphere_3_object() const { return {}; }
};

}  // namespace tessera::crystal

#define GridKernel CountingKernel
#include "crystal/touching_mesh.cpp"
#undef GridKernel

namespace {

using namespace tessera;

struct Work {
  double crystals = 0, sites = 0, block_sites = 0, inserted = 0, tetrahedra = 0;
};

void add(Work& work, const crystal::Structure& cell) {
  auto block = crystal::make_block(cell);
  const double spacing = std::cbrt(cell.volume() / static_cast<double>(cell.num_atoms()));
  const auto star = crystal::star_of_whole_block(block, spacing);
  work.crystals += 1;
  work.sites += static_cast<double>(cell.num_atoms());
  work.block_sites += static_cast<double>(block.sites.size());
  work.tetrahedra += static_cast<double>(star.tetrahedra.size());
  for (const auto& site : block.sites) work.inserted += site.inserted ? 1 : 0;
}

// Nanoseconds of one side-of-sphere predicate on five sites of a block, operands in the first-level cache.
double predicate_ns(const crystal::Structure& cell) {
  const auto block = crystal::make_block(cell);
  core::RandomStream random(0, "predicate");
  std::vector<std::array<crystal::Point, 5>> tuples(256);
  for (auto& tuple : tuples)
    for (auto& point : tuple) point = block.sites[random.below(block.sites.size())].point;
  constexpr int kRepeats = 20'000;
  const crystal::GridSideOfSphere side_of_sphere;
  int sum = 0;
  const std::clock_t start = std::clock();
  for (int i = 0; i < kRepeats; ++i)
    for (const auto& [p, q, r, s, t] : tuples) sum += side_of_sphere(p, q, r, s, t);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (sum == 1) fmt::print("\n");  // the sum must be seen, or the loop is left out
  return 1e9 * seconds / (static_cast<double>(kRepeats) * static_cast<double>(tuples.size()));
}

void measure(const std::filesystem::path& folder) {
  const auto index = crystal::index_sources(std::array{folder}, folder / ".spool");
  crystal::SourceReader reader(index);
  Work work;
  double ns = 0;
  crystal::counts = {};
  for (const auto& entry : index.entries) {
    const auto cell = crystal::find_symmetry(reader.structure(entry)).refined;
    if (ns == 0) ns = predicate_ns(cell);
    add(work, cell);
  }
  const auto spheres = static_cast<double>(crystal::counts.side_of_sphere);
  const auto orientations = static_cast<double>(crystal::counts.orientation);
  fmt::print(
      "set={} sites={:.1f} block_sites={:.0f} inserted={:.1f} inserted_per_site={:.1f} tetrahedra={:.1f} "
      "side_of_sphere_per_insertion={:.1f} orientation_per_insertion={:.1f} predicate_ns={:.1f} "
      "predicates_only_crystals_per_second={:.0f}\n",
      folder.filename().string(), work.sites / work.crystals, work.block_sites / work.crystals,
      work.inserted / work.crystals, work.inserted / work.sites, work.tetrahedra / work.crystals,
      spheres / work.inserted, orientations / work.inserted, ns,
      1e9 * work.crystals / (ns * (spheres + orientations)));
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) measure(argv[i]);
  return 0;
}
