// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/image_descriptors.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "microstructure/phase_map.hpp"
#include "microstructure/statistics/clusters.hpp"
#include "microstructure/statistics/euler_number.hpp"
#include "microstructure/statistics/pair_counter.hpp"
#include "microstructure/statistics/run_lengths.hpp"
#include "microstructure/statistics/specific_interface.hpp"

namespace tessera::microstructure {
namespace {

constexpr std::array<std::int64_t, 5> kDistances{1, 2, 4, 8, 16};  // px
constexpr std::array<int, 5> kPercentiles{5, 25, 50, 75, 95};

PhaseMap phases_of(const Image& image, const std::vector<std::uint16_t>& levels) {
  PhaseMap map{.size = {1, image.grey.height(), image.grey.width()}, .labels = {}, .levels = levels};
  map.labels.reserve(image.grey.size());
  for (const auto grey : image.grey.values()) {
    const auto level = std::ranges::lower_bound(levels, grey);
    if (level == levels.end() || *level != grey)
      throw core::InternalError(fmt::format("grey level {} is of an image that was not surveyed", grey));
    map.labels.push_back(static_cast<std::uint8_t>(level - levels.begin()));
  }
  return map;
}

// Whole rows, or columns, cut into runs: how many are of the phase.
std::int64_t num_runs(const PhaseMap& map, int phase, bool along_x) {
  const auto height = map.size[1], width = map.size[2];
  std::int64_t runs = 0;
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x) {
      const auto here = y * width + x, before = along_x ? here - 1 : here - width;
      const bool is_first = along_x ? x == 0 : y == 0;
      runs += map.labels[static_cast<std::size_t>(here)] == phase &&
              (is_first || map.labels[static_cast<std::size_t>(before)] != phase);
    }
  return runs;
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

// In the order of names_of_phase.
void describe_phase(const PhaseMap& map, int phase, const std::vector<std::int64_t>& distances,
                    std::vector<double>& values) {
  const auto area = static_cast<double>(map.num_cells());
  const double fraction = phase_fraction(map, phase), cells = fraction * area;
  values.push_back(fraction);
  values.push_back(specific_interface(map, phase, Border::Open));
  for (const bool along_x : {true, false})
    values.push_back(ratio(cells, static_cast<double>(num_runs(map, phase, along_x))));
  if (!distances.empty()) {
    const auto pairs = PairCounter(map.size, Border::Open, distances.back()).correlation(map, phase, phase);
    const auto path = lineal_path(map, phase, Border::Open);
    for (const auto* curve : {&pairs, &path})
      for (const auto r : distances) values.push_back((*curve)[static_cast<std::size_t>(r)]);
  }
  const auto clusters = find_clusters(map, phase, Border::Open).cells;
  const auto largest = clusters.empty() ? 0 : *std::ranges::max_element(clusters);
  values.push_back(ratio(static_cast<double>(largest), cells));
  values.push_back(static_cast<double>(euler_number(map, phase, Border::Open)) / area);
}

std::vector<std::string> names_of_phase(const std::vector<std::int64_t>& distances) {
  std::vector<std::string> names{"fraction", "interface", "chord_x", "chord_y"};
  for (const auto* curve : {"two_point", "lineal_path"})
    for (const auto r : distances) names.push_back(fmt::format("{}_{}", curve, r));
  names.insert(names.end(), {"largest_cluster", "euler"});
  return names;
}

// The mean over all pairs of pixels `distance` apart of the product of what they are off the mean.
double autocovariance(const Raster<double>& off, std::int64_t distance, bool along_x) {
  const int dx = along_x ? static_cast<int>(distance) : 0, dy = along_x ? 0 : static_cast<int>(distance);
  double sum = 0;
  for (int y = 0; y + dy < off.height(); ++y)
    for (int x = 0; x + dx < off.width(); ++x) sum += off(y, x) * off(y + dy, x + dx);
  return sum / (static_cast<double>(off.height() - dy) * (off.width() - dx));
}

std::vector<double> describe_grey(const Image& image, const std::vector<std::int64_t>& distances) {
  const double white = (1 << image.bits) - 1;
  const auto count = static_cast<double>(image.grey.size());
  Raster<double> off(image.grey.height(), image.grey.width());
  std::ranges::transform(image.grey.values(), off.values().begin(), [&](auto grey) { return grey / white; });
  auto sorted = off.values();
  std::ranges::sort(sorted);
  double mean = 0, second = 0, third = 0;
  for (const double value : off.values()) mean += value / count;
  for (double& value : off.values()) {
    value -= mean;
    second += value * value / count;
    third += value * value * value / count;
  }

  // Of one grey level rounding alone is left of the moments.
  const bool is_flat = sorted.front() == sorted.back();
  const double deviation = is_flat ? 0 : std::sqrt(second);
  std::vector<double> values{mean, deviation, is_flat ? 0 : third / (deviation * deviation * deviation)};
  for (const int percent : kPercentiles)  // the lowest level that so many pixels do not exceed
    values.push_back(sorted[(sorted.size() * static_cast<std::size_t>(percent) + 99) / 100 - 1]);
  for (const bool along_x : {true, false})
    for (const auto distance : distances) values.push_back(autocovariance(off, distance, along_x));
  return values;
}

std::vector<std::string> names_of_grey(const std::vector<std::int64_t>& distances) {
  std::vector<std::string> names{"mean", "deviation", "skewness"};
  for (const int percent : kPercentiles) names.push_back(fmt::format("quantile_{}", percent));
  for (const auto* axis : {"x", "y"})
    for (const auto distance : distances)
      names.push_back(fmt::format("autocovariance_{}_{}", axis, distance));
  return names;
}

void insert_level(std::vector<std::uint16_t>& levels, std::uint16_t level) {
  const auto place = std::ranges::lower_bound(levels, level);
  if (levels.size() <= kMostPhases && (place == levels.end() || *place != level)) levels.insert(place, level);
}

}  // namespace

void ImageSurvey::add(const Image& image) {
  for (const auto grey : image.grey.values()) {
    if (levels.size() > kMostPhases) break;
    insert_level(levels, grey);
  }
  shortest_edge =
      std::min({shortest_edge, std::int64_t{image.grey.height()}, std::int64_t{image.grey.width()}});
}

void ImageSurvey::add(const ImageSurvey& other) {
  for (const auto level : other.levels) insert_level(levels, level);
  shortest_edge = std::min(shortest_edge, other.shortest_edge);
}

ImageDescriptors::ImageDescriptors(const ImageSurvey& survey) {
  if (survey.levels.empty()) throw core::InputError("descriptors need at least one image with a pixel");
  if (survey.levels.size() <= kMostPhases) levels_ = survey.levels;
  for (const auto distance : kDistances)
    if (distance <= survey.shortest_edge / 2) distances_.push_back(distance);
  if (levels_.empty()) names_ = names_of_grey(distances_);
  for (const auto level : levels_)
    for (const auto& name : names_of_phase(distances_))
      names_.push_back(fmt::format("level{}_{}", level, name));
}

std::vector<double> ImageDescriptors::describe(const Image& image) const {
  if (levels_.empty()) return describe_grey(image, distances_);
  std::vector<double> values;
  const PhaseMap map = phases_of(image, levels_);
  for (int phase = 0; phase < std::ssize(levels_); ++phase) describe_phase(map, phase, distances_, values);
  return values;
}

}  // namespace tessera::microstructure
