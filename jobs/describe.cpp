// SPDX-License-Identifier: Apache-2.0
// tessera describe: the statistics of segmented structures, a line a phase.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "dist/run_job.hpp"
#include "jobs/structure_inputs.hpp"
#include "jobs/table_of_ranks.hpp"
#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/statistics/cluster_correlation.hpp"
#include "microstructure/statistics/clusters.hpp"
#include "microstructure/statistics/euler_number.hpp"
#include "microstructure/statistics/run_lengths.hpp"
#include "microstructure/statistics/specific_interface.hpp"
#include "microstructure/statistics/two_point_correlation.hpp"

namespace {

using namespace tessera;
namespace ms = microstructure;

struct Arguments {
  std::vector<std::string> images;
  std::string border = "open", out, curves;
};

const std::string kHeader =
    core::csv_line({"image", "slices", "rows", "columns", "phase", "fraction", "interface_per_px",
                    "mean_chord_px", "clusters", "largest_cluster", "euler_number"});
const std::string kCurvesHeader =
    core::csv_line({"image", "phase", "r_px", "two_point", "lineal_path", "cluster", "chords"});

std::string number(double value) {
  return fmt::format("{:.8g}", value);
}

/// Both tables' rows of one file.
void describe_file(std::int64_t place, const ms::MaskInput& input, ms::Border border, bool with_curves,
                   jobs::TableOfRanks& table, jobs::TableOfRanks& curves) {
  const auto map = ms::read_phase_map(input.file);
  for (int phase = 0; phase < std::ssize(map.levels); ++phase) {
    const std::string level = std::to_string(map.levels[static_cast<std::size_t>(phase)]);
    const auto chords = ms::chord_lengths(map, phase, border);
    double chord_number = 0, chord_cells = 0;
    for (std::size_t n = 0; n < chords.size(); ++n) {
      chord_number += static_cast<double>(chords[n]);
      chord_cells += static_cast<double>(n) * static_cast<double>(chords[n]);
    }
    const auto clusters = ms::find_clusters(map, phase, border).cells;
    const auto largest = *std::max_element(clusters.begin(), clusters.end());
    const double cells =
        static_cast<double>(std::accumulate(clusters.begin(), clusters.end(), std::int64_t{0}));
    table.add(
        place,
        {input.name, std::to_string(map.size[0]), std::to_string(map.size[1]), std::to_string(map.size[2]),
         level, number(ms::phase_fraction(map, phase)), number(ms::specific_interface(map, phase, border)),
         chord_number > 0 ? number(chord_cells / chord_number) : "", std::to_string(clusters.size()),
         number(static_cast<double>(largest) / cells), std::to_string(ms::euler_number(map, phase, border))});
    if (!with_curves) continue;
    const auto pairs = ms::two_point_correlation(map, phase, border),
               path = ms::lineal_path(map, phase, border),
               cluster = ms::cluster_correlation(map, phase, border);
    for (std::size_t r = 0; r < pairs.size(); ++r)
      curves.add(place, {input.name, level, std::to_string(r), number(pairs[r]), number(path[r]),
                         number(cluster[r]), std::to_string(r < chords.size() ? chords[r] : 0)});
  }
}

int describe(dist::Communicator& world, const Arguments& arguments) {
  const core::Stopwatch stopwatch;
  const auto border = arguments.border == "periodic" ? ms::Border::Periodic : ms::Border::Open;
  const auto structures = jobs::find_structures(world, arguments.images, arguments.out);
  jobs::TableOfRanks rows, curves;
  jobs::for_each_structure(world, structures, "describe", rows,
                           [&](std::int64_t i, const ms::MaskInput& input) {
                             describe_file(i, input, border, !arguments.curves.empty(), rows, curves);
                           });
  const auto table = jobs::gather_structures(world, structures, rows);
  const auto curve_table = curves.gather(world);
  world.together("write the tables", [&] {
    if (!world.is_root()) return;
    jobs::write_results(arguments.out, kHeader, table, stopwatch.seconds());
    if (!arguments.curves.empty()) jobs::write_table(arguments.curves, kCurvesHeader, curve_table);
  });
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  core::CommandLine line(
      "describe",
      "Statistics of segmented images and volumes, a line for each phase (grey level): fraction, interface "
      "per area or "
      "volume, mean chord, clusters, Euler number; and on demand the two-point and cluster correlation, "
      "lineal path "
      "and chord counts by distance. A file of several pages is a volume. What cannot be used is listed in "
      "quarantine.csv beside the table.",
      "mpirun -n 4 tessera describe masks/ --out statistics.csv --curves curves.csv");
  line.positionals("IMAGE", arguments.images, "segmented images (.png, .tif, .npy), or folders of them");
  line.option("--out", arguments.out, "table to write", true);
  line.option("--curves", arguments.curves, "table of correlations by distance to write as well");
  line.choice("--border", arguments.border, {"open", "periodic"},
              "open: nothing is known beyond the border; periodic: the structure goes on");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return describe(world, arguments); });
}
