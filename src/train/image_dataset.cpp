// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "train/dataset.hpp"

namespace tessera::train {
namespace {

using microstructure::Raster;

// An evaluation's batch holds no more pixels than a piece of 2048² does: activations take a hundred times as
// much.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 22;

class ImageFeed final : public Feed {
 public:
  ImageFeed(const data::ImageStore& store, const PatchOptions& patch, torch::Device device)
      : store_(store), patch_(patch), device_(device), scales_(store.rows().size()) {
    for (const auto& row : store.rows()) most_pixels_ = std::max(most_pixels_, row.height * row.width);
    if (patch_.side > 0) return;
    patch_.side = 256;
    for (const auto& row : store.rows()) patch_.side = std::min({patch_.side, row.height, row.width});
  }

  models::Batch training_batch(std::span<const std::int64_t> records, std::int64_t step) override {
    const auto side = static_cast<int>(patch_.side);
    models::Batch batch = unfilled_batch(records, side, side);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto record = store_.record(records[i]);
      core::RandomStream random(
          patch_.seed, "augmentation",
          static_cast<std::uint64_t>(step) * scales_.size() + static_cast<std::uint64_t>(records[i]));
      const auto patch = microstructure::draw_patch(
          record->image, &*record->mask, scale_of(records[i], *record), side, patch_.augmentation, random);
      put(batch, i, patch.grey, patch.mask);
    }
    return finished(std::move(batch), records);
  }

  models::Batch batch(std::span<const std::int64_t> records) override {
    std::int64_t height = 0, width = 0;
    for (const std::int64_t record : records) {
      const auto& row = store_.rows()[static_cast<std::size_t>(record)];
      height = std::max(height, row.height);
      width = std::max(width, row.width);
    }
    models::Batch batch = unfilled_batch(records, height, width);
    batch.images.grey.zero_();
    batch.target.fill_(models::kOutside);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto record = store_.record(records[i]);
      put(batch, i, microstructure::standardised(record->image, scale_of(records[i], *record)),
          *record->mask);
    }
    return finished(std::move(batch), records);
  }

  std::int64_t evaluation_batch(std::int64_t most) const override {
    return std::clamp<std::int64_t>(kMostPixels / std::max<std::int64_t>(most_pixels_, 1), 1, most);
  }

  double cost(std::int64_t) const override { return 1; }  // every piece has the same size

 private:
  static models::Batch unfilled_batch(std::span<const std::int64_t> records, std::int64_t height,
                                      std::int64_t width) {
    models::Batch batch;
    batch.num_samples = std::ssize(records);
    batch.images.grey = torch::empty({batch.num_samples, 1, height, width});
    batch.images.extent = torch::empty({batch.num_samples, 2}, torch::kInt64);
    batch.target = torch::empty({batch.num_samples, height, width}, torch::kInt64);
    return batch;
  }

  // Into the upper left corner of sample i.
  static void put(models::Batch& batch, std::size_t i, const Raster<float>& grey,
                  const microstructure::Mask& mask) {
    const std::int64_t height = batch.images.grey.size(2), width = batch.images.grey.size(3);
    const auto sample = static_cast<std::int64_t>(i);
    float* pixels = batch.images.grey.data_ptr<float>() + sample * height * width;
    for (int y = 0; y < grey.height(); ++y) std::copy_n(grey.row(y), grey.width(), pixels + y * width);
    auto* extent = batch.images.extent.data_ptr<std::int64_t>() + 2 * sample;
    extent[0] = grey.height();
    extent[1] = grey.width();
    std::int64_t* classes = batch.target.data_ptr<std::int64_t>() + sample * height * width;
    for (int y = 0; y < mask.height(); ++y) std::copy_n(mask.row(y), mask.width(), classes + y * width);
  }

  models::Batch finished(models::Batch batch, std::span<const std::int64_t> records) const {
    batch.records.assign(records.begin(), records.end());
    return batch.to(device_);
  }

  const microstructure::GreyScale& scale_of(std::int64_t number, const data::ImageRecord& record) {
    auto& scale = scales_[static_cast<std::size_t>(number)];
    if (!scale) scale = microstructure::grey_scale(record.image);
    return *scale;
  }

  const data::ImageStore& store_;
  PatchOptions patch_;
  torch::Device device_;
  std::vector<std::optional<microstructure::GreyScale>> scales_;  // of each record, once it was read
  std::int64_t most_pixels_ = 0;
};

class ImageDataset final : public Dataset {
 public:
  ImageDataset(const std::filesystem::path& folder, std::size_t memory_budget)
      : store_(folder, memory_budget) {}

  const data::DatasetIndex& index() const override { return store_; }
  // Tiles and crops of one micrograph show the same grains: they go by their parent's name.
  std::vector<std::string> hash_names(std::span<const std::int64_t> records) const override {
    return groups(records);
  }
  std::vector<std::string> groups(std::span<const std::int64_t> records) const override {
    std::vector<std::string> groups;
    for (const std::int64_t record : records) {
      const auto& row = store_.rows()[static_cast<std::size_t>(record)];
      groups.push_back(row.group.empty() ? row.id : row.group);
    }
    return groups;
  }
  std::unique_ptr<Feed> make_feed(const Task& task, models::Features features, const PatchOptions& patch,
                                  torch::Device device) const override {
    if (features != models::Features::Image)
      throw core::InputError(
          fmt::format("{} holds micrographs, and the network reads crystals. Choose another "
                      "model.name, or another dataset.",
                      store_.folder().string()));
    if (task.kind() != "segmentation")
      throw core::InputError(
          "the networks for micrographs answer for every pixel: data.target must be \"mask\". Learn labels "
          "of "
          "whole images elsewhere for now.");
    if (store_.schema().mask_classes < 2)
      throw core::InputError(fmt::format("{} was prepared without masks. Prepare it with `--masks DIR`.",
                                         store_.folder().string()));
    return std::make_unique<ImageFeed>(store_, patch, device);
  }

 private:
  data::ImageStore store_;
};

}  // namespace

std::unique_ptr<Dataset> open_images(const std::filesystem::path& folder, std::size_t memory_budget) {
  return std::make_unique<ImageDataset>(folder, memory_budget);
}

}  // namespace tessera::train
