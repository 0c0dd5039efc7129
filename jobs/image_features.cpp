// SPDX-License-Identifier: Apache-2.0
#include "jobs/image_features.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/text.hpp"
#include "dist/partition.hpp"
#include "dist/stop_request.hpp"
#include "microstructure/statistics/image_descriptors.hpp"

namespace tessera::jobs {
namespace {

using microstructure::ImageDescriptors;
using microstructure::ImageSurvey;

std::span<const std::int64_t> own_share(const dist::Communicator& comm,
                                        std::span<const std::int64_t> records) {
  const auto block = dist::partition(std::ssize(records), comm.size(), comm.rank());
  return records.subspan(static_cast<std::size_t>(block.begin), static_cast<std::size_t>(block.size()));
}

// Calls `use` with each image of this rank's share.
void for_own_images(const dist::Communicator& comm, const data::ImageStore& images,
                    std::span<const std::int64_t> records, std::string_view what, const auto& use) {
  comm.together(
      what,
      [&] {
        for (const std::int64_t record : own_share(comm, records)) {
          if (dist::stop_asked() != dist::Stop::None) return;
          use(images.record(record)->image);
        }
      },
      dist::Patience::Unlimited);
}

// What there is to see in all ranks' images.
ImageSurvey survey(const dist::Communicator& comm, const data::ImageStore& images,
                   std::span<const std::int64_t> records) {
  ImageSurvey all;
  for_own_images(comm, images, records, "look at the grey levels",
                 [&](const microstructure::Image& image) { all.add(image); });
  const std::vector<std::int32_t> own(all.levels.begin(), all.levels.end());
  for (const auto level : comm.all_gather(std::span(own), "grey levels")) {
    ImageSurvey one;
    one.levels.push_back(static_cast<std::uint16_t>(level));
    all.add(one);
  }
  all.shortest_edge = comm.all_reduce(all.shortest_edge, dist::Reduce::Min, "shortest edge");
  return all;
}

// (1, 3, height, width) in 0 … 1: the grey levels as red, green and blue.
torch::Tensor picture_of(const microstructure::Image& image, torch::Device device) {
  const float white = static_cast<float>((1 << image.bits) - 1);
  auto grey = torch::empty({1, 1, image.grey.height(), image.grey.width()});
  std::ranges::transform(image.grey.values(), grey.data_ptr<float>(),
                         [&](auto level) { return static_cast<float>(level) / white; });
  return grey.expand({1, 3, -1, -1}).contiguous().to(device);
}

// "conv4_4_0", "conv4_4_1" …
std::vector<std::string> channel_names(const std::vector<std::string>& layers,
                                       const std::vector<torch::Tensor>& maps) {
  std::vector<std::string> names;
  for (std::size_t layer = 0; layer < maps.size(); ++layer)
    for (std::int64_t channel = 0; channel < maps[layer].size(1); ++channel)
      names.push_back(fmt::format("{}_{}", layers[layer], channel));
  return names;
}

}  // namespace

train::FeatureTable descriptor_features(const dist::Communicator& comm, const data::ImageStore& images,
                                        std::span<const std::int64_t> records) {
  const auto seen = survey(comm, images, records);
  // Where a rank was stopped before its first image there may be nothing to describe.
  if (comm.all_reduce<std::int32_t>(dist::stop_asked() != dist::Stop::None, dist::Reduce::Max, "stop") != 0)
    return {};
  const ImageDescriptors descriptors(seen);
  std::vector<double> own;
  for_own_images(comm, images, records, "describe the images", [&](const microstructure::Image& image) {
    const auto values = descriptors.describe(image);
    own.insert(own.end(), values.begin(), values.end());
  });
  return {descriptors.names(), comm.all_gather(std::span<const double>(own), "descriptors of the images")};
}

train::FeatureTable encoder_features(const dist::Communicator& comm, const data::ImageStore& images,
                                     std::span<const std::int64_t> records,
                                     const models::EncoderOptions& options, torch::Device device) {
  const torch::NoGradGuard no_gradients;
  const auto encoder = comm.together("open the encoder", [&] {
    auto made = models::make_encoder(options);
    made->to(device);
    return made;
  });
  std::vector<std::string> names;
  std::vector<double> own;
  for_own_images(comm, images, records, "encode the images", [&](const microstructure::Image& image) {
    const auto maps = encoder->activations(picture_of(image, device));  // (1, channels, h, w) each
    if (names.empty()) names = channel_names(encoder->layers(), maps);
    for (const auto& map : maps) {
      const auto means = map.to(torch::kFloat64).mean({2, 3}).cpu().contiguous();
      own.insert(own.end(), means.data_ptr<double>(), means.data_ptr<double>() + means.numel());
    }
  });
  // A rank without images does not know them.
  const auto all_names = comm.broadcast_text(core::join(names, "\n"), "names of the features");
  names.clear();
  for (const auto name : core::split(all_names, '\n')) names.emplace_back(name);
  return {names, comm.all_gather(std::span<const double>(own), "features of the images")};
}

void check_encoder(const models::EncoderOptions& options, const data::DatasetIndex& index) {
  const torch::NoGradGuard no_gradients;
  std::int64_t height = index.rows().front().height, width = index.rows().front().width;
  for (const auto& row : index.rows()) {
    height = std::min(height, row.height);
    width = std::min(width, row.width);
  }
  models::make_encoder(options)->activations(torch::zeros({1, 3, height, width}));
}

}  // namespace tessera::jobs
