// SPDX-License-Identifier: Apache-2.0
// `tessera synth crystals`: made crystals as CIF files, and what a formula says of each.
#include <fmt/core.h>

#include <filesystem>
#include <string>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "crystal/cif_writer.hpp"
#include "crystal/synthetic_crystal.hpp"
#include "data_prep/truth_table.hpp"
#include "dist/partition.hpp"
#include "dist/run_job.hpp"

using namespace tessera;

namespace {

struct Arguments {
  std::int64_t count = 0;
  std::int64_t seed = 0;
  std::string out;
};

void check(const Arguments& arguments) {
  if (arguments.count < 1)
    throw core::InputError(fmt::format("--count must be at least 1, got {}", arguments.count));
  if (arguments.seed < 0)
    throw core::InputError(fmt::format("--seed must be 0 or more, got {}", arguments.seed));
}

std::string prototype_of(const crystal::SyntheticCrystal& made) {
  return made.id.substr(made.id.rfind('-') + 1);
}

// Writes the crystals of `block` and returns their rows of targets.csv.
std::string write_crystals(const Arguments& arguments, dist::Block block) {
  std::string rows;
  for (auto index = block.begin; index < block.end; ++index) {
    const auto made = crystal::make_synthetic_crystal(static_cast<std::uint64_t>(arguments.seed), index);
    core::write_file_atomically(std::filesystem::path(arguments.out) / (made.id + ".cif"),
                                crystal::write_cif(made.structure, made.id));
    rows += core::csv_line({made.id, core::csv_number(made.properties.formation_energy_ev),
                            core::csv_number(made.properties.bulk_modulus_gpa),
                            std::to_string(made.space_group), prototype_of(made)});
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "synth crystals",
      "Made crystals, for demonstrations and tests: textbook structure types decorated with random elements, "
      "sized "
      "by tabulated radii. The space group is known by construction, formation energy (Pauling 1932) and "
      "bulk "
      "modulus (Cohen 1985) are computed by closed formulas: rough as physics, and a function of the "
      "structure.",
      "tessera synth crystals --count 600 --seed 1 --out crystals\n"
      "  tessera prep crystals --input crystals --targets crystals/targets.csv --out dataset");
  Arguments arguments;
  line.option("--count", arguments.count, "how many");
  line.option("--seed", arguments.seed, "the same seed gives the same files");
  line.option("--out", arguments.out, "folder for ID.cif and targets.csv", true);
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    const core::Stopwatch watch;
    const auto rows = comm.together("making crystals", [&] {
      check(arguments);
      core::make_folder(arguments.out);
      return write_crystals(arguments, dist::partition(arguments.count, comm.size(), comm.rank()));
    });
    data_prep::write_truth_table(comm, std::filesystem::path(arguments.out) / "targets.csv",
                                 core::csv_line({"material_id", "formation_energy_ev_per_atom",
                                                 "bulk_modulus_gpa", "space_group", "prototype"}),
                                 rows);
    if (comm.is_root()) fmt::print("crystals={} seconds={:.3f}\n", arguments.count, watch.seconds());
    return core::kExitDone;
  });
}
