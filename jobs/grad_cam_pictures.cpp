// SPDX-License-Identifier: Apache-2.0
#include "jobs/grad_cam_pictures.hpp"

#include <algorithm>

#include "models/grad_cam.hpp"

namespace tessera::jobs {
namespace {

namespace ms = microstructure;

constexpr std::int64_t kSmallest = 192;  // px, longer side of a picture that can be looked at

// (height, width)
ms::Raster<float> raster_of(const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
  ms::Raster<float> raster(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)));
  std::copy_n(values.data_ptr<float>(), raster.size(), raster.values().begin());
  return raster;
}

}  // namespace

models::FeatureMapNetwork* traceable_network(const train::TrainedRun& run) {
  if (run.record.target.kind != "regression") return nullptr;
  return dynamic_cast<models::FeatureMapNetwork*>(run.network.get());
}

ms::Raster<ms::Rgb> grad_cam_picture(models::FeatureMapNetwork& network, const models::Batch& batch) {
  using models::Towards;
  const torch::Tensor grey = batch.images.grey[0][0];  // (height, width)
  const std::int64_t height = grey.size(0), width = grey.size(1), longer = std::max(height, width);
  const std::int64_t factor = (std::max(longer, kSmallest) + longer - 1) / longer;
  const auto larger = models::grad_cam(network, batch, 0, Towards::Larger).map,
             smaller = models::grad_cam(network, batch, 0, Towards::Smaller).map;  // (1, h, w)
  // A place does one or the other: the difference has both.
  const torch::Tensor map = models::over_pixels(larger - smaller, factor * height, factor * width)[0];

  const auto image = ms::enlarged(ms::in_grey(raster_of(grey)), static_cast<int>(factor));
  return ms::side_by_side(image, ms::overlay(image, raster_of(map)));
}

std::string file_name_of(std::string id) {
  std::ranges::replace(id, '/', '_');
  return id;
}

}  // namespace tessera::jobs
