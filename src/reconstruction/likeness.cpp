// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/likeness.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "microstructure/statistics/cluster_correlation.hpp"
#include "microstructure/statistics/run_lengths.hpp"
#include "microstructure/statistics/two_point_correlation.hpp"

namespace tessera::reconstruction {
namespace {

using microstructure::Border;
using microstructure::PhaseMap;
using Curve = std::vector<double>;

double relative_distance(const Curve& curve, const Curve& target, double taken_off_curve = 0,
                         double taken_off_target = 0) {
  double distance = 0, size = 0;
  for (std::size_t r = 0; r < std::min(curve.size(), target.size()); ++r) {
    const double wanted = target[r] - taken_off_target;
    distance += std::abs(curve[r] - taken_off_curve - wanted);
    size += std::abs(wanted);
  }
  return size > 0 ? distance / size : distance;
}

PhaseMap quarter(const PhaseMap& map, std::int64_t down, std::int64_t right) {
  PhaseMap part{.size = {1, map.size[1] / 2, map.size[2] / 2}, .labels = {}, .levels = map.levels};
  const auto top = down * (map.size[1] - part.size[1]), left = right * (map.size[2] - part.size[2]);
  for (std::int64_t y = 0; y < part.size[1]; ++y) {
    const auto* row = map.labels.data() + (top + y) * map.size[2] + left;
    part.labels.insert(part.labels.end(), row, row + part.size[2]);
  }
  return part;
}

void add_distance(Curve& sum, const Curve& curve, const Curve& target, double weight) {
  sum.resize(std::min(curve.size(), target.size()));
  for (std::size_t r = 0; r < sum.size(); ++r) sum[r] += weight * std::abs(curve[r] - target[r]);
}

// Mean 0 and length 1.
torch::Tensor standardised_labels(const PhaseMap& map) {
  const auto labels = torch::from_blob(const_cast<std::uint8_t*>(map.labels.data()),
                                       {map.size[0], map.size[1], map.size[2]}, torch::kUInt8)
                          .to(torch::kFloat64);
  const auto centred = labels - labels.mean();
  return centred / centred.norm().clamp_min(1e-30);
}

}  // namespace

Statistics statistics_of(const PhaseMap& map, int phases, Border border) {
  Statistics statistics;
  for (int phase = phases == 2 ? 1 : 0; phase < phases; ++phase)
    statistics.phases.push_back({.phase = phase,
                                 .fraction = microstructure::phase_fraction(map, phase),
                                 .two_point = microstructure::two_point_correlation(map, phase, border),
                                 .lineal_path = microstructure::lineal_path(map, phase, border),
                                 .cluster = microstructure::cluster_correlation(map, phase, border)});
  return statistics;
}

Errors errors_of(const Statistics& statistics, const Statistics& target) {
  std::vector<Errors> of_phases;
  for (std::size_t i = 0; i < target.phases.size(); ++i) {
    const auto &got = statistics.phases[i], &wanted = target.phases[i];
    of_phases.push_back(
        {.fraction = std::abs(got.fraction - wanted.fraction),
         .two_point = relative_distance(got.two_point, wanted.two_point),
         .autocovariance = relative_distance(got.two_point, wanted.two_point, got.fraction * got.fraction,
                                             wanted.fraction * wanted.fraction),
         .lineal_path = relative_distance(got.lineal_path, wanted.lineal_path),
         .cluster = relative_distance(got.cluster, wanted.cluster)});
  }
  return mean_of(of_phases);
}

Errors mean_of(const std::vector<Errors>& errors) {
  Errors mean;
  for (double Errors::*member : {&Errors::fraction, &Errors::two_point, &Errors::autocovariance,
                                 &Errors::lineal_path, &Errors::cluster})
    for (const auto& one : errors) mean.*member += one.*member / static_cast<double>(errors.size());
  return mean;
}

NoiseFloor noise_floor(const PhaseMap& sample, int phases) {
  const auto whole = statistics_of(sample, phases, Border::Open);
  NoiseFloor floor;
  for (const auto& of_phase : whole.phases) floor.deviation.phases.emplace_back().phase = of_phase.phase;
  std::vector<Errors> of_quarters;
  for (const std::int64_t down : {0, 1})
    for (const std::int64_t right : {0, 1}) {
      const auto part = statistics_of(quarter(sample, down, right), phases, Border::Open);
      of_quarters.push_back(errors_of(part, whole));
      for (std::size_t i = 0; i < whole.phases.size(); ++i) {
        auto& deviation = floor.deviation.phases[i];
        const auto &got = part.phases[i], &wanted = whole.phases[i];
        deviation.fraction += 0.25 * std::abs(got.fraction - wanted.fraction);
        add_distance(deviation.two_point, got.two_point, wanted.two_point, 0.25);
        add_distance(deviation.lineal_path, got.lineal_path, wanted.lineal_path, 0.25);
        add_distance(deviation.cluster, got.cluster, wanted.cluster, 0.25);
      }
    }
  floor.errors = mean_of(of_quarters);
  return floor;
}

double highest_overlap(const PhaseMap& map, const PhaseMap& sample) {
  if (map.size != sample.size) return std::numeric_limits<double>::quiet_NaN();
  const auto ours = torch::fft::rfftn(standardised_labels(map)),
             theirs = torch::fft::rfftn(standardised_labels(sample));
  const std::vector<std::int64_t> size(map.size.begin(), map.size.end());
  const double shifted = torch::fft::irfftn(ours * theirs.conj(), size).max().item<double>();
  const double turned = torch::fft::irfftn(ours * theirs, size).max().item<double>();
  return std::max(shifted, turned);
}

}  // namespace tessera::reconstruction
