// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "core/error.hpp"
#include "train/label_feed.hpp"
#include "train/mask_feed.hpp"

namespace tessera::train {
namespace {

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
  microstructure::GreySums grey_sums(std::span<const std::int64_t> records) const override {
    microstructure::GreySums sums;
    for (const std::int64_t record : records) sums.add(store_.record(record)->image);
    return sums;
  }
  std::unique_ptr<Feed> make_feed(const Task& task, models::Features features, const PatchOptions& patch,
                                  torch::Device device) const override {
    if (features != models::Features::Image)
      throw core::InputError(
          fmt::format("{} holds micrographs, and the network reads crystals. Choose another "
                      "model.name, or another dataset.",
                      store_.folder().string()));
    if (task.kind() != "segmentation") return make_label_feed(store_, task, patch, device);
    if (store_.schema().mask_classes < 2)
      throw core::InputError(fmt::format("{} was prepared without masks. Prepare it with `--masks DIR`.",
                                         store_.folder().string()));
    return make_mask_feed(store_, patch, device);
  }

 private:
  data::ImageStore store_;
};

}  // namespace

std::unique_ptr<Dataset> open_images(const std::filesystem::path& folder, std::size_t memory_budget) {
  return std::make_unique<ImageDataset>(folder, memory_budget);
}

}  // namespace tessera::train
