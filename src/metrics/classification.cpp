// SPDX-License-Identifier: Apache-2.0
#include "metrics/classification.hpp"

#include <limits>

#include "core/error.hpp"

namespace tessera::metrics {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

}  // namespace

ClassificationCounts::ClassificationCounts(int num_classes)
    : num_classes_(num_classes), counts_(static_cast<std::size_t>(num_classes) * num_classes + 1) {}

void ClassificationCounts::add(int target, int prediction, int rank_of_target) {
  TESSERA_ASSERT(target >= 0 && target < num_classes_ && prediction >= 0 && prediction < num_classes_);
  ++counts_[static_cast<std::size_t>(target) * num_classes_ + prediction];
  if (rank_of_target < 5) ++counts_.back();
}

std::int64_t ClassificationCounts::confusion(int target, int prediction) const {
  return counts_[static_cast<std::size_t>(target) * num_classes_ + prediction];
}

std::vector<ClassScore> ClassificationCounts::class_scores() const {
  std::vector<ClassScore> scores(num_classes_);
  for (int target = 0; target < num_classes_; ++target)
    for (int prediction = 0; prediction < num_classes_; ++prediction) {
      scores[target].support += confusion(target, prediction);
      scores[prediction].predicted += confusion(target, prediction);
    }
  for (int i = 0; i < num_classes_; ++i) {
    const std::int64_t hits = confusion(i, i);
    scores[i].precision = ratio(hits, scores[i].predicted);
    scores[i].recall = ratio(hits, scores[i].support);
    scores[i].f1 = ratio(2 * hits, scores[i].predicted + scores[i].support);
  }
  return scores;
}

ClassificationMetrics ClassificationCounts::metrics() const {
  ClassificationMetrics metrics;
  std::int64_t hits = 0, seen_classes = 0;
  double sum_f1 = 0;
  const auto scores = class_scores();
  for (int i = 0; i < num_classes_; ++i) {
    metrics.records += scores[i].support;
    hits += confusion(i, i);
    if (scores[i].support + scores[i].predicted == 0) continue;
    sum_f1 += scores[i].f1;
    ++seen_classes;
  }
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const bool any = metrics.records > 0;
  metrics.accuracy = any ? ratio(hits, metrics.records) : nothing;
  metrics.top5 = any ? ratio(counts_.back(), metrics.records) : nothing;
  metrics.macro_f1 = any ? sum_f1 / static_cast<double>(seen_classes) : nothing;
  return metrics;
}

}  // namespace tessera::metrics
