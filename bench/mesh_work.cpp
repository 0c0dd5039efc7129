// SPDX-License-Identifier: Apache-2.0
// What bounds the meshes: points inserted, exact predicates an insertion, time a predicate.
//   cmake --build build --target bench_mesh_work && build/bin/bench_mesh_work FOLDER…
// Not part of a build: it compiles the meshes' own sources again with a kernel that counts, so that the
// counts are of the very code that is timed, which itself stays as it is.
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
#include "crystal/delaunay_star.cpp"
#undef GridKernel
#include "crystal/delaunay_complex.cpp"
#include "crystal/empty_spheres.cpp"
#include "crystal/touching_mesh.cpp"

namespace {

using namespace tessera;

struct Work {
  double sites = 0, inserted = 0, tetrahedra = 0;
};

void add(Work& work, const crystal::Structure& cell, const crystal::DelaunayStar& star) {
  work.sites += static_cast<double>(cell.num_atoms());
  work.inserted += static_cast<double>(star.sites.size());
  work.tetrahedra += static_cast<double>(star.tetrahedra.size());
}

// Nanoseconds of one side-of-sphere predicate on five sites, operands in the first-level cache.
double predicate_ns() {
  core::RandomStream random(0, "predicate");
  const auto coordinate = [&] { return static_cast<double>(random.below(1 << (crystal::kGridBits - 1))); };
  std::vector<std::array<crystal::Point, 5>> tuples(256);
  for (auto& tuple : tuples)
    for (auto& point : tuple) point = crystal::Point(coordinate(), coordinate(), coordinate());
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

void print(const std::string& set, const char* mesh, const Work& work, std::size_t num_crystals) {
  const auto crystals = static_cast<double>(num_crystals);
  const auto spheres = static_cast<double>(crystal::counts.side_of_sphere);
  const auto orientations = static_cast<double>(crystal::counts.orientation);
  const double ns = predicate_ns();
  fmt::print(
      "set={} mesh={} sites={:.1f} inserted={:.1f} inserted_per_site={:.1f} tetrahedra={:.1f} "
      "side_of_sphere_per_insertion={:.1f} orientation_per_insertion={:.1f} predicate_ns={:.1f} "
      "predicates_only_crystals_per_second={:.0f}\n",
      set, mesh, work.sites / crystals, work.inserted / crystals, work.inserted / work.sites,
      work.tetrahedra / crystals, spheres / work.inserted, orientations / work.inserted, ns,
      1e9 * crystals / (ns * (spheres + orientations)));
}

void measure(const std::filesystem::path& folder) {
  const auto index = crystal::index_sources(std::array{folder}, folder / ".spool");
  crystal::SourceReader reader(index);
  std::vector<crystal::Structure> read, refined;
  for (const auto& entry : index.entries) {
    read.push_back(reader.structure(entry));
    refined.push_back(crystal::find_symmetry(read.back()).refined);
  }
  Work touching, periodic;
  crystal::counts = {};
  for (const auto& cell : refined) add(touching, cell, crystal::touching_star(cell));
  print(folder.filename().string(), "deepcrystet", touching, refined.size());
  crystal::counts = {};
  for (const auto& cell : read)
    add(periodic, cell, crystal::star_of_home_sites(crystal::in_reduced_cell(cell), 0.02));
  print(folder.filename().string(), "periodic", periodic, read.size());
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) measure(argv[i]);
  return 0;
}
