// SPDX-License-Identifier: Apache-2.0
#include "train/segmentation_loss.hpp"

#include "core/error.hpp"
#include "train/losses/losses.hpp"

namespace tessera::train {
namespace {

using losses::ClassPixels;
using losses::Pixels;

// A loss of one output, out of one number for each sample.
template <typename PerSample>
Loss of_one_class(PerSample per_sample) {
  return [per_sample](const torch::Tensor& output, const torch::Tensor& target) {
    return per_sample(Pixels(output, target)).sum();
  };
}

template <typename PerSample>
Loss of_classes(PerSample per_sample) {
  return [per_sample](const torch::Tensor& output, const torch::Tensor& target) {
    return per_sample(ClassPixels(output, target)).sum();
  };
}

}  // namespace

const std::vector<std::string>& segmentation_losses(std::int64_t outputs) {
  static const std::vector<std::string> one{
      "bce", "dice", "bce_dice", "focal", "soft_cldice", "skeleton_recall", "topology"};
  static const std::vector<std::string> many{"cross_entropy", "cross_entropy_dice"};
  return outputs == 1 ? one : many;
}

const std::vector<std::string>& segmentation_losses() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names = segmentation_losses(1);
    const auto& many = segmentation_losses(2);
    names.insert(names.end(), many.begin(), many.end());
    return names;
  }();
  return all;
}

Loss make_segmentation_loss(const std::string& name, const SegmentationLossOptions& options) {
  using namespace losses;
  const double epsilon = options.dice_epsilon;
  if (name == "bce") return of_one_class([](const Pixels& pixels) { return bce(pixels); });
  if (name == "dice") return of_one_class([=](const Pixels& pixels) { return dice(pixels, epsilon); });
  if (name == "bce_dice")
    return of_one_class([=](const Pixels& pixels) { return bce(pixels) + dice(pixels, epsilon); });
  if (name == "focal")
    return of_one_class(
        [=](const Pixels& pixels) { return focal(pixels, options.focal_gamma, options.focal_alpha); });
  if (name == "soft_cldice")
    return of_one_class([=](const Pixels& pixels) {
      const double share = options.cldice_share;
      return (1 - share) * dice(pixels, epsilon) + share * soft_cldice(pixels, options.skeleton_iterations);
    });
  if (name == "skeleton_recall")
    return of_one_class(
        [=](const Pixels& pixels) { return bce(pixels) + dice(pixels, epsilon) + skeleton_recall(pixels); });
  if (name == "topology")
    return of_one_class([=](const Pixels& pixels) {
      return bce(pixels) + dice(pixels, epsilon) + options.critical_weight * critical_bce(pixels);
    });
  if (name == "cross_entropy")
    return of_classes([](const ClassPixels& pixels) { return cross_entropy(pixels); });
  if (name == "cross_entropy_dice")
    return of_classes(
        [=](const ClassPixels& pixels) { return cross_entropy(pixels) + class_dice(pixels, epsilon); });
  throw core::InternalError("no segmentation loss is named " + name);
}

}  // namespace tessera::train
