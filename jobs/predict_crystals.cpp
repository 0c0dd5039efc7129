// SPDX-License-Identifier: Apache-2.0
#include "jobs/predict_crystals.hpp"

#include <fmt/core.h>

#include <map>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "crystal/features.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/source.hpp"
#include "data/quarantine.hpp"
#include "models/crystal_batch.hpp"
#include "train/gradient_step.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;

/// What this rank made of its share.
struct Share {
  std::map<std::string, double> predictions;  // by id, in the target's own unit
  std::vector<data::QuarantineRow> refused;
};

/// Only the features this network reads, made as its training set's were.
crystal::FeatureOptions features_for(const train::TrainedRun& run) {
  auto options = crystal::feature_options_from_json(run.record.preparation);
  if (run.network->features() == models::Features::Graph)
    options.mesh.reset();
  else
    options.graph.reset();
  return options;
}

void predict_batch(const train::TrainedRun& run, const train::Task& task, torch::Device device,
                   std::vector<data::CrystalRecord>& crystals, Share& share) {
  if (crystals.empty()) return;
  std::vector<const data::CrystalRecord*> pointers;
  for (const auto& crystal : crystals) pointers.push_back(&crystal);
  const auto batch = models::make_crystal_batch(pointers, run.network->features()).to(device);
  torch::Tensor output;
  {  // as it was trained and is evaluated
    const train::AutocastScope autocast(run.config.train.precision == "bf16", device);
    output = run.network->forward(batch);
  }
  const auto rows = task.predictions(output.to(torch::kFloat32), batch).contiguous();
  const auto columns = static_cast<std::size_t>(rows.size(1));
  for (std::size_t i = 0; i < crystals.size(); ++i)
    share.predictions[crystals[i].id] =
        task.predicted_value(std::span(rows.data_ptr<double>() + i * columns, columns));
  crystals.clear();
}

Share predict_share(const train::TrainedRun& run, const crystal::SourceIndex& index, torch::Device device,
                    std::int64_t batch, const dist::Communicator& world) {
  const torch::NoGradGuard no_gradients;
  const auto task = train::make_task(run.record.target, {});
  const auto options = features_for(run);
  crystal::SourceReader reader(index);
  Share share;
  std::vector<data::CrystalRecord> crystals;
  for (std::size_t i = static_cast<std::size_t>(world.rank()); i < index.entries.size();
       i += static_cast<std::size_t>(world.size())) {
    const auto& entry = index.entries[i];
    try {
      data::CrystalRecord record;
      record.id = entry.id;
      record.structure = reader.structure(entry);
      auto features = crystal::make_features(record.structure, options, entry.id);
      record.graph = std::move(features.graph);
      record.mesh = std::move(features.mesh);
      crystals.push_back(std::move(record));
    } catch (const crystal::ReadError& error) {
      share.refused.push_back({entry.id, entry.source, error.line(), error.reason()});
    } catch (const core::DataError& error) {
      share.refused.push_back({entry.id, entry.source, 0, error.what()});
    }
    if (std::ssize(crystals) == batch) predict_batch(run, *task, device, crystals, share);
  }
  predict_batch(run, *task, device, crystals, share);
  return share;
}

/// All ranks' shares, as the text of the two tables.
struct Tables {
  std::string predictions, quarantine;
  std::size_t num_predictions = 0, num_refused = 0;
};

Tables gather(const Share& share, const dist::Communicator& world) {
  std::string predicted, refused;
  for (const auto& [id, value] : share.predictions)
    predicted += core::csv_line({id, core::csv_number(value)});
  for (const auto& row : share.refused)
    refused += core::csv_line({row.id, row.source, std::to_string(row.line), row.reason});

  std::map<std::string, std::string> lines;
  for (const auto& text : world.all_gather_text(predicted, "gather predictions"))
    for (const auto& row : core::parse_csv(text, "predictions"))
      lines[row.fields[0]] = core::csv_line(row.fields);
  std::vector<data::QuarantineRow> rows;
  for (const auto& text : world.all_gather_text(refused, "gather refused crystals"))
    for (const auto& row : core::parse_csv(text, "refused"))
      rows.push_back({row.fields[0], row.fields[1], std::stoi(row.fields[2]), row.fields[3]});

  Tables tables{"id,prediction\n", data::quarantine_csv(rows), lines.size(), rows.size()};
  for (const auto& [id, line] : lines) tables.predictions += line;
  return tables;
}

}  // namespace

void predict_crystals(const dist::Communicator& world, const train::TrainedRun& run,
                      const PredictArguments& arguments, torch::Device device) {
  const core::Stopwatch stopwatch;
  const fs::path out = arguments.out;
  const fs::path folder = out.has_parent_path() ? out.parent_path() : fs::path(".");
  const fs::path spool = folder / fmt::format(".{}.spool", out.filename().string());
  const auto index_here = [&]() -> std::string {
    if (!world.is_root()) return "";
    core::make_folder(folder);
    const std::vector<fs::path> inputs(arguments.inputs.begin(), arguments.inputs.end());
    return crystal::index_to_text(crystal::index_sources(inputs, spool));
  };
  const auto index_text = world.together("index the inputs", index_here, dist::Patience::Unlimited);
  const auto index = crystal::index_from_text(world.broadcast_text(index_text, "index of the inputs"));
  const auto predict_here = [&] { return predict_share(run, index, device, arguments.batch, world); };
  const Share share = world.together("predict", predict_here, dist::Patience::Unlimited);
  const Tables tables = gather(share, world);

  world.together("write the predictions", [&] {
    if (!world.is_root()) return;
    fs::remove(spool);
    core::write_file_atomically(out, tables.predictions);
    core::write_file_atomically(folder / "quarantine.csv", tables.quarantine);
    if (tables.num_refused > 0)
      core::log::warning("{} inputs could not be used: {}", tables.num_refused,
                         (folder / "quarantine.csv").string());
    fmt::print("predictions={} quarantined={} seconds={:.2f} target={}\n", tables.num_predictions,
               tables.num_refused, stopwatch.seconds(), run.record.target.name);
  });
}

}  // namespace tessera::jobs
