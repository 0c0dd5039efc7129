// SPDX-License-Identifier: Apache-2.0
// tessera reconstruct: structures that have the statistics of a sample; of several samples, and for each by
// more and more of an encoder's layers, where that is asked for.
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"
#include "dist/work_queue.hpp"
#include "jobs/pruning_study.hpp"
#include "jobs/reconstruction_case.hpp"
#include "train/training_config.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

struct Arguments {
  std::string config, run_folder;
  std::vector<std::string> overrides, samples;
  bool pruning = false;
};

// The layers kept at each step of a pruning study, "" where there is none: {"conv1_2"}, {"conv1_2",
// "conv2_2"} …
std::vector<std::vector<std::string>> kept_layers(const Arguments& arguments, core::Config& toml) {
  if (!arguments.pruning) return {{}};
  const auto config = reconstruction::read_reconstruction_config(toml);
  if (config.options.weights.gram == 0)
    throw core::InputError("descriptors.gram must be above 0 where an encoder is pruned, got 0");
  const auto layers = models::make_encoder(config.encoder)->layers();
  std::vector<std::vector<std::string>> kept;
  for (auto end = layers.begin() + 1; end <= layers.end(); ++end) kept.emplace_back(layers.begin(), end);
  return kept;
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) list += (list.empty() ? "\"" : ", \"") + text + "\"";
  return "[" + list + "]";
}

// Collective. One case, or one for each sample and step of pruning, in folders of their own.
std::vector<jobs::ReconstructionCase> list_cases(const dist::Communicator& world, const Arguments& arguments,
                                                 jobs::SharedEncoders& encoders) {
  const auto load = [&] {
    auto toml = train::load_config(arguments.config, arguments.overrides, world);
    if (!arguments.run_folder.empty()) toml.set_text("run.dir", arguments.run_folder);
    return toml;
  };
  auto given = load();
  const fs::path folder = given.table("run").required_text("dir");
  const auto samples = arguments.samples.empty() ? std::vector{given.table("sample").required_text("image")}
                                                 : arguments.samples;
  given.set_text("sample.image", samples.front());
  std::set<std::string> stems;
  for (const auto& sample : samples)
    if (!stems.insert(fs::path(sample).stem().string()).second)
      throw core::InputError(fmt::format(
          "--sample must name files of different names, {} comes twice. Its folder is called by it.",
          fs::path(sample).stem().string()));
  const auto steps =
      world.together("read the encoder's layers", [&] { return kept_layers(arguments, given); });

  std::vector<jobs::ReconstructionCase> cases;
  for (const auto& sample : samples)
    for (const auto& layers : steps) {
      auto toml = load();
      toml.set_text("sample.image", sample);
      auto own = folder;
      if (samples.size() > 1 || arguments.pruning) own /= fs::path(sample).stem();
      if (arguments.pruning) {
        own /= layers.back();
        toml.set("encoder.layers=" + toml_list(layers));
      }
      toml.set_text("run.dir", own.string());
      world.together("read the sample", [&] { cases.emplace_back(toml, encoders); });
    }
  return cases;
}

// Which case, and which of its structures, a task is.
std::vector<std::pair<std::size_t, std::int64_t>> list_tasks(
    const std::vector<jobs::ReconstructionCase>& cases) {
  std::vector<std::pair<std::size_t, std::int64_t>> tasks;
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (std::int64_t structure = 0; structure < cases[i].num_structures(); ++structure)
      tasks.emplace_back(i, structure);
  return tasks;
}

int stopped_in_time(const dist::Communicator& world, dist::Stop stop,
                    const std::vector<jobs::ReconstructionCase>& cases) {
  const bool gained_here =
      std::ranges::any_of(cases, [](const jobs::ReconstructionCase& one) { return one.gained(); });
  const bool gained =
      world.all_reduce<std::int32_t>(gained_here, dist::Reduce::Max, "whether it gained") != 0;
  world.together("ask for a requeue", [&] {
    if (world.is_root() && gained && stop == dist::Stop::SaveAndRequeue) dist::ask_for_requeue();
  });
  return core::kExitStoppedInTime;
}

int run(dist::Communicator& world, const Arguments& arguments) {
  dist::watch_stop_signals();
  const core::Stopwatch stopwatch;
  torch::set_num_threads(1);
  jobs::SharedEncoders encoders;
  auto cases = list_cases(world, arguments, encoders);
  world.together("write the configuration", [&] {
    if (!world.is_root()) return;
    for (const auto& one : cases) one.write_config();
  });

  const auto tasks = list_tasks(cases);
  std::atomic<bool> stopped = false;
  dist::for_each_task(
      world, std::ssize(tasks), "reconstruct",
      [&](std::int64_t task) {
        const auto [place, structure] = tasks[static_cast<std::size_t>(task)];
        if (!cases[place].make(structure)) stopped = true;
      },
      [&] { return stopped || dist::stop_asked() != dist::Stop::None; });
  const auto stop = static_cast<dist::Stop>(world.all_reduce(static_cast<std::int32_t>(dist::stop_asked()),
                                                             dist::Reduce::Max, "what it was stopped for"));
  if (stop != dist::Stop::None) return stopped_in_time(world, stop, cases);

  world.together(
      "write the summary",
      [&] {
        if (!world.is_root()) return;
        std::vector<reconstruction::Errors> errors;
        std::int64_t count = 0;
        for (const auto& one : cases) {
          errors.push_back(one.summarise());
          count += one.config().count;
        }
        if (arguments.pruning) jobs::write_pruning_study(cases, errors);
        const auto mean = reconstruction::mean_of(errors);
        fmt::print(
            "reconstructions={} fraction_error={:.3g} s2_error={:.4f} autocovariance_error={:.4f} "
            "lineal_path_error={:.4f} cluster_error={:.4f} seconds={:.2f}\n",
            count, mean.fraction, mean.two_point, mean.autocovariance, mean.lineal_path, mean.cluster,
            stopwatch.seconds());
      },
      dist::Patience::Unlimited);
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  core::CommandLine line(
      "reconstruct",
      "Structures with the statistics of a sample, each by another seed, over the ranks it is "
      "started on; and how near they come. Goes on where it was stopped.",
      "mpirun -n 2 tessera reconstruct jobs/configs/reconstruct.toml --set "
      "sample.image=sandstone.npy\n"
      "  mpirun -n 2 tessera reconstruct jobs/configs/reconstruct.toml --set encoder.name=vgg19 "
      "--pruning --sample alloy.npy --sample sandstone.npy --run runs/pruning");
  line.positional("CONFIG", arguments.config, "what to reconstruct, TOML");
  line.repeated("--set", arguments.overrides, "override one key: table.key=value");
  line.repeated("--sample", arguments.samples,
                "in place of sample.image; of several each has a folder of its own in run.dir");
  line.flag("--pruning", arguments.pruning,
            "with the first of encoder.layers alone, the first two, … : pruning.csv and pruning.html tell "
            "what each "
            "is worth");
  line.option("--run", arguments.run_folder, "folder of the results, instead of run.dir");
  return dist::run_job(argc, argv, line, [&](dist::Communicator& world) { return run(world, arguments); });
}
