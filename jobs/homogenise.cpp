// SPDX-License-Identifier: Apache-2.0
// tessera homogenise: what segmented structures conduct as a whole, a line each.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "dist/run_job.hpp"
#include "jobs/structure_inputs.hpp"
#include "jobs/table_of_ranks.hpp"
#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/homogenisation/conductivity_bounds.hpp"
#include "microstructure/homogenisation/effective_conductivity.hpp"

namespace {

using namespace tessera;
namespace ms = microstructure;

struct Arguments {
  std::vector<std::string> images, conductivity;
  std::string faces = "fixed", out;
};

/// Which grey level conducts how well; a phase for each.
struct Phases {
  std::vector<std::uint16_t> levels;
  std::vector<double> conductivity;
};

Phases phases_from(const std::vector<std::string>& words) {
  Phases phases;
  for (const auto& word : words) {
    const auto parts = core::split(word, '=');
    const auto level = parts.size() == 2 ? core::parse_integer(parts[0]) : std::nullopt;
    const auto value = parts.size() == 2 ? core::parse_number(parts[1]) : std::nullopt;
    if (!level || *level < 0 || *level > 65535 || !value || !(*value >= 0) || !std::isfinite(*value))
      throw core::InputError(fmt::format(
          "--conductivity must be GREY=VALUE, a grey level and what it conducts (0 or more), got \"{}\"",
          word));
    const auto grey = static_cast<std::uint16_t>(*level);
    if (std::ranges::find(phases.levels, grey) != phases.levels.end())
      throw core::InputError(fmt::format("--conductivity names grey level {} twice", grey));
    phases.levels.push_back(grey);
    phases.conductivity.push_back(*value);
  }
  if (phases.levels.empty() || std::ssize(phases.levels) > ms::kMostPhases)
    throw core::InputError(fmt::format("--conductivity must name 1 to {} grey levels, got {}",
                                       ms::kMostPhases, phases.levels.size()));
  return phases;
}

std::string header_of(const Phases& phases) {
  std::vector<std::string> columns{"image", "slices", "rows", "columns"};
  for (const auto level : phases.levels) columns.push_back(fmt::format("fraction_{}", level));
  for (const char* name :
       {"conductivity_x", "conductivity_y", "conductivity_z", "conductivity", "lower_bound", "upper_bound"})
    columns.emplace_back(name);
  return core::csv_line(columns);
}

// Along x and y, of a volume along z, their mean, and the bounds of isotropic structures of these fractions.
std::vector<std::string> row_of(const ms::MaskInput& input, const Phases& phases, ms::Faces faces) {
  const auto map = ms::read_phase_map(input.file, phases.levels);
  std::vector<std::string> fields{input.name};
  for (const auto extent : map.size) fields.push_back(std::to_string(extent));
  std::vector<double> fractions;
  for (int phase = 0; phase < std::ssize(phases.levels); ++phase) {
    fractions.push_back(ms::phase_fraction(map, phase));
    fields.push_back(fmt::format("{:.6f}", fractions.back()));
  }
  double sum = 0;
  for (int axis = 2; axis >= 0; --axis) {
    if (axis < map.first_axis()) {
      fields.emplace_back();
      continue;
    }
    const auto found = ms::effective_conductivity(map, phases.conductivity, {.axis = axis, .faces = faces});
    sum += found.effective;
    fields.push_back(fmt::format("{:.8g}", found.effective));
  }
  fields.push_back(fmt::format("{:.8g}", sum / map.dimensions()));
  const auto bounds = ms::hashin_shtrikman_bounds(fractions, phases.conductivity, map.dimensions());
  fields.push_back(fmt::format("{:.8g}", bounds.lower));
  fields.push_back(fmt::format("{:.8g}", bounds.upper));
  return fields;
}

int homogenise(dist::Communicator& world, const Arguments& arguments) {
  const core::Stopwatch stopwatch;
  const auto faces = arguments.faces == "periodic" ? ms::Faces::Periodic : ms::Faces::Fixed;
  const auto phases =
      world.together("reading the arguments", [&] { return phases_from(arguments.conductivity); });
  const auto structures = jobs::find_structures(world, arguments.images, arguments.out);

  jobs::TableOfRanks rows;
  jobs::for_each_structure(
      world, structures, "homogenise", rows,
      [&](std::int64_t i, const ms::MaskInput& input) { rows.add(i, row_of(input, phases, faces)); });
  const auto table = jobs::gather_structures(world, structures, rows);

  world.together("write the table", [&] {
    if (world.is_root()) jobs::write_results(arguments.out, header_of(phases), table, stopwatch.seconds());
  });
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  core::CommandLine line(
      "homogenise",
      "Effective conductivity (of heat, charge, or with diffusivities of matter) of segmented images and "
      "volumes "
      "along each axis, computed on their pixels, a line each: labels that `tessera prep images --labels` "
      "takes. A "
      "file of several pages is a volume. What cannot be used is listed in quarantine.csv beside the table.",
      "mpirun -n 4 tessera homogenise masks/ --conductivity 0=1 255=0.02 --out labels.csv");
  line.positionals("IMAGE", arguments.images, "segmented images (.png, .tif, .npy), or folders of them");
  line.list("--conductivity", arguments.conductivity,
            "GREY=VALUE for each grey level, in any unit; 0: conducts nothing", true);
  line.choice(
      "--faces", arguments.faces, {"fixed", "periodic"},
      "fixed: two opposite faces at two temperatures, the others insulated; periodic: the structure goes on "
      "in all directions");
  line.option("--out", arguments.out, "table to write", true);
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return homogenise(world, arguments); });
}
