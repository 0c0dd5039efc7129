// SPDX-License-Identifier: Apache-2.0
#include "jobs/evaluate_pictures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/mask_counts.hpp"
#include "dist/work_queue.hpp"
#include "metrics/segmentation.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/overlay.hpp"
#include "train/tiled_inference.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;
namespace ms = microstructure;

constexpr std::size_t kEach = 4;  // worst and best

ms::Mask class_mask(const torch::Tensor& classes) {
  const auto values = classes.to(torch::kCPU, torch::kUInt8).contiguous();
  ms::Mask mask(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)));
  std::copy_n(values.data_ptr<std::uint8_t>(), mask.size(), mask.values().begin());
  return mask;
}

// The grey levels as the network saw them: standardised, which a picture stretches anyway.
ms::Image image_of(const torch::Tensor& grey) {
  const auto values = grey.to(torch::kCPU).contiguous();
  const float low = values.min().item<float>(), high = values.max().item<float>();
  ms::Image image{{static_cast<int>(values.size(0)), static_cast<int>(values.size(1))}, 16};
  std::transform(values.data_ptr<float>(), values.data_ptr<float>() + values.numel(),
                 image.grey.values().begin(), [&](float level) {
                   return static_cast<std::uint16_t>(65535 * (level - low) / std::max(high - low, 1e-6f));
                 });
  return image;
}

struct Predicted {
  ms::Image image;
  ms::Mask mask, truth;
};

Predicted predict_one(models::Network& network, train::Feed& feed, std::int64_t record) {
  const torch::NoGradGuard no_gradients;
  const auto batch = feed.batch(std::span(&record, 1));
  const auto output = network.forward(batch).to(torch::kFloat32)[0];
  return {image_of(batch.images.grey[0][0]),
          train::mask_of((output.size(0) == 1 ? output.sigmoid() : output.softmax(0)).to(torch::kCPU)),
          class_mask(batch.target[0])};
}

ms::Raster<ms::Rgb> picture_of(models::Network& network, train::Feed& feed, std::int64_t record) {
  const auto [image, mask, truth] = predict_one(network, feed, record);
  return ms::side_by_side(ms::in_grey(image), ms::agreement(image, mask, truth));
}

}  // namespace

void write_pictures(const fs::path& folder, models::Network& network, train::Feed& feed,
                    const data::DatasetIndex& index, const train::Predictions& predictions) {
  std::vector<core::MaskCounts> counts;
  std::vector<double> ious;
  for (std::size_t i = 0; i < predictions.records.size(); ++i) {
    counts.push_back(core::MaskCounts::from_row(predictions.row(i).first<core::MaskCounts::kSize>()));
    ious.push_back(metrics::segmentation_metrics(counts.back()).iou);
  }
  std::vector<std::size_t> order;  // from the worst; an image without anything to find has no place in it
  for (std::size_t i = 0; i < ious.size(); ++i)
    if (!std::isnan(ious[i])) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return ious[i]; });

  fs::remove_all(folder);
  core::make_folder(folder);
  std::string table = core::csv_line({"picture", "id", "iou", "predicted_length_px", "true_length_px"});
  const auto write = [&](const char* kind, std::size_t place, std::size_t i) {
    const auto record = predictions.records[i];
    const std::string name = fmt::format("{}-{}-{}.png", kind, place + 1, index.id(record));
    ms::write_png(folder / name, picture_of(network, feed, record));
    table += core::csv_line({name, index.id(record), core::csv_number(ious[i]),
                             core::csv_number(counts[i].predicted_length),
                             core::csv_number(counts[i].true_length)});
  };
  const std::size_t worst = std::min(kEach, order.size()), best = std::min(kEach, order.size() - worst);
  for (std::size_t place = 0; place < worst; ++place) write("worst", place, order[place]);
  for (std::size_t place = 0; place < best; ++place) write("best", place, order[order.size() - 1 - place]);
  core::write_file_atomically(folder / "pictures.csv", table);
}

void write_masks(const fs::path& folder, models::Network& network, train::Feed& feed,
                 const data::DatasetIndex& index, std::span<const std::int64_t> records, std::int64_t classes,
                 const dist::Communicator& world) {
  world.together("make the folders of masks", [&] {
    if (!world.is_root()) return;
    fs::remove_all(folder);
    for (const auto* kind : {"predicted", "true"}) core::make_folder(folder / kind);
  });
  dist::for_each_task(world, std::ssize(records), "write masks", [&](std::int64_t i) {
    const std::int64_t record = records[static_cast<std::size_t>(i)];
    const auto predicted = predict_one(network, feed, record);
    const std::string name = index.id(record) + ".png";
    ms::write_png(folder / "predicted" / name, ms::in_levels(predicted.mask, classes));
    ms::write_png(folder / "true" / name, ms::in_levels(predicted.truth, classes));
  });
}

}  // namespace tessera::jobs
