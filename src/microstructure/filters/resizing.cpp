// SPDX-License-Identifier: Apache-2.0
#include "microstructure/filters/resizing.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace tessera::microstructure {
namespace {

constexpr double kStretch = 4.0 / 3;
constexpr int kTries = 10;  // torchvision's

int rounded(double length) {
  return std::max(1, static_cast<int>(std::lround(length)));
}

// The largest window whose width is `aspect` times its height.
Extent largest(const Extent& image, double aspect) {
  const double height = std::min<double>(image.height, image.width / aspect);
  return {std::min(rounded(height), image.height), std::min(rounded(height * aspect), image.width)};
}

Window in_the_middle(const Extent& image, const Extent& window) {
  return {(image.height - window.height) / 2, (image.width - window.width) / 2, window.height, window.width};
}

Window anywhere(const Extent& image, const Extent& window, core::RandomStream& random) {
  const auto corner = [&](int room) {
    return room > 0 ? static_cast<int>(random.below(static_cast<std::uint64_t>(room) + 1)) : 0;
  };
  const int top = corner(image.height - window.height);
  return {top, corner(image.width - window.width), window.height, window.width};
}

double aspect_of(const Extent& extent) {
  return static_cast<double>(extent.width) / extent.height;
}

}  // namespace

Window centred_window(const Extent& image, const Extent& size) {
  return in_the_middle(image, largest(image, aspect_of(size)));
}

Window random_window(const Extent& image, const Extent& size, double least_area, core::RandomStream& random) {
  const double shape = aspect_of(size), area = static_cast<double>(image.height) * image.width;
  if (least_area >= 1) return anywhere(image, largest(image, shape), random);
  for (int i = 0; i < kTries; ++i) {
    const double wanted = area * random.uniform(least_area, 1);
    const double aspect = shape * std::exp(random.uniform(-std::log(kStretch), std::log(kStretch)));
    const Extent window{rounded(std::sqrt(wanted / aspect)), rounded(std::sqrt(wanted * aspect))};
    if (window.height <= image.height && window.width <= image.width) return anywhere(image, window, random);
  }
  // An image too long for any of that: the most of it that is not stretched further.
  return in_the_middle(image,
                       largest(image, std::clamp(aspect_of(image), shape / kStretch, shape * kStretch)));
}

Image resized(const Image& image, const Window& window, const Extent& size) {
  Image result{Raster<std::uint16_t>(size.height, size.width), image.bits, image.um_per_px};
  const cv::Mat whole(image.grey.height(), image.grey.width(), CV_16UC1,
                      const_cast<std::uint16_t*>(image.grey.values().data()));
  const cv::Mat piece = whole(cv::Rect(window.left, window.top, window.width, window.height));
  cv::Mat out(size.height, size.width, CV_16UC1, result.grey.values().data());
  if (size == Extent{window.height, window.width}) {
    piece.copyTo(out);
    return result;
  }
  cv::Mat levels, smaller;
  piece.convertTo(levels, CV_16U, image.bits == 16 ? 1 : 257);  // averages of 255 levels need finer ones
  // OpenCV's averages over areas are such only where no axis grows.
  const cv::Size least(std::min(size.width, window.width), std::min(size.height, window.height));
  cv::resize(levels, smaller, least, 0, 0, cv::INTER_AREA);
  cv::resize(smaller, out, {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
  result.bits = 16;
  // Along the axes alike, as far as the stretch is none.
  result.um_per_px = image.um_per_px * window.width / size.width;
  return result;
}

}  // namespace tessera::microstructure
