// SPDX-License-Identifier: Apache-2.0
#include "train/mask_feed.hpp"

#include <algorithm>
#include <optional>

namespace tessera::train {
namespace {

using microstructure::Raster;

// An evaluation's batch holds no more pixels than a piece of 2048² does: activations take a hundred times as
// much.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 22;

class MaskFeed final : public Feed {
 public:
  MaskFeed(const data::ImageStore& store, const PatchOptions& patch, torch::Device device)
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

}  // namespace

std::unique_ptr<Feed> make_mask_feed(const data::ImageStore& store, const PatchOptions& patch,
                                     torch::Device device) {
  return std::make_unique<MaskFeed>(store, patch, device);
}

}  // namespace tessera::train
