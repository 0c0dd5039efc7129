// SPDX-License-Identifier: Apache-2.0
// `tessera prep crystals`: crystal files to a dataset of meshes and graphs.
#include <fmt/core.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "crystal/readers/utf8.hpp"
#include "data_prep/crystal_preparation.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"

using namespace tessera;

namespace {

struct Arguments {
  std::vector<std::string> inputs;
  std::string targets, out;
  std::string cell, mesh = "deepcrystet", features = "mesh,graph";
  std::optional<std::int64_t> rotate_seed;
  std::int64_t shard_records = 256;
  bool strict = false, fresh = false;
};

void declare(core::CommandLine& line, Arguments& arguments) {
  line.list("--input", arguments.inputs,
            "folders of *.cif, .tar(.gz|.xz) of CIFs, CGCNN folders (id_prop.csv), Matbench, matminer and "
            "Materials Project JSON(.gz), pymatgen Structure JSON, POSCAR; several may be given");
  line.option("--out", arguments.out, "the dataset's folder; started again, only what is missing is made",
              true);
  line.option("--targets", arguments.targets,
              "CSV with a header: the id is the column material_id, id, or the first; each numeric column is "
              "a target. "
              "space_group and crystal_system are always added (spglib, symprec 0.1)");
  line.choice(
      "--cell", arguments.cell, {"refined", "primitive", "given"},
      "the cell the mesh is built in: by default primitive for the periodic mesh, which is then stored once, "
      "else refined. The graph is always of the crystal as read");
  line.choice("--mesh", arguments.mesh, {"deepcrystet", "slides", "periodic"},
              "deepcrystet and slides are the same mesh (tetrahedra that touch the cell); they differ in the "
              "features that the network takes of a face. periodic: the Delaunay complex modulo the lattice, "
              "the same whatever cell or origin");
  line.option("--features", arguments.features, "mesh, graph or mesh,graph");
  line.option(
      "--rotate", arguments.rotate_seed,
      "seed: the mesh's cell gets a random rotation and origin, so that a label that leaks through the "
      "standard setting can be told from learning. The graph does not change");
  line.option("--shard-records", arguments.shard_records, "inputs a shard is made from");
  line.flag("--strict", arguments.strict, "the first crystal that cannot be used ends everything (exit 1)");
  line.flag("--fresh", arguments.fresh, "remove another preparation that is in the folder");
}

bool wants_feature(const std::string& list, const std::string& feature) {
  const std::vector<std::string> known = {"mesh", "graph"};
  bool wanted = false;
  for (const auto part : core::split(list, ',')) {
    const std::string word(core::trim(part));
    if (word == feature) wanted = true;
    if (word == known[0] || word == known[1]) continue;
    const auto near = core::nearest_word(word, known);
    throw core::InputError(fmt::format("--features must be mesh, graph or mesh,graph, got \"{}\"{}", word,
                                       near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
  }
  return wanted;
}

// "cifs/" and "cifs" are one folder, and must be one dataset.
std::string absolute(const std::string& path) {
  if (path.empty()) return path;
  if (crystal::valid_utf8(path) != path)
    throw core::InputError(
        fmt::format("paths must be UTF-8, for they stand in the manifest, got {}. Rename it, or give a link.",
                    crystal::valid_utf8(path)));
  auto normal = std::filesystem::absolute(path).lexically_normal();
  if (!normal.has_filename() && normal.has_relative_path()) normal = normal.parent_path();
  return normal.string();
}

data_prep::PreparationSettings settings_from(const Arguments& arguments) {
  if (arguments.inputs.empty())
    throw core::InputError("--input must name at least one folder, archive or file of crystals");
  if (arguments.shard_records < 1)
    throw core::InputError(
        fmt::format("--shard-records must be at least 1, got {}", arguments.shard_records));
  if (arguments.rotate_seed && *arguments.rotate_seed < 0)
    throw core::InputError(fmt::format("--rotate must be a seed from 0 on, got {}", *arguments.rotate_seed));
  data_prep::PreparationSettings settings;
  for (const auto& input : arguments.inputs) settings.inputs.push_back(absolute(input));
  settings.targets = absolute(arguments.targets);
  settings.shard_records = arguments.shard_records;
  auto& features = settings.features;
  if (!wants_feature(arguments.features, "graph")) features.graph.reset();
  features.mesh = arguments.mesh;
  if (!wants_feature(arguments.features, "mesh")) features.mesh.reset();
  if (arguments.mesh == crystal::kPeriodicMesh) features.cell = crystal::CellChoice::Primitive;
  if (!arguments.cell.empty()) features.cell = crystal::cell_choice_from_name(arguments.cell);
  if (arguments.rotate_seed) features.rotate_seed = static_cast<std::uint64_t>(*arguments.rotate_seed);
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "prep crystals", "Crystal files to a dataset: meshes, graphs and targets in HDF5 shards.",
      "mpirun -n 4 tessera prep crystals --input cifs.tar.xz --targets targets.csv --out dataset");
  Arguments arguments;
  declare(line, arguments);
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    const core::Stopwatch watch;
    dist::watch_stop_signals();
    const auto settings = comm.together("reading the arguments", [&] { return settings_from(arguments); });
    const auto summary = data_prep::prepare_crystals(comm, settings, arguments.out,
                                                     {.strict = arguments.strict,
                                                      .overwrite = arguments.fresh,
                                                      .progress = !line.quiet(),
                                                      .stops_in_time = true});
    return data_prep::report_summary(comm, summary, arguments.out, "crystal", watch.seconds());
  });
}
