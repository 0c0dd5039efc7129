// SPDX-License-Identifier: Apache-2.0
#include "train/label_feed.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "microstructure/filters/resizing.hpp"

namespace tessera::train {
namespace {

using microstructure::Extent;
using microstructure::Image;
using microstructure::Raster;

// A quarter of what a batch of masks may hold: encoders made for photographs are four times as wide.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 20;

Extent square(std::int64_t side) {
  return {static_cast<int>(side), static_cast<int>(side)};
}

Extent common_extent(const data::ImageStore& store) {
  const auto& first = store.rows().front();
  for (const auto& row : store.rows())
    if (row.height != first.height || row.width != first.width)
      throw core::InputError(fmt::format(
          "data.size = 0 gives a network the images of {} in their own size, and they must then have one: {} "
          "is {} by {} px, {} is {} by {}. Say data.size = {}, the side they shall all be given in.",
          store.folder().string(), first.id, first.height, first.width, row.id, row.height, row.width,
          std::min({first.height, first.width, row.height, row.width})));
  return {static_cast<int>(first.height), static_cast<int>(first.width)};
}

class LabelFeed final : public Feed {
 public:
  LabelFeed(const data::ImageStore& store, const Task& task, const PatchOptions& patch, torch::Device device)
      : store_(store),
        task_(task),
        patch_(patch),
        device_(device),
        extent_(patch.size > 0 ? square(patch.size) : common_extent(store)) {}

  models::Batch training_batch(std::span<const std::int64_t> records, std::int64_t step) override {
    return batch_of(records, [&](std::int64_t number, const Image& image) {
      // As of masks: named by step and record, so that whoever draws it sees the same.
      core::RandomStream random(
          patch_.seed, "augmentation",
          static_cast<std::uint64_t>(step) * store_.rows().size() + static_cast<std::uint64_t>(number));
      const auto window =
          microstructure::random_window(microstructure::extent_of(image), extent_, patch_.crop_area, random);
      const Image piece = microstructure::resized(image, window, extent_);
      return microstructure::augmented(piece, microstructure::in_levels(patch_.grey, piece.bits),
                                       patch_.augmentation, random);
    });
  }

  models::Batch batch(std::span<const std::int64_t> records) override {
    return batch_of(records, [&](std::int64_t, const Image& image) { return label_picture(image, patch_); });
  }

  std::int64_t evaluation_batch(std::int64_t most) const override {
    const auto pixels = static_cast<std::int64_t>(extent_.height) * extent_.width;
    return std::clamp<std::int64_t>(kMostPixels / pixels, 1, most);
  }

  double cost(std::int64_t) const override { return 1; }  // all are of one size

 private:
  template <typename Picture>
  models::Batch batch_of(std::span<const std::int64_t> records, Picture&& picture) const {
    models::Batch batch;
    batch.num_samples = std::ssize(records);
    batch.records.assign(records.begin(), records.end());
    batch.images.grey = torch::empty({batch.num_samples, 1, extent_.height, extent_.width});
    batch.images.extent =
        torch::tensor({extent_.height, extent_.width}, torch::kInt64).repeat({batch.num_samples, 1});
    float* pixels = batch.images.grey.data_ptr<float>();
    for (const std::int64_t record : records)
      pixels = std::ranges::copy(picture(record, store_.record(record)->image).values(), pixels).out;
    batch.target = task_.targets(records);
    return batch.to(device_);
  }

  const data::ImageStore& store_;
  const Task& task_;
  PatchOptions patch_;
  torch::Device device_;
  Extent extent_;  // px, of every picture
};

}  // namespace

std::unique_ptr<Feed> make_label_feed(const data::ImageStore& store, const Task& task,
                                      const PatchOptions& patch, torch::Device device) {
  return std::make_unique<LabelFeed>(store, task, patch, device);
}

Raster<float> label_picture(const Image& image, const PatchOptions& patch) {
  const Extent own = microstructure::extent_of(image), size = patch.size > 0 ? square(patch.size) : own;
  const Image piece = microstructure::resized(image, microstructure::centred_window(own, size), size);
  return microstructure::standardised(piece, microstructure::in_levels(patch.grey, piece.bits));
}

}  // namespace tessera::train
