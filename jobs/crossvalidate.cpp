// SPDX-License-Identifier: Apache-2.0
// tessera crossvalidate: a network trained once a fold, each record predicted by the one that has not seen
// its group, beside baselines fitted to the same records.
#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"
#include "dist/tensor/device.hpp"
#include "jobs/crossvalidation_results.hpp"
#include "jobs/fold_runs.hpp"
#include "jobs/image_features.hpp"
#include "models/factory.hpp"

namespace {

using namespace tessera;

struct Arguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string folder;
  std::int64_t folds = 5;
};

struct Settings {
  train::TrainingConfig training;
  jobs::BaselineOptions baselines;
  std::string network;  // its name
  std::string
      training_text;     // TOML of a training with every value; what else there is does not belong into it
  std::string resolved;  // TOML of everything
};

// Whatever is wrong with any of it is said before anything starts.
Settings read_settings(core::Config& toml) {
  Settings settings;
  settings.training = train::read_training_config(toml);
  models::make_network(toml.table("model"), 1);
  settings.network = toml.table("model").text("name", "");
  settings.training_text = toml.resolved();
  settings.baselines = jobs::read_baseline_options(toml.table("baselines"));
  toml.refuse_unknown();
  settings.resolved = toml.resolved();
  return settings;
}

// Collective. What any rank was asked for.
dist::Stop stop_of_all(const dist::Communicator& world) {
  return static_cast<dist::Stop>(world.all_reduce(static_cast<std::int32_t>(dist::stop_asked()),
                                                  dist::Reduce::Max, "what it was stopped for"));
}

int stopped_in_time(const dist::Communicator& world, dist::Stop stop, const jobs::FoldPlan& plan,
                    std::size_t folds_done, bool gained) {
  world.together("ask for a requeue", [&] {
    if (!world.is_root()) return;
    fmt::print("folds={} folds_done={}\n", plan.folds.size(), folds_done);
    if (gained && stop == dist::Stop::SaveAndRequeue) dist::ask_for_requeue();
  });
  return core::kExitStoppedInTime;
}

// Collective. The features are everybody's work, the regressions the root's: the others get none.
std::vector<jobs::Baseline> make_baselines(const dist::Communicator& world, const Settings& settings,
                                           const train::Dataset& dataset, const jobs::FoldPlan& plan) {
  auto baselines = jobs::constant_baselines(plan);
  const auto& index = dataset.index();
  if (index.schema().kind != data::kImages) return baselines;  // crystals have no regressions yet
  const auto& [descriptors, encoder] = settings.baselines;
  const auto images = world.together("open the images", [&] {
    return std::make_unique<data::ImageStore>(
        index.folder(), static_cast<std::size_t>(settings.training.data.memory_mb) << 20);
  });
  const auto add = [&](const train::FeatureTable& features, const std::string& name,
                       const std::string& description) {
    if (stop_of_all(world) != dist::Stop::None) return;  // the table may be in part
    world.together(
        "fit a ridge regression",
        [&] {
          if (world.is_root()) baselines.push_back(jobs::ridge_baseline(plan, features, name, description));
        },
        dist::Patience::Unlimited);
  };
  if (descriptors) {
    const auto features = jobs::descriptor_features(world, *images, plan.records);
    add(features, "ridge_descriptors",
        fmt::format("ridge regression on {} descriptors of an image", features.names.size()));
  }
  if (encoder) {
    const auto device = dist::choose_device(settings.training.device, world);
    const auto features = jobs::encoder_features(world, *images, plan.records, *encoder, device);
    add(features, "ridge_encoder",
        fmt::format("ridge regression on {} mean activations of {}", features.names.size(), encoder->name));
  }
  return baselines;
}

int run(dist::Communicator& world, const core::CommandLine& line, const Arguments& arguments) {
  dist::watch_stop_signals();
  auto toml = train::load_config(arguments.config, arguments.overrides, world);
  if (!arguments.folder.empty()) toml.set_text("run.dir", arguments.folder);
  const auto settings = world.together("read the settings", [&] { return read_settings(toml); });
  const auto& folder = settings.training.run_folder;
  const auto dataset =
      world.together("open the dataset", [&] { return train::open_dataset(settings.training); });
  const auto plan = world.together(
      "choose the folds", [&] { return jobs::plan_folds(settings.training, *dataset, arguments.folds); });
  if (const auto& encoder = settings.baselines.encoder;
      encoder && dataset->index().schema().kind == data::kImages)
    world.together("try the encoder", [&] {
      if (world.is_root()) jobs::check_encoder(*encoder, dataset->index());
    });
  jobs::FoldRuns runs(world, *dataset, plan,
                      {.folder = folder,
                       .config = settings.training_text,
                       .command = line.typed(),
                       .time_limit_minutes = settings.training.train.time_limit_minutes,
                       .show_progress = !line.quiet()});
  runs.prepare(settings.resolved);

  jobs::NetworkFolds network{.name = settings.network, .values = {}, .trainings = {}};
  network.values.resize(plan.records.size());
  bool gained = false;
  for (std::size_t fold = 0; fold < plan.folds.size(); ++fold) {
    core::log::info("fold {} of {}, numbered from 0", fold, plan.folds.size());
    const auto result = runs.train(fold);
    gained = gained || result.steps > 0;
    if (result.outcome == train::Outcome::StoppedInTime)
      return stopped_in_time(world, result.stop, plan, fold, gained);
    const auto held_out = runs.predict_held_out(fold);
    for (std::size_t i = 0; i < held_out.size(); ++i)
      network.values[static_cast<std::size_t>(plan.folds[fold].test[i])] = held_out[i];
    network.trainings.push_back(result);
  }

  auto baselines = make_baselines(world, settings, *dataset, plan);
  if (const auto stop = stop_of_all(world); stop != dist::Stop::None)
    return stopped_in_time(world, stop, plan, plan.folds.size(), gained);
  world.together("write the results", [&] {
    if (!world.is_root()) return;
    auto results = jobs::score(plan, network, std::move(baselines), settings.training.data.split.seed);
    results.facts.title = fmt::format("{} on {}", network.name, plan.target);
    results.facts.facts = {{"dataset", settings.training.data.dataset.string()},
                           {"transform", data::name_of(plan.transform)},
                           {"command", line.typed()},
                           {"ranks", std::to_string(world.size())}};
    results.facts.config = settings.resolved;
    jobs::write_results(folder, results);
    fmt::print("{}\n", jobs::final_line(results));
  });
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  core::CommandLine line(
      "crossvalidate",
      "Trains a network once a fold, over all ranks, on the records that the fold does not hold out, and "
      "tells how "
      "far off it is on those that it does, beside constants and, of images, ridge regressions on "
      "descriptors and "
      "on a fixed encoder's activations ([baselines] descriptors, encoder, encoder_folder, layers). Groups "
      "of "
      "records stay together (prep images --group; crystals of one composition). Of data.split it takes "
      "seed, "
      "validation, max_train and max_validation. Goes on where it was stopped. Leaves folds/K (runs), "
      "predictions.csv, summary.json and report.html.",
      "mpirun -n 2 tessera crossvalidate jobs/configs/bulk_modulus.toml --folds 5 --run runs/folds\n"
      "  mpirun -n 2 tessera crossvalidate coatings.toml --folds 0 --set baselines.encoder=vgg19 --run "
      "runs/coatings");
  line.positional("CONFIG", arguments.config, "training configuration, TOML; [baselines] may be in it");
  line.option("--folds", arguments.folds, "how many; 0: each group is held out alone");
  line.repeated("--set", arguments.overrides, "override one key: table.key=value");
  line.option("--run", arguments.folder, "folder of the results, instead of run.dir");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return run(world, line, arguments); });
}
