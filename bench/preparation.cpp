// SPDX-License-Identifier: Apache-2.0
// Crystals per second of each step of preparation, on one core, of crystals held in memory as text.
//   bench_preparation FOLDER…   each a set of crystals, named by its folder
// Prints key=value figures, a line for each set and stage: of three rounds the middle one by
// the processor's time.
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "crystal/crystal_graph.hpp"
#include "crystal/element.hpp"
#include "crystal/features.hpp"
#include "crystal/mesh.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/symmetry.hpp"
#include "timing.hpp"

namespace {

using namespace tessera;

struct Crystal {
  crystal::SourceEntry entry = {};
  std::string text = {};
  // Left by the stages for those behind them.
  crystal::Structure structure = {}, refined = {};
  crystal::CrystalGraph graph = {};
  crystal::Mesh mesh = {}, periodic = {};
};

void read(Crystal& c) {
  c.structure = crystal::parse_entry(c.entry, c.text);
}

void find_symmetry(Crystal& c) {
  c.refined = crystal::find_symmetry(c.structure).refined;
}

void make_graph(Crystal& c) {
  c.graph = crystal::make_crystal_graph(c.structure);
}

// The arrays a CGCNN item holds in Python, for a like comparison: 92 numbers an atom and 41 an edge. Tessera
// stores neither; its networks make them of elements and distances.
float expanded_sum(const Crystal& c) {
  constexpr std::size_t kGaussians = 41;
  constexpr float kStep = 0.2F;  // Å
  std::vector<float> atoms(c.structure.num_atoms() * crystal::kNumAtomFeatures);
  for (std::size_t i = 0; i < c.structure.num_atoms(); ++i)
    std::ranges::copy(crystal::atom_features(c.structure.elements[i]),
                      atoms.begin() + static_cast<std::ptrdiff_t>(i * crystal::kNumAtomFeatures));
  std::vector<float> edges(c.graph.distance.size() * kGaussians);
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const float x = c.graph.distance[i / kGaussians] / kStep - static_cast<float>(i % kGaussians);
    edges[i] = std::exp(-x * x);
  }
  return atoms.front() + edges.front();
}

void make_item(Crystal& c) {
  make_graph(c);
  if (!(expanded_sum(c) >= 0)) throw core::DataError("features must not be negative");
}

void make_mesh(Crystal& c) {
  c.mesh = crystal::make_touching_mesh(c.refined);
}

// Needs no standard cell: it is the same in every one.
void make_periodic_mesh(Crystal& c) {
  c.periodic = crystal::make_periodic_mesh(c.structure);
}

struct Stage {
  const char* name;
  std::function<void(Crystal&)> work;
};

const std::array kStages = {
    Stage{"read", read},
    Stage{"symmetry", find_symmetry},
    Stage{"graph", make_graph},
    Stage{"graph_item", make_item},
    Stage{"read_graph_item", [](Crystal& c) { read(c), make_item(c); }},
    Stage{"mesh_deepcrystet", make_mesh},
    Stage{"read_symmetry_mesh", [](Crystal& c) { read(c), find_symmetry(c), make_mesh(c); }},
    Stage{"mesh_periodic", make_periodic_mesh},
    Stage{"read_mesh_periodic", [](Crystal& c) { read(c), make_periodic_mesh(c); }},
    Stage{"read_features", [](Crystal& c) { read(c), crystal::make_features(c.structure, {}, c.entry.id); }},
};

struct Round {
  double processor = 0, wall = 0;  // seconds
  std::vector<double> each;        // seconds, by crystal
};

Round run_round(const Stage& stage, std::vector<Crystal>& crystals) {
  Round round;
  const core::Stopwatch watch;
  for (Crystal& crystal : crystals) {
    round.each.push_back(bench::seconds_of([&] { stage.work(crystal); }));
    round.processor += round.each.back();
  }
  round.wall = watch.seconds();
  return round;
}

void measure(const std::string& set, const Stage& stage, std::vector<Crystal>& crystals) {
  std::array<Round, 3> rounds;
  for (Round& round : rounds) round = run_round(stage, crystals);
  std::ranges::sort(rounds, {}, &Round::processor);
  Round& middle = rounds[1];
  const auto slowest = std::ranges::max_element(middle.each) - middle.each.begin();
  const double slowest_ms = 1e3 * middle.each[static_cast<std::size_t>(slowest)];
  const std::string& slowest_id = crystals[static_cast<std::size_t>(slowest)].entry.id;
  std::ranges::sort(middle.each);
  fmt::print(
      "set={} stage={} crystals={} seconds={:.4f} wall_seconds={:.4f} crystals_per_second={:.1f} "
      "median_ms={:.3f} slowest_ms={:.2f} slowest={}\n",
      set, stage.name, crystals.size(), middle.processor, middle.wall,
      static_cast<double>(crystals.size()) / middle.processor, 1e3 * middle.each[middle.each.size() / 2],
      slowest_ms, slowest_id);
}

std::vector<Crystal> load(const std::filesystem::path& input) {
  const auto spool = std::filesystem::temp_directory_path() / fmt::format("bench-{}.spool", getpid());
  const auto index = crystal::index_sources(std::array{input}, spool);
  crystal::SourceReader reader(index);
  std::vector<Crystal> crystals;
  for (const auto& entry : index.entries) crystals.push_back({.entry = entry, .text = reader.text(entry)});
  std::filesystem::remove(spool);
  return crystals;
}

void print_sizes(const std::string& set, const std::vector<Crystal>& crystals) {
  double sites = 0, refined_sites = 0, faces = 0, periodic_faces = 0;
  for (const Crystal& c : crystals) {
    sites += static_cast<double>(c.structure.num_atoms());
    refined_sites += static_cast<double>(c.refined.num_atoms());
    faces += static_cast<double>(c.mesh.faces.size());
    periodic_faces += static_cast<double>(c.periodic.faces.size());
  }
  const auto count = static_cast<double>(crystals.size());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "set={} atoms={:.1f} refined_atoms={:.1f} deepcrystet_faces={:.1f} periodic_faces={:.1f} "
      "peak_memory_mb={}\n",
      set, sites / count, refined_sites / count, faces / count, periodic_faces / count,
      usage.ru_maxrss / 1024);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw core::InputError("bench_preparation must be given a folder of crystals or more");
    for (int i = 1; i < argc; ++i) {
      const std::string set = std::filesystem::path(argv[i]).filename();
      auto crystals = load(argv[i]);
      for (const Stage& stage : kStages) measure(set, stage, crystals);
      print_sizes(set, crystals);
    }
  } catch (const core::Error& error) {
    fmt::print(stderr, "bench_preparation: {}\n", error.what());
    return error.exit_code();
  }
  return 0;
}
