// SPDX-License-Identifier: Apache-2.0
#include "jobs/crossvalidation_results.hpp"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "report/run_report.hpp"

namespace tessera::jobs {
namespace {

using nlohmann::json;

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json();
}

// The fold that held each place out.
std::vector<std::size_t> fold_of_places(const FoldPlan& plan) {
  std::vector<std::size_t> folds(plan.records.size());
  for (std::size_t fold = 0; fold < plan.folds.size(); ++fold)
    for (const std::int64_t place : plan.folds[fold].test) folds[static_cast<std::size_t>(place)] = fold;
  return folds;
}

report::CrossvalidatedMethod scored(const FoldPlan& plan, const Baseline& method,
                                    const metrics::BootstrapOptions& bootstrap) {
  report::CrossvalidatedMethod found{
      .name = method.name,
      .description = method.description,
      .prediction = method.values,
      .metrics = metrics::regression_metrics(plan.targets, method.values),
      .intervals = metrics::bootstrap_intervals(plan.targets, method.values, plan.groups, bootstrap)};
  if (!report::why_no_r2(plan.num_groups, found.metrics).empty())
    found.metrics.r2 = metrics::RegressionMetrics::kNothing;
  return found;
}

report::FoldFacts facts_of(const FoldPlan& plan, const NetworkFolds& network, std::size_t fold) {
  const auto& split = plan.folds[fold];
  std::vector<double> target, prediction;
  std::set<std::string> groups;
  for (const std::int64_t number : split.test) {
    const auto place = static_cast<std::size_t>(number);
    target.push_back(plan.targets[place]);
    prediction.push_back(network.values[place]);
    groups.insert(plan.groups[place]);
  }
  return {.train = std::ssize(split.train),
          .validation = std::ssize(split.validation),
          .held_out = std::ssize(split.test),
          .held_out_groups = std::ssize(groups),
          .best_epoch = network.trainings[fold].best_epoch,
          .mae = metrics::regression_metrics(target, prediction).mae};
}

std::string predictions_csv(const CrossvalidationResults& results) {
  const FoldPlan& plan = results.plan;
  std::vector<std::string> header{"id", "group", "fold", "target"};
  for (const auto& method : results.facts.methods) header.push_back(method.name);
  std::string text = core::csv_line(header);
  const auto folds = fold_of_places(plan);
  for (std::size_t place = 0; place < plan.records.size(); ++place) {
    std::vector<std::string> line{plan.ids[place], plan.groups[place], std::to_string(folds[place]),
                                  core::csv_number(plan.targets[place])};
    for (const auto& method : results.facts.methods)
      line.push_back(core::csv_number(method.prediction[place]));
    text += core::csv_line(line);
  }
  return text;
}

void put(json& figures, const std::string& name, double value, const metrics::Interval& interval) {
  figures[name] = number_or_null(value);
  figures[name + "_low"] = number_or_null(interval.low);
  figures[name + "_high"] = number_or_null(interval.high);
}

json json_of_folds(const CrossvalidationResults& results) {
  json folds = json::array();
  for (std::size_t k = 0; k < results.facts.folds.size(); ++k) {
    const auto& fold = results.facts.folds[k];
    json told{{"fold", k},
              {"train_records", fold.train},
              {"validation_records", fold.validation},
              {"held_out_records", fold.held_out},
              {"held_out_groups", fold.held_out_groups},
              {"best_epoch", fold.best_epoch},
              {"epochs", results.trainings[k].epochs},
              {"seconds", results.trainings[k].seconds},
              {"mae", number_or_null(fold.mae)}};
    for (const auto& baseline : results.baselines)
      if (!baseline.penalty.empty()) told[baseline.name + "_penalty"] = baseline.penalty[k];
    folds.push_back(std::move(told));
  }
  return folds;
}

double training_seconds(const CrossvalidationResults& results) {
  double seconds = 0;
  for (const auto& training : results.trainings) seconds += training.seconds;
  return seconds;
}

std::string summary_json(const CrossvalidationResults& results) {
  const auto& facts = results.facts;
  json methods = json::object();
  for (const auto& method : facts.methods) {
    json& figures = methods[method.name];
    put(figures, "mae", method.metrics.mae, method.intervals.mae);
    put(figures, "rmse", method.metrics.rmse, method.intervals.rmse);
    put(figures, "r2", method.metrics.r2, method.intervals.r2);
  }
  json against{{"baseline", facts.against.baseline}};
  put(against, "mae_difference", facts.against.mae_difference, facts.against.interval);
  json summary{{"network", facts.methods.front().name},
               {"target", facts.target},
               {"unit", facts.unit},
               {"transform", data::name_of(results.plan.transform)},
               {"records", std::ssize(facts.targets)},
               {"groups", facts.num_groups},
               {"methods", methods},
               {"network_less_best_baseline", against},
               {"interval",
                {{"confidence", facts.bootstrap.confidence},
                 {"resamples", facts.bootstrap.resamples},
                 {"resampled", "groups"},
                 {"seed", facts.bootstrap.seed}}},
               {"folds", json_of_folds(results)},
               {"seconds", training_seconds(results)}};
  if (const auto why = report::why_no_r2(facts.num_groups, facts.methods.front().metrics); !why.empty())
    summary["r2_not_defined"] = why;
  return summary.dump(1) + "\n";
}

}  // namespace

CrossvalidationResults score(const FoldPlan& plan, const NetworkFolds& network,
                             std::vector<Baseline> baselines, std::uint64_t seed) {
  CrossvalidationResults results{
      .plan = plan, .trainings = network.trainings, .baselines = std::move(baselines), .facts = {}};
  auto& facts = results.facts;
  facts.target = plan.target;
  facts.unit = plan.unit;
  facts.groups = plan.groups;
  facts.targets = plan.targets;
  facts.num_groups = plan.num_groups;
  facts.bootstrap.seed = seed;
  const Baseline first{network.name, "the network, trained once a fold", network.values, {}};
  facts.methods.push_back(scored(plan, first, facts.bootstrap));
  for (const auto& baseline : results.baselines)
    facts.methods.push_back(scored(plan, baseline, facts.bootstrap));
  facts.against = report::compare_to_baselines(facts);
  for (std::size_t fold = 0; fold < plan.folds.size(); ++fold)
    facts.folds.push_back(facts_of(plan, network, fold));
  return results;
}

void write_results(const std::filesystem::path& folder, const CrossvalidationResults& results) {
  core::write_file_atomically(folder / "predictions.csv", predictions_csv(results));
  core::write_file_atomically(folder / "summary.json", summary_json(results));
  report::write_report(folder / "report.html", report::make_crossvalidation_report(results.facts));
}

std::string final_line(const CrossvalidationResults& results) {
  const auto& facts = results.facts;
  const auto& network = facts.methods.front();
  const std::string r2 =
      std::isnan(network.metrics.r2) ? "undefined" : fmt::format("{:.4f}", network.metrics.r2);
  std::string line =
      fmt::format("folds={} records={} groups={} mae={:.6g} mae_low={:.6g} mae_high={:.6g} rmse={:.6g} r2={}",
                  facts.folds.size(), facts.targets.size(), facts.num_groups, network.metrics.mae,
                  network.intervals.mae.low, network.intervals.mae.high, network.metrics.rmse, r2);
  for (const auto& method : facts.methods)
    if (method.name == "mean" || method.name.starts_with("ridge_"))
      line += fmt::format(" {}_mae={:.6g}", method.name, method.metrics.mae);
  return line + fmt::format(" seconds={:.2f}", training_seconds(results));
}

}  // namespace tessera::jobs
