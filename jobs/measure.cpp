// SPDX-License-Identifier: Apache-2.0
// tessera measure: boundary lengths, grain sizes and carbides of masks; beside true masks, how well they
// agree.
#include <fmt/core.h>

#include <cmath>
#include <limits>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "data/quarantine.hpp"
#include "dist/run_job.hpp"
#include "dist/work_queue.hpp"
#include "jobs/measure_table.hpp"
#include "jobs/table_of_ranks.hpp"
#include "metrics/segmentation.hpp"
#include "microstructure/boundary_measurement.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/mask_inputs.hpp"
#include "microstructure/mask_agreement.hpp"
#include "microstructure/mask_rule.hpp"

namespace {

using namespace tessera;
namespace ms = microstructure;
namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> masks;
  std::string truth, mask_rule = "dark", out;
  double um_per_px = 0;
  std::int64_t threshold = 128;
};

/// The levels that are classes, of all masks and truths together.
std::vector<std::uint16_t> find_levels(const std::vector<ms::MaskInput>& inputs,
                                       const dist::Communicator& world) {
  ms::LevelSet levels;
  ms::ImageReader reader;
  dist::for_each_task(world, std::ssize(inputs), "levels of the masks", [&](std::int64_t i) {
    try {
      ms::add_levels(reader, inputs[static_cast<std::size_t>(i)], levels);
    } catch (const core::DataError&) {
      // Said when it is measured.
    }
  });
  const auto here = levels.levels();
  const std::vector<std::int32_t> local(here.begin(), here.end());
  for (const auto level : world.all_gather(std::span(local), "levels of the masks"))
    levels.add(static_cast<std::uint16_t>(level));
  return levels.levels();
}

// A mask's line of the table, and what its truth adds to the sums.
class Row {
 public:
  Row(const ms::MaskInput& input, const ms::MaskReading& reading, double um_per_px)
      : input_(input), reading_(reading) {
    auto [mask, scale] = ms::read_mask(reader_, input.file, input.page, reading);
    mask_ = std::move(mask);
    um_per_px_ = um_per_px > 0 ? um_per_px : scale;
    network_ = ms::trace_boundaries(mask_);
    if (!input.truth.empty()) compare();
    write();
  }

  const std::vector<std::string>& fields() const { return fields_; }
  const core::MaskCounts& counts() const { return counts_; }

 private:
  void compare() {
    const auto truth = ms::read_mask(reader_, input_.truth, input_.page, reading_).mask;
    if (truth.height() != mask_.height() || truth.width() != mask_.width())
      throw core::DataError(
          fmt::format("a mask must be as large as its truth, got {} × {} px, and {} × {} in {}",
                      mask_.height(), mask_.width(), truth.height(), truth.width(), input_.truth.string()));
    counts_ = ms::compare_masks(mask_, network_, truth, ms::trace_boundaries(truth));
  }

  void write() {
    fields_ = jobs::measure_fields(input_.name, ms::measure_boundaries(mask_, network_), um_per_px_,
                                   reading_.rule == ms::MaskRule::Values, counts_);
  }

  const ms::MaskInput& input_;
  const ms::MaskReading& reading_;
  ms::ImageReader reader_;
  ms::Mask mask_;
  double um_per_px_ = 0;
  ms::BoundaryNetwork network_;
  core::MaskCounts counts_;
  std::vector<std::string> fields_;
};

/// What was measured, and all masks' agreement with their truths.
struct Measured {
  jobs::GatheredTable table;
  core::MaskCounts counts;
};

Measured measure_all(const std::vector<ms::MaskInput>& inputs, const ms::MaskReading& reading,
                     double um_per_px, const dist::Communicator& world) {
  jobs::TableOfRanks table;
  core::MaskCounts counts;
  dist::for_each_task(world, std::ssize(inputs), "measure", [&](std::int64_t i) {
    const auto& input = inputs[static_cast<std::size_t>(i)];
    try {
      const Row row(input, reading, um_per_px);
      table.add(i, row.fields());
      counts += row.counts();
    } catch (const ms::ImageFileError& error) {
      table.refuse(input.name, input.file, error.reason());
    } catch (const core::DataError& error) {
      table.refuse(input.name, input.file, error.what());
    }
  });
  auto sums = counts.row();
  world.all_reduce(std::span<double>(sums), dist::Reduce::Sum, "sum of the agreements");
  return {table.gather(world), core::MaskCounts::from_row(sums)};
}

// A run stands for the masks of its test part, and brings the true ones.
void replace_run(Arguments& arguments) {
  if (arguments.masks.size() != 1 || !fs::exists(fs::path(arguments.masks[0]) / "run.json")) return;
  const fs::path run = arguments.masks[0], masks = run / "predictions" / "test-masks";
  if (!fs::is_directory(masks / "predicted"))
    throw core::InputError(
        fmt::format("the run {} holds no masks of its test part. Write them first: `tessera "
                    "evaluate {} --masks`.",
                    run.string(), run.string()));
  arguments.masks = {(masks / "predicted").string()};
  if (arguments.truth.empty()) arguments.truth = (masks / "true").string();
}

ms::MaskReading check(const Arguments& arguments) {
  if (arguments.threshold < 0 || arguments.threshold > 65535)
    throw core::InputError(
        fmt::format("--threshold must be a grey level, 0 to 65535, got {}", arguments.threshold));
  if (!(arguments.um_per_px >= 0) || std::isinf(arguments.um_per_px))
    throw core::InputError(fmt::format("--um-per-px must be above 0, got {}", arguments.um_per_px));
  return {.rule = ms::mask_rule_from_name(arguments.mask_rule),
          .threshold = static_cast<int>(arguments.threshold)};
}

int measure(dist::Communicator& world, Arguments arguments) {
  const core::Stopwatch stopwatch;
  const fs::path out = arguments.out;
  const fs::path folder = out.has_parent_path() ? out.parent_path() : fs::path(".");
  auto reading = world.together("reading the arguments", [&] {
    replace_run(arguments);
    return check(arguments);
  });
  ms::MaskInputs found;
  const auto find_here = [&]() -> std::string {
    if (!world.is_root()) return "";
    core::make_folder(folder);
    found = ms::find_masks(arguments.masks, arguments.truth);
    return ms::text_of(found.masks);
  };
  const auto text = world.together("find the masks", find_here, dist::Patience::Unlimited);
  const auto inputs = ms::masks_from_text(world.broadcast_text(text, "list of the masks"));

  if (reading.rule == ms::MaskRule::Values) reading.levels = find_levels(inputs, world);
  auto [rows, counts] = measure_all(inputs, reading, arguments.um_per_px, world);
  for (const auto& [name, reason, file] : found.refused)
    rows.refused.push_back({name, file.string(), 0, reason});

  world.together("write the measurements", [&] {
    if (!world.is_root()) return;
    jobs::write_table(out, jobs::measure_header(!arguments.truth.empty()), rows);
    jobs::write_quarantine_beside(out, rows);
    fmt::print("images={} quarantined={} seconds={:.2f}", rows.lines.size(), rows.refused.size(),
               stopwatch.seconds());
    if (counts.images > 0) {
      const auto scores = metrics::segmentation_metrics(counts);
      fmt::print(" iou={:.4f} dice={:.4f} cldice={:.4f} boundary_f1_2px={:.4f} length_error_percent={:.2f}",
                 scores.iou, scores.dice, scores.cldice, scores.boundary_f1_2px, scores.length_error_percent);
    }
    fmt::print("\n");
  });
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  core::CommandLine line(
      "measure",
      "Boundary length, grain count and size (ASTM E112) and carbides of masks, a line each; beside true "
      "masks also "
      "how well they agree. A mask that cannot be used is listed in quarantine.csv beside the table.",
      "mpirun -n 4 tessera measure predicted/ --truth masks/ --mask-rule dark --um-per-px 0.5 --out "
      "measure.csv");
  line.positionals(
      "MASK", arguments.masks,
      "masks (.png, .jpg, .tif, .npy), or folders of them; or a run that was evaluated with --masks");
  line.option("--out", arguments.out, "table to write", true);
  line.option(
      "--truth", arguments.truth,
      "folder of true masks: that of the same stem belongs to a mask, a suffix such as _mask left aside");
  line.option("--um-per-px", arguments.um_per_px, "width of a pixel in µm; 0: as the file says, if it does");
  line.option(
      "--mask-rule", arguments.mask_rule,
      "dark: boundary = below the threshold; bright: at or above; values: the grey levels of all masks are "
      "classes, the lowest grain, the next boundary, the third precipitate");
  line.option("--threshold", arguments.threshold, "a grey level as stored");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return measure(world, arguments); });
}
