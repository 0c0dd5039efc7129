// SPDX-License-Identifier: Apache-2.0
// `tessera synth phases`: made structures of two phases, and what is computed of each.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "data_prep/truth_table.hpp"
#include "dist/partition.hpp"
#include "dist/run_job.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/homogenisation/conductivity_bounds.hpp"
#include "microstructure/homogenisation/effective_conductivity.hpp"
#include "microstructure/statistics/specific_interface.hpp"
#include "microstructure/synthetic_phases.hpp"

using namespace tessera;

namespace {

namespace ms = microstructure;

struct Arguments {
  std::int64_t count = 0, seed = 0;
  std::string kind = "field", faces = "fixed", out;
  double conductivity_0 = 1, conductivity_1 = 0.02;
  ms::SyntheticPhasesOptions options;
};

void declare(core::CommandLine& line, Arguments& arguments) {
  auto& options = arguments.options;
  line.option("--count", arguments.count, "how many");
  line.option("--size", options.size_px, "px of each side");
  line.option("--seed", arguments.seed, "the same seed gives the same files");
  line.option("--out", arguments.out, "folder for images/ID.png and truth.csv", true);
  line.choice("--kind", arguments.kind, {ms::kPhaseKinds.begin(), ms::kPhaseKinds.end()},
              "field: a Gaussian random field cut at a level; discs: ellipses that may overlap; coating: "
              "pores, splat "
              "boundaries and cracks as in a thermally sprayed one");
  line.option("--low-fraction", options.low_fraction, "of phase 1 (white), the least");
  line.option("--high-fraction", options.high_fraction, "of phase 1, the greatest");
  line.option("--feature", options.feature_px, "px, typical width of a feature of phase 1");
  line.option("--elongation", options.elongation, "along x, of features");
  line.option("--conductivity-0", arguments.conductivity_0, "of phase 0 (black), in any unit");
  line.option("--conductivity-1", arguments.conductivity_1, "of phase 1; 0: conducts nothing");
  line.choice("--faces", arguments.faces, {"fixed", "periodic"}, "as of `tessera homogenise`");
}

void check(Arguments& arguments) {
  if (arguments.count < 1)
    throw core::InputError(fmt::format("--count must be at least 1, got {}", arguments.count));
  if (arguments.seed < 0)
    throw core::InputError(fmt::format("--seed must be 0 or more, got {}", arguments.seed));
  auto& options = arguments.options;
  options.kind = static_cast<ms::PhaseKind>(std::ranges::find(ms::kPhaseKinds, arguments.kind) -
                                            ms::kPhaseKinds.begin());
  options.check();
}

std::string truth_row(const Arguments& arguments, const ms::SyntheticPhases& made) {
  const std::vector<double> conductivity{arguments.conductivity_0, arguments.conductivity_1};
  const auto faces = arguments.faces == "periodic" ? ms::Faces::Periodic : ms::Faces::Fixed;
  const auto along = [&](int axis) {
    return ms::effective_conductivity(made.map, conductivity, {.axis = axis, .faces = faces}).effective;
  };
  const double x = along(2), y = along(1), fraction = ms::phase_fraction(made.map, 1);
  const auto bounds =
      ms::hashin_shtrikman_bounds(std::vector<double>{1 - fraction, fraction}, conductivity, 2);
  std::vector<std::string> fields{made.id};
  for (const double value : {fraction, x, y, (x + y) / 2, bounds.lower, bounds.upper,
                             ms::specific_interface(made.map, 1, ms::Border::Periodic)})
    fields.push_back(core::csv_number(value));
  return core::csv_line(fields);
}

// Writes the structures of `block` and returns their rows of truth.csv.
std::string write_structures(const Arguments& arguments, dist::Block block) {
  std::string rows;
  const auto size = static_cast<int>(arguments.options.size_px);
  for (auto index = block.begin; index < block.end; ++index) {
    const auto made =
        ms::make_synthetic_phases(arguments.options, static_cast<std::uint64_t>(arguments.seed), index);
    ms::Mask picture(size, size);
    std::ranges::transform(made.map.labels, picture.values().begin(),
                           [](std::uint8_t phase) { return static_cast<std::uint8_t>(phase ? 255 : 0); });
    ms::write_png(std::filesystem::path(arguments.out) / "images" / (made.id + ".png"), picture);
    rows += truth_row(arguments, made);
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "synth phases",
      "Made structures of two phases, periodic, as images of black (phase 0) and white (phase 1), and "
      "truth.csv: the "
      "fraction of phase 1, the effective conductivity along x and y computed on the pixels, their mean, the "
      "bounds "
      "of isotropic structures, the specific interface.",
      "mpirun -n 4 tessera synth phases --count 500 --kind coating --high-fraction 0.2 --seed 1 --out "
      "coatings\n"
      "  tessera prep images --images coatings/images --labels coatings/truth.csv --out dataset");
  Arguments arguments;
  declare(line, arguments);
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    const core::Stopwatch watch;
    const auto make_own = [&] {
      check(arguments);
      core::make_folder(std::filesystem::path(arguments.out) / "images");
      return write_structures(arguments, dist::partition(arguments.count, comm.size(), comm.rank()));
    };
    const auto rows = comm.together("making structures", make_own, dist::Patience::Unlimited);
    data_prep::write_truth_table(
        comm, std::filesystem::path(arguments.out) / "truth.csv",
        core::csv_line({"id", "fraction", "conductivity_x", "conductivity_y", "conductivity", "lower_bound",
                        "upper_bound", "interface_per_px"}),
        rows);
    if (comm.is_root()) {
      const double seconds = watch.seconds();
      fmt::print("images={} seconds={:.3f} images_per_second={:.1f}\n", arguments.count, seconds,
                 static_cast<double>(arguments.count) / seconds);
    }
    return core::kExitDone;
  });
}
