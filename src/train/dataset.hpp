// SPDX-License-Identifier: Apache-2.0
// A dataset to train on, of either kind: what a training needs to know beyond the table of its records.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/store.hpp"
#include "microstructure/filters/augmentation.hpp"
#include "train/feed.hpp"
#include "train/task.hpp"

namespace tessera::train {

/// What of an image a network is given.
struct PatchOptions {
  std::int64_t side = 0;  // of masks: px of a training piece; 0: the smallest side of all images, at most 256
  std::int64_t size = 0;  // of labels: px, side of every picture; 0: the images' own size
  double crop_area = 1;   // of labels: smallest share of an image's area that a training piece covers
  microstructure::GreyScale grey = {};  // of labels: in shares of white, of all images
  microstructure::AugmentationOptions augmentation = {};
  std::uint64_t seed = 0;
};

class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual const data::DatasetIndex& index() const = 0;
  /// The name that a split by hash goes by: those that must not part have one.
  virtual std::vector<std::string> hash_names(std::span<const std::int64_t> records) const = 0;
  /// The parents that a split by group keeps together.
  virtual std::vector<std::string> groups(std::span<const std::int64_t> records) const = 0;
  /// Local. Sums over the pixels of these records; of crystals nothing.
  virtual microstructure::GreySums grey_sums(std::span<const std::int64_t> /*records*/) const { return {}; }
  /// Keeps references to the dataset and the task.
  virtual std::unique_ptr<Feed> make_feed(const Task& task, models::Features features,
                                          const PatchOptions& patch, torch::Device device) const = 0;
};

/// Raises as data::Store does. Decoded shards take up to `memory_budget` bytes.
std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& folder,
                                      std::size_t memory_budget = std::size_t{2} << 30);

/// Of one kind; open_dataset chooses.
std::unique_ptr<Dataset> open_crystals(const std::filesystem::path& folder, std::size_t memory_budget);
std::unique_ptr<Dataset> open_images(const std::filesystem::path& folder, std::size_t memory_budget);

}  // namespace tessera::train
