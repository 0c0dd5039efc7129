// SPDX-License-Identifier: Apache-2.0
// `tessera synth micrographs`: made micrographs, their masks, and what is known of each exactly.
#include <fmt/core.h>

#include <filesystem>
#include <string>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "data_prep/truth_table.hpp"
#include "dist/partition.hpp"
#include "dist/run_job.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/synthetic_micrograph.hpp"

using namespace tessera;

namespace {

struct Arguments {
  std::int64_t count = 0;
  std::int64_t size = 256;
  std::int64_t seed = 0;
  std::string out;
  microstructure::SyntheticMicrographOptions options;
};

void declare(core::CommandLine& line, Arguments& arguments) {
  auto& options = arguments.options;
  line.option("--count", arguments.count, "how many");
  line.option("--size", arguments.size, "px of each side");
  line.option("--seed", arguments.seed, "the same seed gives the same files");
  line.option("--out", arguments.out, "folder for images/ID.png, masks/ID.png and truth.csv", true);
  line.option("--grain-size", options.grain_size_px, "px, the grains' mean diameter");
  line.option("--spread", options.spread, "of grain sizes: standard deviation of the diameter's logarithm");
  line.option("--roughness", options.roughness, "of boundaries: 0 straight, 1 bent by as much as they run");
  line.option("--boundary-width", options.boundary_width_px, "px, of boundaries in the masks");
  line.option("--um-per-px", options.um_per_px, "µm a pixel stands for");
  line.option("--tint", options.tint, "standard deviation of the grains' grey, of the full range 1");
  line.option("--contrast", options.etching.contrast,
              "mean depth of the etched boundaries, of the full range 1");
  line.option("--gaps", options.etching.gaps,
              "share of the boundaries left unetched; the masks show them all");
  line.option("--precipitates", options.precipitates, "share of the boundaries lined with carbides");
  line.flag("--carbides", options.carbides, "masks by value: 0 grain, 128 boundary, 255 precipitate");
  line.option("--pits", options.pits, "mean number of dark spots on 256 x 256 px");
  line.option("--scratches", options.scratches, "mean number on 256 x 256 px");
  line.option("--uneven-light", options.uneven_light, "change of brightness towards the corners");
  line.option("--blotches", options.blotches, "the surface's unevenness over some 8 px, of the full range 1");
  line.option("--texture", options.texture, "the surface's noise, before the blur, of the full range 1");
  line.option("--blur", options.blur_px, "px, standard deviation");
  line.option("--noise", options.noise, "the camera's noise, of the full range 1");
}

void check(Arguments& arguments) {
  if (arguments.count < 1)
    throw core::InputError(fmt::format("--count must be at least 1, got {}", arguments.count));
  if (arguments.seed < 0)
    throw core::InputError(fmt::format("--seed must be 0 or more, got {}", arguments.seed));
  if (arguments.size < 16 || arguments.size > 16384)
    throw core::InputError(fmt::format("--size must be 16 to 16384 px, got {}", arguments.size));
  arguments.options.size_px = static_cast<int>(arguments.size);
  arguments.options.check();
}

std::string truth_row(const microstructure::SyntheticMicrograph& made) {
  const auto& truth = made.truth;
  const double um_per_px = made.image.um_per_px;
  return core::csv_line({made.id, core::csv_number(truth.boundary_length_px),
                         core::csv_number(truth.boundary_length_px * um_per_px), std::to_string(truth.grains),
                         core::csv_number(truth.carbide_fraction), core::csv_number(um_per_px),
                         core::csv_number(truth.mean_intercept_px * um_per_px),
                         std::to_string(truth.triple_junctions)});
}

// Writes the micrographs of `block` and returns their rows of truth.csv.
std::string write_micrographs(const Arguments& arguments, dist::Block block) {
  const std::filesystem::path out(arguments.out);
  std::string rows;
  for (auto index = block.begin; index < block.end; ++index) {
    const auto made = microstructure::make_synthetic_micrograph(
        arguments.options, static_cast<std::uint64_t>(arguments.seed), index);
    microstructure::write_png(out / "images" / (made.id + ".png"), made.image);
    microstructure::write_png(out / "masks" / (made.id + ".png"), made.mask);
    rows += truth_row(made);
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "synth micrographs",
      "Made micrographs of polycrystals: grains of lognormal size (Laguerre tessellation), etched boundaries "
      "with gaps, precipitates, pits, scratches, uneven light, blur, noise. The masks show every boundary, "
      "dark on "
      "white; truth.csv holds boundary length, grains and carbide fraction, exact. The defaults resemble "
      "low-contrast optical micrographs.",
      "tessera synth micrographs --count 200 --size 256 --seed 1 --out micrographs\n"
      "  tessera prep images --images micrographs/images --masks micrographs/masks --labels "
      "micrographs/truth.csv "
      "--mask-rule dark --out dataset");
  Arguments arguments;
  declare(line, arguments);
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    const core::Stopwatch watch;
    const auto rows = comm.together("making micrographs", [&] {
      check(arguments);
      core::make_folder(std::filesystem::path(arguments.out) / "images");
      core::make_folder(std::filesystem::path(arguments.out) / "masks");
      return write_micrographs(arguments, dist::partition(arguments.count, comm.size(), comm.rank()));
    });
    data_prep::write_truth_table(
        comm, std::filesystem::path(arguments.out) / "truth.csv",
        core::csv_line({"id", "boundary_length_px", "boundary_length_um", "grains", "carbide_fraction",
                        "um_per_px", "mean_intercept_um", "triple_junctions"}),
        rows);
    if (comm.is_root()) {
      const double seconds = watch.seconds();
      fmt::print("images={} seconds={:.3f} images_per_second={:.1f}\n", arguments.count, seconds,
                 static_cast<double>(arguments.count) / seconds);
    }
    return core::kExitDone;
  });
}
