// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/text.hpp"
#include "metrics/classification.hpp"
#include "report/chart.hpp"
#include "report/number.hpp"
#include "report/prediction_sections.hpp"

namespace tessera::report {
namespace {

constexpr std::size_t kMostShown = 25;  // classes of the confusion matrix, "others" among them
constexpr std::size_t kMistakes = 10;

// Classes in order of their number where they are numbers, else of their name.
bool class_before(const std::string& a, const std::string& b) {
  const double none = std::numeric_limits<double>::infinity();
  return std::make_pair(core::parse_number(a).value_or(none), a) <
         std::make_pair(core::parse_number(b).value_or(none), b);
}

struct Counted {
  std::vector<std::string> labels;
  metrics::ClassificationCounts counts;
};

Counted count(const Predictions& predictions) {
  std::map<std::string, int, decltype(&class_before)> index(&class_before);
  for (const auto* column : {&predictions.target, &predictions.prediction})
    for (const auto& label : *column) index[label] = 0;
  Counted counted{{}, metrics::ClassificationCounts(static_cast<int>(index.size()))};
  for (auto& [label, place] : index) {
    place = static_cast<int>(counted.labels.size());
    counted.labels.push_back(label);
  }
  for (std::size_t i = 0; i < predictions.id.size(); ++i) {
    const int target = index[predictions.target[i]], prediction = index[predictions.prediction[i]];
    counted.counts.add(target, prediction, target == prediction ? 0 : counted.counts.num_classes());
  }
  return counted;
}

std::vector<int> by_support(const std::vector<metrics::ClassScore>& scores) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return scores[static_cast<std::size_t>(a)].support > scores[static_cast<std::size_t>(b)].support;
  });
  return order;
}

HeatMap confusion_of(const Counted& counted, const std::vector<metrics::ClassScore>& scores) {
  const std::size_t num_classes = counted.labels.size();
  std::vector<int> shown = by_support(scores);
  const bool condensed = num_classes > kMostShown;
  if (condensed) shown.resize(kMostShown - 1);
  std::sort(shown.begin(), shown.end());  // neighbouring classes side by side
  const std::size_t side = shown.size() + (condensed ? 1 : 0);

  std::vector<std::size_t> place(num_classes, side - 1);  // classes not shown fall into the last
  HeatMap map{.title = "Confusion matrix",
              .row_title = "true class (records)",
              .column_title = "predicted class",
              .rows = {},
              .columns = {},
              .values = {},
              .value_title = "share of the true class",
              .low = 0.0,
              .high = 1.0};
  for (std::size_t i = 0; i < shown.size(); ++i) {
    place[static_cast<std::size_t>(shown[i])] = i;
    map.columns.push_back(counted.labels[static_cast<std::size_t>(shown[i])]);
  }
  if (condensed) map.columns.push_back("others");

  std::vector<std::int64_t> counts(side * side), totals(side);
  for (std::size_t target = 0; target < num_classes; ++target)
    for (std::size_t prediction = 0; prediction < num_classes; ++prediction) {
      const auto number = counted.counts.confusion(static_cast<int>(target), static_cast<int>(prediction));
      counts[place[target] * side + place[prediction]] += number;
      totals[place[target]] += number;
    }
  for (std::size_t row = 0; row < side; ++row) {
    map.rows.push_back(fmt::format("{} ({})", map.columns[row], format_count(totals[row])));
    for (std::size_t column = 0; column < side; ++column) {
      const auto number = counts[row * side + column];
      // Empty cells stay empty: a matrix is mostly zeros.
      map.values.push_back(number == 0 ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(number) / static_cast<double>(totals[row]));
      map.texts.push_back(format_count(number));
    }
  }
  return map;
}

Table mistakes_of(const Counted& counted, const std::vector<metrics::ClassScore>& scores) {
  struct Mistake {
    std::int64_t number;
    std::size_t target, prediction;
  };
  std::vector<Mistake> mistakes;
  for (std::size_t target = 0; target < scores.size(); ++target)
    for (std::size_t prediction = 0; prediction < scores.size(); ++prediction) {
      const auto number = counted.counts.confusion(static_cast<int>(target), static_cast<int>(prediction));
      if (target != prediction && number > 0) mistakes.push_back({number, target, prediction});
    }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.number > b.number; });
  mistakes.resize(std::min(mistakes.size(), kMistakes));
  Table table{.columns = {"true class", "taken for", "records", "share of the true class"},
              .rows = {},
              .caption = "The most frequent mistakes"};
  for (const auto& mistake : mistakes)
    table.rows.push_back({counted.labels[mistake.target], counted.labels[mistake.prediction],
                          format_count(mistake.number),
                          fmt::format("{:.0f} %", 100.0 * static_cast<double>(mistake.number) /
                                                      static_cast<double>(scores[mistake.target].support))});
  return table;
}

}  // namespace

void add_classification(HtmlReport& page, const RunFacts& facts, const Predictions& predictions) {
  const Counted counted = count(predictions);
  const auto scores = counted.counts.class_scores();
  const auto metrics = counted.counts.metrics();
  if (metrics.records == 0) {
    page.warning("the file holds no predictions");
    return;
  }
  page.paragraph(fmt::format(
      "{}: {} records of {} classes, {} of them right ({:.1f} %), macro F1 {}.",
      facts.target.empty() ? "classes" : facts.target, format_count(metrics.records), counted.labels.size(),
      format_count(std::llround(metrics.accuracy * static_cast<double>(metrics.records))),
      100 * metrics.accuracy, format_number(metrics.macro_f1, 3)));
  const HeatMap confusion = confusion_of(counted, scores);
  std::string caption = "Each row adds up to its true class.";
  if (counted.labels.size() > kMostShown)
    caption += fmt::format(" The {} most frequent of {} classes; the rest are gathered under “others”.",
                           kMostShown - 1, counted.labels.size());
  page.figures({{draw(confusion), caption}});
  page.table(mistakes_of(counted, scores));

  Table classes{.columns = {"class", "records", "predicted", "precision", "recall", "F1"},
                .rows = {},
                .caption = "Every class, the most frequent first"};
  for (const int i : by_support(scores)) {
    const auto& score = scores[static_cast<std::size_t>(i)];
    classes.rows.push_back({counted.labels[static_cast<std::size_t>(i)], format_count(score.support),
                            format_count(score.predicted), fmt::format("{:.3f}", score.precision),
                            fmt::format("{:.3f}", score.recall), fmt::format("{:.3f}", score.f1)});
  }
  page.table(classes);
}

}  // namespace tessera::report
