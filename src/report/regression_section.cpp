// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/text.hpp"
#include "metrics/regression.hpp"
#include "report/chart.hpp"
#include "report/number.hpp"
#include "report/prediction_sections.hpp"

namespace tessera::report {
namespace {

constexpr std::size_t kWorst = 10;

std::vector<double> numbers_of(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const auto& text : texts)
    numbers.push_back(core::parse_number(text).value_or(std::numeric_limits<double>::quiet_NaN()));
  return numbers;
}

// What is drawn and scored: values with the words for their axes.
struct Space {
  std::string quantity;
  std::string unit;
  std::vector<double> target;
  std::vector<double> prediction;
};

Space own_space(const RunFacts& facts, const Predictions& predictions) {
  const std::string name = facts.target.empty() ? "value" : facts.target;
  return {facts.target_unit.empty() ? name : fmt::format("{} ({})", name, facts.target_unit),
          facts.target_unit, numbers_of(predictions.target), numbers_of(predictions.prediction)};
}

// log10 of what is not positive is NaN here and counted as not shown.
Space log_space(const Space& own) {
  const auto log10_of = [](std::vector<double> values) {
    for (double& value : values)
      value = value > 0 ? std::log10(value) : std::numeric_limits<double>::quiet_NaN();
    return values;
  };
  return {"log10 " + own.quantity, "in log10", log10_of(own.target), log10_of(own.prediction)};
}

Figure parity_of(const Space& space, const std::string& split) {
  const auto metrics = metrics::regression_metrics(space.target, space.prediction);
  return {draw(ParityPlot{
      .title = "Predicted over true, " + split,
      .quantity = space.quantity,
      .target = space.target,
      .prediction = space.prediction,
      .note = fmt::format("{} records · MAE {} {} · R² {}", format_count(metrics.records),
                          format_number(metrics.mae, 3), space.unit, format_number(metrics.r2, 3))})};
}

std::vector<double> residuals_of(const Space& space) {
  std::vector<double> residuals;
  for (std::size_t i = 0; i < space.target.size(); ++i)
    residuals.push_back(space.prediction[i] - space.target[i]);
  return residuals;
}

Figure residual_histogram_of(const Space& space, const std::string& split) {
  Histogram histogram;
  histogram.title = "Residuals, " + split;
  histogram.x.title = "predicted − true " + space.quantity;
  histogram.values = residuals_of(space);
  return {draw(histogram)};
}

}  // namespace

void add_regression(HtmlReport& page, const RunFacts& facts, const Predictions& predictions) {
  const Space own = own_space(facts, predictions);
  const bool logarithmic = facts.transform == "log10";
  const Space trained = logarithmic ? log_space(own) : own;
  const std::vector<double> residual = residuals_of(trained);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < residual.size(); ++i)
    if (std::isfinite(residual[i])) order.push_back(i);
  if (order.size() < residual.size())
    page.warning(fmt::format("{} of {} records have no finite {} and are left out of the pictures",
                             format_count(static_cast<std::int64_t>(residual.size() - order.size())),
                             format_count(static_cast<std::int64_t>(residual.size())), trained.quantity));

  std::vector<Figure> figures{parity_of(trained, predictions.split)};
  if (logarithmic) figures.push_back(parity_of(own, predictions.split));
  figures.push_back(residual_histogram_of(trained, predictions.split));
  if (logarithmic) figures.push_back(residual_histogram_of(own, predictions.split));
  page.figures(figures);

  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return std::abs(residual[a]) > std::abs(residual[b]); });
  order.resize(std::min(order.size(), kWorst));
  Table worst{.columns = {"id", "true " + own.quantity, "predicted", "error"},
              .rows = {},
              .caption = fmt::format("The {} records predicted worst, {}", order.size(), predictions.split)};
  if (logarithmic) worst.columns.push_back("error in log10");
  for (const std::size_t i : order) {
    std::vector<std::string> row{predictions.id[i], format_number(own.target[i]),
                                 format_number(own.prediction[i]),
                                 format_number(own.prediction[i] - own.target[i])};
    if (logarithmic) row.push_back(format_number(residual[i]));
    worst.rows.push_back(std::move(row));
  }
  page.table(worst);
}

}  // namespace tessera::report
