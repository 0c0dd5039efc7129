// SPDX-License-Identifier: Apache-2.0
#include "jobs/measure_table.hpp"

#include <limits>

#include "core/csv.hpp"
#include "metrics/segmentation.hpp"

namespace tessera::jobs {
namespace {

namespace ms = microstructure;

const std::vector<std::string> kColumns{"image",           "boundary_length_px", "boundary_length_um",
                                        "grains",          "mean_intercept_um",  "astm_grain_number",
                                        "carbide_fraction"};
const std::vector<std::string> kTruthColumns{"iou",          "dice",         "length_error_percent",
                                             "betti0_error", "betti1_error", "cldice"};
const std::vector<std::string> kMoreColumns{"triple_junctions",
                                            "mean_grain_area_um2",
                                            "astm_grain_number_planimetric",
                                            "grains_at_edge",
                                            "carbide_boundary_ratio",
                                            "mean_intercept_px",
                                            "mean_grain_area_px",
                                            "um_per_px"};
const std::vector<std::string> kMoreTruthColumns{"precision", "recall", "boundary_f1_2px", "true_length_px"};

}  // namespace

std::string measure_header(bool with_truth) {
  std::vector<std::string> columns = kColumns;
  const auto add = [&columns](const std::vector<std::string>& more) {
    columns.insert(columns.end(), more.begin(), more.end());
  };
  if (with_truth) add(kTruthColumns);
  add(kMoreColumns);
  if (with_truth) add(kMoreTruthColumns);
  return core::csv_line(columns);
}

std::vector<std::string> measure_fields(const std::string& name, const ms::BoundaryMeasurement& measured,
                                        double um_per_px, bool has_classes, const core::MaskCounts& counts) {
  std::vector<std::string> fields{name};
  const auto add = [&](std::initializer_list<double> values) {
    for (const double value : values) fields.push_back(core::csv_number(value));
  };
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const auto& grains = measured.grains;
  const double intercept_um = grains.mean_intercept_px * um_per_px;
  const double area_um2 = grains.mean_area_px * um_per_px * um_per_px;
  const auto scores = metrics::segmentation_metrics(counts);
  add({measured.length_px, measured.length_px * um_per_px, static_cast<double>(grains.grains), intercept_um,
       ms::astm_number_from_intercept(intercept_um / 1e3),
       has_classes ? measured.carbide_fraction : nothing});
  if (counts.images > 0)
    add({scores.iou, scores.dice, scores.length_error_percent, scores.betti0_error, scores.betti1_error,
         scores.cldice});
  add({static_cast<double>(measured.triple_junctions), area_um2, ms::astm_number_from_density(1e6 / area_um2),
       static_cast<double>(grains.grains_at_edge), has_classes ? measured.carbide_boundary_ratio : nothing,
       grains.mean_intercept_px, grains.mean_area_px, um_per_px});
  if (counts.images > 0) add({scores.precision, scores.recall, scores.boundary_f1_2px, counts.true_length});
  return fields;
}

}  // namespace tessera::jobs
