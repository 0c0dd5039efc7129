// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "jobs/reconstruction_files.hpp"
#include "microstructure/files/phase_map_writer.hpp"
#include "microstructure/files/png_writer.hpp"
#include "report/reconstruction_report.hpp"

namespace tessera::jobs {
namespace {

namespace ms = microstructure;
namespace rec = reconstruction;
using Json = nlohmann::ordered_json;

constexpr std::size_t kPicturesShown = 4;  // of the reconstructions, in the overview

struct Described {
  const FinishedStructure* structure;
  rec::Statistics statistics;
  rec::Errors errors;
  double overlap;
};

std::vector<Described> describe(const std::vector<FinishedStructure>& structures, int phases,
                                const ms::PhaseMap& sample, const rec::Statistics& target) {
  std::vector<Described> described;
  for (const auto& structure : structures) {
    auto statistics = rec::statistics_of(structure.map, phases, ms::Border::Periodic);
    const auto errors = rec::errors_of(statistics, target);
    described.push_back(
        {&structure, std::move(statistics), errors, rec::highest_overlap(structure.map, sample)});
  }
  return described;
}

rec::Errors mean_errors(const std::vector<Described>& described) {
  std::vector<rec::Errors> errors;
  for (const auto& one : described) errors.push_back(one.errors);
  return rec::mean_of(errors);
}

Json json_of(const rec::Errors& errors) {
  return {{"fraction_error", errors.fraction},
          {"s2_error", errors.two_point},
          {"autocovariance_error", errors.autocovariance},
          {"lineal_path_error", errors.lineal_path},
          {"cluster_error", errors.cluster}};
}

Json json_of(const std::vector<Described>& described) {
  Json json = json_of(mean_errors(described));
  double seconds = 0, overlap = 0;
  for (const auto& one : described) {
    seconds += one.structure->seconds / static_cast<double>(described.size());
    overlap += one.overlap / static_cast<double>(described.size());
  }
  json["seconds"] = seconds;
  json["overlap_with_sample"] = std::isfinite(overlap) ? Json(overlap) : Json();
  for (const auto& one : described) {
    Json own = json_of(one.errors);
    own["name"] = one.structure->name;
    own["overlap_with_sample"] = std::isfinite(one.overlap) ? Json(one.overlap) : Json();
    own["objective"] = one.structure->objective;
    own["iterations"] = one.structure->iterations;
    own["evaluations"] = one.structure->evaluations;
    own["seconds"] = one.structure->seconds;
    json["structures"].push_back(own);
  }
  return json;
}

using Curve = std::vector<double> rec::Statistics::OfPhase::*;
struct NamedCurve {
  const char* name;
  const char* title;
  Curve curve;
};
const NamedCurve kCurves[] = {{"two_point", "two-point correlation", &rec::Statistics::OfPhase::two_point},
                              {"lineal_path", "lineal path", &rec::Statistics::OfPhase::lineal_path},
                              {"cluster", "cluster correlation", &rec::Statistics::OfPhase::cluster}};

std::string cell_of(const std::vector<double>& curve, std::size_t r) {
  return r < curve.size() ? fmt::format("{:.8g}", curve[r]) : "";
}

std::string statistics_csv(const ms::PhaseMap& sample, const rec::Statistics& target,
                           const rec::NoiseFloor& floor, const std::vector<Described>& all) {
  std::vector<std::string> header{"statistic", "phase", "r_px", "target", "noise_floor"};
  for (const auto& one : all) header.push_back(one.structure->name);
  std::string csv = core::csv_line(header);
  for (const auto& [name, title, curve] : kCurves)
    for (std::size_t i = 0; i < target.phases.size(); ++i)
      for (std::size_t r = 0; r < (target.phases[i].*curve).size(); ++r) {
        const auto phase = static_cast<std::size_t>(target.phases[i].phase);
        std::vector<std::string> row{name, std::to_string(sample.levels[phase]), std::to_string(r),
                                     cell_of(target.phases[i].*curve, r),
                                     cell_of(floor.deviation.phases[i].*curve, r)};
        for (const auto& one : all) row.push_back(cell_of(one.statistics.phases[i].*curve, r));
        csv += core::csv_line(row);
      }
  return csv;
}

report::LineChart chart_of(const NamedCurve& named, const ms::PhaseMap& sample, const rec::Statistics& target,
                           const std::vector<Described>& results, const std::vector<Described>& baselines,
                           std::size_t i) {
  report::LineChart chart{
      .title = fmt::format("{}, phase of grey level {}", named.title,
                           sample.levels[static_cast<std::size_t>(target.phases[i].phase)]),
      .x = {"distance (px)"},
      .y = {"probability"},
      .series = {}};
  const auto add = [&](const std::string& name, const rec::Statistics& statistics, bool faint) {
    const auto& curve = statistics.phases[i].*named.curve;
    report::Series series{.name = name, .x = {}, .y = curve, .faint = faint};
    for (std::size_t r = 0; r < curve.size(); ++r) series.x.push_back(static_cast<double>(r));
    chart.series.push_back(std::move(series));
  };
  for (std::size_t n = 1; n < results.size(); ++n) add("", results[n].statistics, true);
  add("sample", target, false);
  add("reconstruction", results.front().statistics, false);
  if (!baselines.empty()) add("baseline", baselines.front().statistics, false);
  return chart;
}

// Sample, reconstructions, baseline, with a gap between them.
ms::Raster<std::uint8_t> overview(const ms::PhaseMap& sample, const std::vector<FinishedStructure>& results,
                                  const std::vector<FinishedStructure>& baselines) {
  constexpr int kGap = 8;
  constexpr std::uint8_t kGapGrey = 128;
  std::vector<ms::Mask> pictures{ms::planes_to_look_at(sample)};
  for (std::size_t i = 0; i < std::min(kPicturesShown, results.size()); ++i)
    pictures.push_back(ms::planes_to_look_at(results[i].map));
  if (!baselines.empty()) pictures.push_back(ms::planes_to_look_at(baselines.front().map));
  int height = 0, width = -kGap;
  for (const auto& picture : pictures) {
    height = std::max(height, picture.height());
    width += picture.width() + kGap;
  }
  ms::Raster<std::uint8_t> all(height, width, kGapGrey);
  int left = 0;
  for (const auto& picture : pictures) {
    const auto grey = ms::in_levels(picture, std::ssize(sample.levels));
    for (int y = 0; y < grey.height(); ++y) std::copy_n(grey.row(y), grey.width(), all.row(y) + left);
    left += grey.width() + kGap;
  }
  return all;
}

report::ReconstructionRow row_of(const std::string& name, const rec::Errors& errors, double overlap,
                                 double seconds) {
  return {.name = name,
          .errors = {errors.fraction, errors.two_point, errors.autocovariance, errors.lineal_path,
                     errors.cluster},
          .overlap = overlap,
          .seconds = seconds};
}

}  // namespace

rec::Errors write_summary(const rec::ReconstructionConfig& config, const ms::PhaseMap& sample,
                          const std::vector<FinishedStructure>& reconstructions,
                          const std::vector<FinishedStructure>& baselines) {
  const auto target = rec::statistics_of(sample, config.phases, ms::Border::Periodic);
  const auto floor = rec::noise_floor(sample, config.phases);
  const auto results = describe(reconstructions, config.phases, sample, target);
  const auto annealed = describe(baselines, config.phases, sample, target);

  auto all = results;
  all.insert(all.end(), annealed.begin(), annealed.end());
  core::write_file_atomically(config.folder / "statistics.csv", statistics_csv(sample, target, floor, all));

  Json summary = json_of(results);
  summary["baseline"] = annealed.empty() ? Json() : json_of(annealed);
  summary["noise_floor"] = json_of(floor.errors);
  core::write_file_atomically(config.folder / "summary.json", summary.dump(2) + "\n");
  const auto overview_file = config.folder / "overview.png";
  ms::write_png(overview_file, overview(sample, reconstructions, baselines));

  report::ReconstructionFacts facts{.title = config.image.filename().string(),
                                    .config = core::read_file(config.folder / "config.toml"),
                                    .overview_png = core::read_file(overview_file)};
  const double unknown = std::nan("");
  for (const auto& one : all)
    facts.rows.push_back(row_of(one.structure->name, one.errors, one.overlap, one.structure->seconds));
  facts.rows.push_back(row_of("noise floor", floor.errors, unknown, unknown));
  for (const auto& curve : kCurves)
    for (std::size_t i = 0; i < target.phases.size(); ++i)
      facts.charts.push_back(chart_of(curve, sample, target, results, annealed, i));
  core::write_file_atomically(config.folder / "report.html", report::make_reconstruction_report(facts));
  return mean_errors(results);
}

}  // namespace tessera::jobs
