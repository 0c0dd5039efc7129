// SPDX-License-Identifier: Apache-2.0
#include "models/factory.hpp"

#include <array>

#include "models/cgcnn.hpp"
#include "models/deepcrystet.hpp"
#include "models/deeplabv3plus.hpp"
#include "models/mesh_slides.hpp"
#include "models/pointnet.hpp"
#include "models/rcfnet/rcfnet.hpp"
#include "models/residual_unet.hpp"
#include "models/vgg_regressor.hpp"

namespace tessera::models {

std::span<const std::string> network_names() {
  static const std::array<std::string, 8> kNames = {"cgcnn",         "deepcrystet",   "mesh_slides",
                                                    "pointnet",      "residual_unet", "deeplabv3plus",
                                                    "vgg_regressor", "rcfnet"};
  return kNames;
}

std::shared_ptr<Network> make_network(core::ConfigTable model, std::int64_t outputs,
                                      const NamedTensors* weights) {
  const std::string name = model.required_choice("name", network_names());
  if (name == "cgcnn") return std::make_shared<Cgcnn>(read_cgcnn_options(model), outputs);
  if (name == "deepcrystet") return std::make_shared<DeepCrysTet>(read_deepcrystet_options(model), outputs);
  if (name == "mesh_slides") return std::make_shared<MeshSlides>(read_mesh_slides_options(model), outputs);
  if (name == "residual_unet")
    return std::make_shared<ResidualUnet>(read_residual_unet_options(model), outputs);
  if (name == "deeplabv3plus")
    return std::make_shared<DeepLabV3Plus>(read_deeplabv3plus_options(model), outputs);
  if (name == "vgg_regressor")
    return std::make_shared<VggRegressor>(read_vgg_regressor_options(model), outputs, weights);
  if (name == "rcfnet") return std::make_shared<RcfNet>(read_rcfnet_options(model), outputs);
  return std::make_shared<PointNet>(read_pointnet_options(model), outputs);
}

}  // namespace tessera::models
