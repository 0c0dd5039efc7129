// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "core/error.hpp"
#include "data/crystal_duplicates.hpp"
#include "models/crystal_batch.hpp"
#include "train/dataset.hpp"

namespace tessera::train {
namespace {

class CrystalFeed final : public Feed {
 public:
  CrystalFeed(const data::CrystalStore& store, const Task& task, models::Features features,
              torch::Device device)
      : store_(store), task_(task), features_(features), device_(device) {}

  models::Batch batch(std::span<const std::int64_t> records) override {
    std::vector<std::shared_ptr<const data::CrystalRecord>> kept;  // the store may drop a shard meanwhile
    std::vector<const data::CrystalRecord*> crystals;
    for (const std::int64_t record : records)
      crystals.push_back(kept.emplace_back(store_.record(record)).get());
    models::Batch batch = models::make_crystal_batch(crystals, features_);
    batch.records.assign(records.begin(), records.end());
    batch.target = task_.targets(records);
    return batch.to(device_);
  }

  double cost(std::int64_t record) const override {
    const auto& row = store_.rows()[static_cast<std::size_t>(record)];
    return static_cast<double>(features_ == models::Features::Mesh ? row.faces : row.atoms);
  }

 private:
  const data::CrystalStore& store_;
  const Task& task_;
  models::Features features_;
  torch::Device device_;
};

class CrystalDataset final : public Dataset {
 public:
  CrystalDataset(const std::filesystem::path& folder, std::size_t memory_budget)
      : store_(folder, memory_budget) {}

  const data::DatasetIndex& index() const override { return store_; }
  std::vector<std::string> hash_names(std::span<const std::int64_t> records) const override {
    return data::first_of_duplicates(store_, records);
  }
  std::vector<std::string> groups(std::span<const std::int64_t> records) const override {
    std::vector<std::string> groups;
    for (const std::int64_t record : records)
      groups.push_back(data::composition(store_.record(record)->structure));
    return groups;
  }
  std::unique_ptr<Feed> make_feed(const Task& task, models::Features features, const PatchOptions&,
                                  torch::Device device) const override {
    if (features == models::Features::Image)
      throw core::InputError(
          fmt::format("{} holds crystals, and the network reads micrographs. Choose another "
                      "model.name, or another dataset.",
                      store_.folder().string()));
    return std::make_unique<CrystalFeed>(store_, task, features, device);
  }

 private:
  data::CrystalStore store_;
};

}  // namespace

std::unique_ptr<Dataset> open_crystals(const std::filesystem::path& folder, std::size_t memory_budget) {
  return std::make_unique<CrystalDataset>(folder, memory_budget);
}

std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& folder, std::size_t memory_budget) {
  const bool images = data::read_manifest(folder).schema.kind == data::kImages;
  return images ? open_images(folder, memory_budget) : open_crystals(folder, memory_budget);
}

}  // namespace tessera::train
