// SPDX-License-Identifier: Apache-2.0
#include "jobs/evaluate_pictures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/mask_counts.hpp"
#include "dist/work_queue.hpp"
#include "jobs/grad_cam_pictures.hpp"
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

// A picture of a record, and what is told of it.
struct Drawing {
  std::vector<std::string> columns;                             // of pictures.csv, behind picture and id
  std::function<std::vector<std::string>(std::size_t)> fields;  // under them, of the i-th prediction
  std::function<ms::Raster<ms::Rgb>(std::int64_t)> picture;     // of a record
};

// `badness` of each prediction; one where it is NaN has no place among worst and best.
void write_worst_and_best(const fs::path& folder, const data::DatasetIndex& index,
                          const train::Predictions& predictions, const std::vector<double>& badness,
                          const Drawing& drawing) {
  std::vector<std::size_t> order;  // from the worst
  for (std::size_t i = 0; i < badness.size(); ++i)
    if (!std::isnan(badness[i])) order.push_back(i);
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return badness[i]; });

  fs::remove_all(folder);
  core::make_folder(folder);
  std::vector<std::string> header{"picture", "id"};
  header.insert(header.end(), drawing.columns.begin(), drawing.columns.end());
  std::string table = core::csv_line(header);
  const auto write = [&](const char* kind, std::size_t place, std::size_t i) {
    const auto record = predictions.records[i];
    const std::string name = fmt::format("{}-{}-{}.png", kind, place + 1, file_name_of(index.id(record)));
    ms::write_png(folder / name, drawing.picture(record));
    std::vector<std::string> line{name, index.id(record)};
    std::ranges::copy(drawing.fields(i), std::back_inserter(line));
    table += core::csv_line(line);
  };
  const std::size_t worst = std::min(kEach, order.size()), best = std::min(kEach, order.size() - worst);
  for (std::size_t place = 0; place < worst; ++place) write("worst", place, order[place]);
  for (std::size_t place = 0; place < best; ++place) write("best", place, order[order.size() - 1 - place]);
  core::write_file_atomically(folder / "pictures.csv", table);
}

}  // namespace

void write_pictures(const fs::path& folder, models::Network& network, train::Feed& feed,
                    const data::DatasetIndex& index, const train::Predictions& predictions) {
  std::vector<core::MaskCounts> counts;
  std::vector<double> ious, badness;  // NaN: an image without anything to find
  for (std::size_t i = 0; i < predictions.records.size(); ++i) {
    counts.push_back(core::MaskCounts::from_row(predictions.row(i).first<core::MaskCounts::kSize>()));
    ious.push_back(metrics::segmentation_metrics(counts.back()).iou);
    badness.push_back(-ious.back());
  }
  const auto fields = [&](std::size_t i) {
    return std::vector{core::csv_number(ious[i]), core::csv_number(counts[i].predicted_length),
                       core::csv_number(counts[i].true_length)};
  };
  write_worst_and_best(folder, index, predictions, badness,
                       {.columns = {"iou", "predicted_length_px", "true_length_px"},
                        .fields = fields,
                        .picture = [&](auto record) { return picture_of(network, feed, record); }});
}

void write_grad_cams(const fs::path& folder, models::FeatureMapNetwork& network, const train::Task& task,
                     const data::Normaliser& normaliser, train::Feed& feed, const data::DatasetIndex& index,
                     const train::Predictions& predictions) {
  const auto target = [&](std::size_t i) {
    return task.target_value(predictions.records[i], predictions.row(i));
  };
  std::vector<double> errors;
  for (std::size_t i = 0; i < predictions.records.size(); ++i)
    errors.push_back(std::abs(predictions.row(i)[0] - normaliser.to_trained(target(i))));
  const auto fields = [&](std::size_t i) {
    return std::vector{core::csv_number(target(i)),
                       core::csv_number(task.predicted_value(predictions.row(i)))};
  };
  const auto picture = [&](std::int64_t record) {
    return grad_cam_picture(network, feed.batch(std::span(&record, 1)));
  };
  write_worst_and_best(folder, index, predictions, errors,
                       {.columns = {"target", "prediction"}, .fields = fields, .picture = picture});
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
