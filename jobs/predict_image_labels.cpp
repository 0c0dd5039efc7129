// SPDX-License-Identifier: Apache-2.0
#include "jobs/predict_image_labels.hpp"

#include <fmt/core.h>

#include <map>
#include <set>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "data/quarantine.hpp"
#include "dist/work_queue.hpp"
#include "jobs/grad_cam_pictures.hpp"
#include "jobs/refused_images.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/mask_inputs.hpp"
#include "microstructure/files/png_writer.hpp"
#include "train/dihedral_mean.hpp"
#include "train/gradient_step.hpp"
#include "train/label_feed.hpp"
#include "train/problem.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;
namespace ms = microstructure;

class LabelPredictor {
 public:
  LabelPredictor(const train::TrainedRun& run, bool flips, torch::Device device)
      : run_(run),
        device_(device),
        task_(train::make_task(run.record.target, {})),
        patch_(train::patch_options(run.config, run.record.target)),
        mean_(*run.network),
        network_(flips ? static_cast<models::Network&>(mean_) : *run.network) {}

  /// What the network is given of it: one image.
  models::Batch batch_of(const ms::MaskInput& input) {
    auto picture = train::label_picture(reader_.read(input.file, input.page), patch_);
    const std::int64_t height = picture.height(), width = picture.width();
    models::Batch batch;
    batch.num_samples = 1;
    batch.images.grey =
        torch::from_blob(picture.values().data(), {1, 1, height, width}, torch::kFloat32).clone();
    batch.images.extent = torch::tensor({{height, width}}, torch::kInt64);
    return batch.to(device_);
  }

  /// In the target's own unit.
  double predict(const models::Batch& batch) {
    const torch::NoGradGuard no_gradients;
    torch::Tensor output;
    {  // as it was trained and is evaluated
      const train::AutocastScope autocast(run_.config.train.precision == "bf16", device_);
      output = network_.forward(batch);
    }
    const auto row = task_->predictions(output.to(torch::kFloat32), batch).contiguous();  // (1, columns)
    return task_->predicted_value(std::span(row.data_ptr<double>(), static_cast<std::size_t>(row.size(1))));
  }

 private:
  const train::TrainedRun& run_;
  torch::Device device_;
  std::unique_ptr<train::Task> task_;
  train::PatchOptions patch_;
  train::DihedralMean mean_;
  models::Network& network_;
  ms::ImageReader reader_;
};

// "a/1.png" → "a/1", "stack.tif-0002" → "stack-0002"; the name as it is where another image has that.
std::vector<std::string> ids_of(const std::vector<ms::MaskInput>& inputs) {
  std::vector<std::string> ids;
  std::set<std::string> taken;
  for (const auto& input : inputs) {
    std::string id = input.name;
    const auto ending = input.file.extension().string();
    if (const auto at = id.rfind(ending); at != std::string::npos) id.erase(at, ending.size());
    ids.push_back(taken.insert(id).second ? id : input.name);
  }
  return ids;
}

struct Tables {
  std::string predictions, quarantine;
  std::size_t num_predictions = 0, num_refused = 0;
};

// `rows`: place among the inputs, id and prediction; `refused`: id, file and reason.
Tables gather(const std::string& rows, const std::string& refused, const ms::MaskInputs& found,
              const dist::Communicator& world) {
  std::map<std::int64_t, std::string> lines;
  for (const auto& part : world.all_gather_text(rows, "gather predictions"))
    for (const auto& row : core::parse_csv(part, "predictions"))
      lines[std::stoll(row.fields[0])] = core::csv_line({row.fields[1], row.fields[2]});
  const auto quarantined = gather_refused(found, refused, world);
  Tables tables{"id,prediction\n", data::quarantine_csv(quarantined), lines.size(), quarantined.size()};
  for (const auto& [place, line] : lines) tables.predictions += line;
  return tables;
}

}  // namespace

void predict_image_labels(const dist::Communicator& world, const train::TrainedRun& run,
                          const PredictArguments& arguments, torch::Device device) {
  const core::Stopwatch stopwatch;
  const fs::path out = arguments.out;
  const fs::path folder = out.has_parent_path() ? out.parent_path() : fs::path(".");
  if (arguments.probabilities)
    throw core::InputError(fmt::format("--probabilities is of masks, and {} has learnt {}", arguments.run,
                                       run.record.target.name));
  ms::MaskInputs found;
  const auto text = world.together("list the images", [&]() -> std::string {
    if (!world.is_root()) return "";
    core::make_folder(folder);
    if (!arguments.grad_cam.empty()) core::make_folder(arguments.grad_cam);
    found = ms::find_masks(arguments.inputs, "");
    return ms::text_of(found.masks);
  });
  const auto inputs = ms::masks_from_text(world.broadcast_text(text, "list of the images"));
  const auto ids = ids_of(inputs);

  LabelPredictor predictor(run, arguments.flips, device);
  std::string rows, refused;
  dist::for_each_task(world, std::ssize(inputs), "predict", [&](std::int64_t i) {
    const auto& input = inputs[static_cast<std::size_t>(i)];
    const auto& id = ids[static_cast<std::size_t>(i)];
    try {
      const auto batch = predictor.batch_of(input);
      const double prediction = predictor.predict(batch);
      if (!arguments.grad_cam.empty())
        ms::write_png(fs::path(arguments.grad_cam) / (file_name_of(id) + "_grad_cam.png"),
                      grad_cam_picture(*traceable_network(run), batch));
      rows += core::csv_line({std::to_string(i), id, core::csv_number(prediction)});
    } catch (const ms::ImageFileError& error) {
      refused += core::csv_line({id, input.file.string(), error.reason()});
    } catch (const core::InputError& error) {  // a size the network cannot take
      refused += core::csv_line({id, input.file.string(), error.what()});
    }
  });
  const Tables tables = gather(rows, refused, found, world);

  world.together("write the predictions", [&] {
    if (!world.is_root()) return;
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
