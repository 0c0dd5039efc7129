// SPDX-License-Identifier: Apache-2.0
// Is a periodic mesh the same however its crystal was described? Each crystal is given another origin
// and another order of atoms, at random, other lattice vectors and twice the cell, and its faces' features
// are compared.
//   bench_mesh_descriptions ARCHIVE [EVERY]   every EVERY-th crystal, 1
// Prints what differed, and how often each tolerance was used.
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "core/error.hpp"
#include "core/random.hpp"
#include "crystal/delaunay_complex.hpp"
#include "crystal/mesh_features.hpp"
#include "crystal/other_descriptions.hpp"
#include "crystal/readers/source.hpp"

namespace {

using namespace tessera;

struct Tally {
  std::int64_t crystals = 0, descriptions = 0, differing = 0, faces = 0, triangles = 0;
  std::map<double, std::int64_t> by_tolerance;
};

void compare(const crystal::Structure& structure, const std::string& id, Tally& tally) {
  constexpr double kSame = 1e-4;
  const auto mesh = crystal::make_periodic_mesh(structure);
  core::RandomStream random(0, "description", core::mix_text(id));
  for (const auto& other : crystal::other_descriptions(structure, random)) {
    const double difference =
        crystal::difference_of(mesh, crystal::make_periodic_mesh(other.structure), other.times);
    tally.descriptions += 1;
    if (difference < kSame) continue;
    tally.differing += 1;
    fmt::print("differs: {} {}\n", id, other.name);
  }
  const auto complex = crystal::make_delaunay_complex(structure);
  tally.crystals += 1;
  tally.by_tolerance[complex.tolerance_angstrom] += 1;
  tally.faces += std::ssize(complex.faces);
  tally.triangles += std::ssize(mesh.faces);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2)
      throw core::InputError("bench_mesh_descriptions must be given an archive or folder of crystals");
    const std::filesystem::path input = argv[1];
    const std::size_t every = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
    const auto spool = std::filesystem::temp_directory_path() / fmt::format("bench-{}.spool", getpid());
    const auto index = crystal::index_sources(std::array{input}, spool);
    crystal::SourceReader reader(index);
    Tally tally;
    for (std::size_t i = 0; i < index.entries.size(); i += std::max<std::size_t>(every, 1))
      compare(reader.structure(index.entries[i]), index.entries[i].id, tally);
    std::filesystem::remove(spool);
    for (const auto& [tolerance, count] : tally.by_tolerance)
      fmt::print("tolerance_angstrom={:.2g} crystals={}\n", tolerance, count);
    fmt::print(
        "crystals={} descriptions={} differing={} faces_per_crystal={:.1f} triangles_per_crystal={:.1f}\n",
        tally.crystals, tally.descriptions, tally.differing,
        static_cast<double>(tally.faces) / static_cast<double>(tally.crystals),
        static_cast<double>(tally.triangles) / static_cast<double>(tally.crystals));
  } catch (const core::Error& error) {
    fmt::print(stderr, "bench_mesh_descriptions: {}\n", error.what());
    return error.exit_code();
  }
  return 0;
}
