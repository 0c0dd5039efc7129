// SPDX-License-Identifier: Apache-2.0
#include "jobs/predict_images.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "data/quarantine.hpp"
#include "dist/work_queue.hpp"
#include "jobs/measure_table.hpp"
#include "jobs/refused_images.hpp"
#include "microstructure/boundary_measurement.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/mask_inputs.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/filters/augmentation.hpp"
#include "microstructure/overlay.hpp"
#include "train/dihedral_mean.hpp"
#include "train/tiled_inference.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;
namespace ms = microstructure;

class ImagePredictor {
 public:
  ImagePredictor(const train::TrainedRun& run, const PredictArguments& arguments, torch::Device device)
      : run_(run), arguments_(arguments), device_(device), mean_(*run.network) {}

  /// The line of measure.csv.
  std::vector<std::string> predict(const ms::MaskInput& input) {
    const ms::Image& image = reader_.read(input.file, input.page);
    const auto grey = ms::standardised(image, ms::grey_scale(image));
    const train::TilingOptions tiling{.tile = arguments_.tile,
                                      .overlap = arguments_.overlap,
                                      .bf16 = run_.config.train.precision == "bf16"};
    const auto probabilities = train::predict_pixels(network(), grey, tiling, device_);
    const auto mask = train::mask_of(probabilities);
    const auto classes = run_.record.target.classification.classes;
    ms::write_png(file_of(input, "_mask.png"), ms::in_levels(mask, classes));
    ms::write_png(file_of(input, "_overlay.png"), ms::overlay(image, mask));
    if (arguments_.probabilities && classes == 2) write_probabilities(input, probabilities[0]);
    const double um_per_px = arguments_.um_per_px > 0 ? arguments_.um_per_px : image.um_per_px;
    return measure_fields(input.name, ms::measure_boundaries(mask, ms::trace_boundaries(mask)), um_per_px,
                          classes > 2, {});
  }

 private:
  models::Network& network() {
    return arguments_.flips ? static_cast<models::Network&>(mean_) : *run_.network;
  }

  // Folders below the one that was named become part of the name.
  fs::path file_of(const ms::MaskInput& input, const std::string& ending) const {
    std::string name = input.name;  // "a/1.png", of several pages "stack.tif-0002"
    const auto extension = input.file.extension().string();
    if (const auto at = name.rfind(extension); at != std::string::npos) name.erase(at, extension.size());
    std::ranges::replace(name, '/', '_');
    return fs::path(arguments_.out) / (name + ending);
  }

  void write_probabilities(const ms::MaskInput& input, const torch::Tensor& probability) const {
    ms::Image image{{static_cast<int>(probability.size(0)), static_cast<int>(probability.size(1))}, 16};
    const auto values = probability.contiguous();
    std::transform(values.data_ptr<float>(), values.data_ptr<float>() + values.numel(),
                   image.grey.values().begin(),
                   [](float value) { return static_cast<std::uint16_t>(value * 65535.0f + 0.5f); });
    ms::write_png(file_of(input, "_probability.png"), image);
  }

  const train::TrainedRun& run_;
  const PredictArguments& arguments_;
  torch::Device device_;
  train::DihedralMean mean_;
  ms::ImageReader reader_;
};

}  // namespace

void predict_images(const dist::Communicator& world, const train::TrainedRun& run,
                    const PredictArguments& arguments, torch::Device device) {
  const core::Stopwatch stopwatch;
  ms::MaskInputs found;
  const auto list_here = [&]() -> std::string {
    if (!world.is_root()) return "";
    core::make_folder(arguments.out);
    found = ms::find_masks(arguments.inputs, "");
    return ms::text_of(found.masks);
  };
  const auto text = world.together("list the micrographs", list_here);
  const auto inputs = ms::masks_from_text(world.broadcast_text(text, "list of the micrographs"));

  ImagePredictor predictor(run, arguments, device);
  std::string rows, refused;
  dist::for_each_task(world, std::ssize(inputs), "predict", [&](std::int64_t i) {
    const auto& input = inputs[static_cast<std::size_t>(i)];
    try {
      auto fields = predictor.predict(input);
      fields.insert(fields.begin(), std::to_string(i));
      rows += core::csv_line(fields);
    } catch (const ms::ImageFileError& error) {
      refused += core::csv_line({input.name, input.file.string(), error.reason()});
    }
  });

  std::map<std::int64_t, std::string> lines;
  for (const auto& part : world.all_gather_text(rows, "gather measurements"))
    for (auto& row : core::parse_csv(part, "measurements")) {
      const std::int64_t place = std::stoll(row.fields[0]);
      row.fields.erase(row.fields.begin());
      lines[place] = core::csv_line(row.fields);
    }
  const auto quarantined = gather_refused(found, refused, world);

  world.together("write the measurements", [&] {
    if (!world.is_root()) return;
    const fs::path folder = arguments.out;
    std::string table = measure_header(false);
    for (const auto& [place, line] : lines) table += line;
    core::write_file_atomically(folder / "measure.csv", table);
    core::write_file_atomically(folder / "quarantine.csv", data::quarantine_csv(quarantined));
    if (!quarantined.empty())
      core::log::warning("{} inputs could not be used: {}", quarantined.size(),
                         (folder / "quarantine.csv").string());
    fmt::print("predictions={} quarantined={} seconds={:.2f} target={}\n", lines.size(), quarantined.size(),
               stopwatch.seconds(), run.record.target.name);
  });
}

}  // namespace tessera::jobs
