// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "search/parzen_estimator.hpp"

namespace tessera::search {
namespace {

// The outermost centers of a bin; of equal ones the first is the leftmost, the last the rightmost.
struct Bin {
  std::ptrdiff_t least = -1, greatest = -1;
};

}  // namespace

// Without sorting: the bins are narrower than the least width, so that only a bin's outermost centers can
// have a gap that counts, the one to the next bin with a center.
std::vector<double> kernel_widths(std::span<const double> centers, double low, double high) {
  const double range = high - low, count = static_cast<double>(centers.size());
  const double least_width = range / std::min(100.0, count + 2);
  std::vector<double> widths(centers.size(), least_width);
  std::vector<Bin> bins(static_cast<std::size_t>(std::min(100.0, count + 2)) + 1);
  const double bins_per_length = static_cast<double>(bins.size()) / range;
  for (std::ptrdiff_t i = 0; i < std::ssize(centers); ++i) {
    const double center = centers[static_cast<std::size_t>(i)];
    const double place =
        std::clamp((center - low) * bins_per_length, 0.0, static_cast<double>(bins.size() - 1));
    Bin& bin = bins[static_cast<std::size_t>(place)];
    if (bin.least < 0 || center < centers[static_cast<std::size_t>(bin.least)]) bin.least = i;
    if (bin.greatest < 0 || center >= centers[static_cast<std::size_t>(bin.greatest)]) bin.greatest = i;
  }
  std::erase_if(bins, [](const Bin& bin) { return bin.least < 0; });

  const auto widen = [&](std::ptrdiff_t i, double gap) {
    double& width = widths[static_cast<std::size_t>(i)];
    width = std::clamp(gap, width, range);
  };
  const auto at = [&](std::ptrdiff_t i) { return centers[static_cast<std::size_t>(i)]; };
  for (std::size_t b = 0; b + 1 < bins.size(); ++b) {
    const double gap = at(bins[b + 1].least) - at(bins[b].greatest);
    widen(bins[b].greatest, gap);
    widen(bins[b + 1].least, gap);
  }
  // A single center has the bounds for neighbours.
  if (centers.size() == 1) widen(0, std::max(centers[0] - low, high - centers[0]));
  return widths;
}

}  // namespace tessera::search
