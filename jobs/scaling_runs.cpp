// SPDX-License-Identifier: Apache-2.0
#include "jobs/scaling_runs.hpp"

#include <fmt/format.h>

#include <set>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "dist/tensor/device.hpp"
#include "train/training_run.hpp"

namespace tessera::jobs {
namespace {

using train::Section;

constexpr int kTracedSteps = 20;

// Of a step; validation, checkpoints and start-up are left out of the rate.
constexpr Section kOfSteps[] = {Section::Input, Section::Compute, Section::Imbalance,
                                Section::ExposedCommunication, Section::Optimizer};

struct Timed {
  train::TrainingResult result;
  double wall_seconds = 0;
};

class ScalingRuns {
 public:
  ScalingRuns(const dist::Communicator& world, const ScalingOptions& options)
      : world_(world), options_(options), threads_(dist::threads_for_rank(world)) {
    auto toml = train::load_config(options.config, options.overrides, world);
    const auto config = train::read_training_config(toml);
    global_batch_ = config.train.global_batch;
    dataset_ = world.together("open the dataset", [&] { return train::open_dataset(config); });
  }

  report::ScalingRun time(const std::string& mode, int ranks) {
    const std::int64_t batch = mode == "weak" ? global_batch_ * ranks : global_batch_;
    core::log::info("{}: {} ranks, global batch {}", mode, ranks, batch);
    const auto timed = on_first_ranks(fmt::format("{}-{}", mode, ranks), ranks, batch, options_.epochs);
    report::ScalingRun run{.mode = mode,
                           .ranks = ranks,
                           .global_batch = batch,
                           .wall_seconds = timed.wall_seconds,
                           .sections = {}};
    if (!world_.is_root()) return run;
    const auto& by_rank = timed.result.rank_seconds;
    double of_steps = 0;
    for (const auto section : kOfSteps) of_steps += by_rank.front()[static_cast<std::size_t>(section)];
    run.samples_per_second = static_cast<double>(timed.result.samples) / of_steps;
    for (std::size_t section = 0; section < train::kSectionNames.size(); ++section) {
      auto& [name, seconds] = run.sections.emplace_back(train::kSectionNames[section], std::vector<double>());
      for (const auto& rank : by_rank) seconds.push_back(rank[section]);
    }
    return run;
  }

  // So that the first run that counts finds files in memory and libraries loaded, as the later ones do.
  void warm_up() {
    on_first_ranks("warm-up", world_.size(), global_batch_, 1);
    world_.together("remove the warm-up", [&] {
      if (world_.is_root()) std::filesystem::remove_all(options_.folder / "warm-up");
    });
  }

  std::vector<std::pair<std::string, std::string>> facts() const {
    const auto hosts = world_.all_gather_text(core::host_name(), "hosts");
    const std::set<std::string> nodes(hosts.begin(), hosts.end());
    return {{"configuration", options_.config},
            {"changed", fmt::format("{}", fmt::join(options_.overrides, " "))},
            {"nodes", fmt::format("{}: {}", nodes.size(), fmt::join(nodes, ", "))},
            {"threads a rank", std::to_string(threads_)},
            {"epochs of each run", std::to_string(options_.epochs)},
            {"version", core::version()}};
  }

 private:
  core::Config load(const std::string& name, std::int64_t batch, std::int64_t epochs) const {
    auto overrides = options_.overrides;
    overrides.push_back(fmt::format("train.global_batch={}", batch));
    overrides.push_back(fmt::format("train.epochs={}", epochs));
    overrides.push_back(fmt::format("train.trace_steps={}", kTracedSteps));
    auto toml = train::load_config(options_.config, overrides, world_);
    toml.set_text("run.dir", (options_.folder / name).string());
    return toml;
  }

  Timed on_first_ranks(const std::string& name, int ranks, std::int64_t batch, std::int64_t epochs) {
    const auto group = world_.split(world_.rank() < ranks ? 0 : 1, "ranks of a run");
    auto toml = load(name, batch, epochs);
    return world_.together(
        "time a training",
        [&] {
          Timed timed;
          if (world_.rank() >= ranks) return timed;
          const core::Stopwatch wall;
          timed.result = train::run_training(group, toml, *dataset_,
                                             {.fresh = true,
                                              .overwrite = true,
                                              .show_progress = false,
                                              .command = options_.command,
                                              .threads = threads_});
          timed.wall_seconds = wall.seconds();
          return timed;
        },
        dist::Patience::Unlimited);
  }

  const dist::Communicator& world_;
  const ScalingOptions& options_;
  int threads_;
  std::int64_t global_batch_ = 0;
  std::unique_ptr<train::Dataset> dataset_;
};

}  // namespace

std::vector<int> rank_counts(int size) {
  std::vector<int> counts;
  for (int ranks = 1; ranks < size; ranks *= 2) counts.push_back(ranks);
  counts.push_back(size);
  return counts;
}

report::ScalingFacts time_scaling(const dist::Communicator& world, const ScalingOptions& options) {
  ScalingRuns runs(world, options);
  runs.warm_up();
  report::ScalingFacts scaling{.title = "Scaling of " + std::filesystem::path(options.config).stem().string(),
                               .facts = runs.facts(),
                               .runs = {}};
  for (const std::string mode : {"strong", "weak"})
    for (const int ranks : rank_counts(world.size()))
      if (mode == "strong" || ranks > 1) scaling.runs.push_back(runs.time(mode, ranks));
  return scaling;
}

}  // namespace tessera::jobs
