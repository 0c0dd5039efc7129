// SPDX-License-Identifier: Apache-2.0
#include "microstructure/filters/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace tessera::microstructure {
namespace {

// Where a pixel of the piece lies in the image: source = origin + along_y * y + along_x * x, in (y, x).
struct Placement {
  double origin[2], along_y[2], along_x[2];
  bool on_grid = true;  // whole pixels onto whole pixels, inside the image
};

// Index of the pixel that a mirror at both edges shows at `at`, the edge's own pixel not doubled.
int mirrored(int at, int size) {
  if (size == 1) return 0;
  const int period = 2 * (size - 1);
  at = std::abs(at) % period;
  return at < size ? at : period - at;
}

Placement place(const Image& image, cv::Size piece, const AugmentationOptions& options,
                core::RandomStream& random) {
  const auto corner = [&](int size, int side) {
    return size > side ? static_cast<double>(random.below(static_cast<std::uint64_t>(size - side + 1)))
                       : (size - side) / 2;
  };
  const double middle[2] = {(piece.height - 1) / 2.0, (piece.width - 1) / 2.0};
  double centre[2];
  centre[0] = corner(image.grey.height(), piece.height) + middle[0];
  centre[1] = corner(image.grey.width(), piece.width) + middle[1];
  double a = 1, b = 0, c = 0, d = 1;  // (y, x) of the piece to (y, x) of the image, about the centres
  if (options.dihedral) {
    const auto symmetry = random.below(8);
    if ((symmetry & 1) && piece.height == piece.width) std::swap(a, b), std::swap(c, d);
    if (symmetry & 2) a = -a, b = -b;
    if (symmetry & 4) c = -c, d = -d;
  }
  Placement placement;
  if (options.rotate) {
    const double angle = random.uniform(0, 2 * std::numbers::pi), cosine = std::cos(angle),
                 sine = std::sin(angle);
    const double turned[4] = {cosine * a - sine * c, cosine * b - sine * d, sine * a + cosine * c,
                              sine * b + cosine * d};
    a = turned[0], b = turned[1], c = turned[2], d = turned[3];
  }
  placement.on_grid = !options.rotate && options.elastic <= 0;
  placement.along_y[0] = a, placement.along_x[0] = b;
  placement.along_y[1] = c, placement.along_x[1] = d;
  for (int i = 0; i < 2; ++i)
    placement.origin[i] = centre[i] - placement.along_y[i] * middle[0] - placement.along_x[i] * middle[1];
  return placement;
}

cv::Mat as_mat(const Raster<std::uint16_t>& grey) {
  return {grey.height(), grey.width(), CV_16UC1, const_cast<std::uint16_t*>(grey.values().data())};
}
cv::Mat as_mat(const Mask& mask) {
  return {mask.height(), mask.width(), CV_8UC1, const_cast<std::uint8_t*>(mask.values().data())};
}
cv::Mat as_mat(Raster<float>& grey) {
  return {grey.height(), grey.width(), CV_32FC1, grey.values().data()};
}

template <typename From, typename To>
void copy_on_grid(const Raster<From>& image, const Placement& placement, Raster<To>& piece) {
  for (int y = 0; y < piece.height(); ++y)
    for (int x = 0; x < piece.width(); ++x) {
      const auto at = [&](int i) {
        return static_cast<int>(
            std::lround(placement.origin[i] + placement.along_y[i] * y + placement.along_x[i] * x));
      };
      piece(y, x) = static_cast<To>(image(mirrored(at(0), image.height()), mirrored(at(1), image.width())));
    }
}

// A smooth random field of mean 0 and the given deviation.
cv::Mat smooth_field(cv::Size size, double deviation, core::RandomStream& random) {
  constexpr int kNodes = 8;
  cv::Mat nodes(kNodes, kNodes, CV_32FC1), field;
  for (int i = 0; i < kNodes * kNodes; ++i)
    nodes.at<float>(i / kNodes, i % kNodes) = static_cast<float>(deviation * random.normal());
  cv::resize(nodes, field, size, 0, 0, cv::INTER_CUBIC);
  return field;
}

// The map of each pixel of the piece, bent.
void sample_bent(const Image& image, const Mask* mask, const Placement& placement, double elastic,
                 core::RandomStream& random, cv::Mat grey, cv::Mat classes) {
  cv::Mat map_x = smooth_field(grey.size(), elastic, random),
          map_y = smooth_field(grey.size(), elastic, random);
  for (int y = 0; y < grey.rows; ++y)
    for (int x = 0; x < grey.cols; ++x) {
      const auto at = [&](int i) {
        return static_cast<float>(placement.origin[i] + placement.along_y[i] * y + placement.along_x[i] * x);
      };
      map_y.at<float>(y, x) += at(0);
      map_x.at<float>(y, x) += at(1);
    }
  cv::remap(as_mat(image.grey), grey, map_x, map_y, cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
  if (mask) cv::remap(as_mat(*mask), classes, map_x, map_y, cv::INTER_NEAREST, cv::BORDER_REFLECT_101);
}

void sample(const Image& image, const Mask* mask, const Placement& placement,
            const AugmentationOptions& options, core::RandomStream& random, Patch& patch) {
  cv::Mat sampled(patch.grey.height(), patch.grey.width(), CV_16UC1),
      classes = mask ? as_mat(patch.mask) : cv::Mat();
  if (options.elastic > 0) {
    sample_bent(image, mask, placement, options.elastic, random, sampled, classes);
  } else {
    const cv::Matx23d to_image(placement.along_x[1], placement.along_y[1], placement.origin[1],
                               placement.along_x[0], placement.along_y[0], placement.origin[0]);
    const auto turn = [&](const cv::Mat& from, cv::Mat& to, int interpolation) {
      cv::warpAffine(from, to, to_image, sampled.size(), interpolation | cv::WARP_INVERSE_MAP,
                     cv::BORDER_REFLECT_101);
    };
    turn(as_mat(image.grey), sampled, cv::INTER_LINEAR);
    if (mask) turn(as_mat(*mask), classes, cv::INTER_NEAREST);
  }
  sampled.convertTo(as_mat(patch.grey), CV_32F);
}

void light(Raster<float>& grey, const Image& image, const GreyScale& scale,
           const AugmentationOptions& options, core::RandomStream& random) {
  if (options.gamma > 0) {
    const float white = image.bits == 16 ? 65535.0f : 255.0f;
    const auto exponent = static_cast<float>(std::exp(random.uniform(-options.gamma, options.gamma)));
    for (float& level : grey.values()) level = white * std::pow(std::max(level, 0.0f) / white, exponent);
  }
  standardise(grey, scale);
  const auto factor = static_cast<float>(
      options.contrast > 0 ? std::exp(random.uniform(-options.contrast, options.contrast)) : 1);
  const auto shift = static_cast<float>(
      options.brightness > 0 ? random.uniform(-options.brightness, options.brightness) : 0);
  if (factor != 1 || shift != 0)
    for (float& level : grey.values()) level = level * factor + shift;
  if (options.blur > 0) {
    cv::Mat pixels = as_mat(grey);
    if (const double deviation = random.uniform(0, options.blur); deviation > 0.1)
      cv::GaussianBlur(pixels, pixels, {0, 0}, deviation, deviation, cv::BORDER_REFLECT_101);
  }
  if (options.noise > 0)
    for (float& level : grey.values()) level += static_cast<float>(options.noise * random.normal());
}

Patch piece_of(const Image& image, const Mask* mask, const GreyScale& scale, cv::Size size,
               const AugmentationOptions& options, core::RandomStream& random) {
  const Placement placement = place(image, size, options, random);
  Patch patch{Raster<float>(size.height, size.width), mask ? Mask(size.height, size.width) : Mask()};
  if (placement.on_grid) {
    copy_on_grid(image.grey, placement, patch.grey);
    if (mask) copy_on_grid(*mask, placement, patch.mask);
  } else {
    sample(image, mask, placement, options, random, patch);
  }
  light(patch.grey, image, scale, options, random);
  return patch;
}

}  // namespace

Patch draw_patch(const Image& image, const Mask* mask, const GreyScale& scale, int side,
                 const AugmentationOptions& options, core::RandomStream& random) {
  return piece_of(image, mask, scale, {side, side}, options, random);
}

Raster<float> augmented(const Image& image, const GreyScale& scale, const AugmentationOptions& options,
                        core::RandomStream& random) {
  return piece_of(image, nullptr, scale, {image.grey.width(), image.grey.height()}, options, random).grey;
}

}  // namespace tessera::microstructure
