// SPDX-License-Identifier: Apache-2.0
#include "microstructure/skeleton.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "microstructure/bit_raster.hpp"
#include "microstructure/shapes.hpp"

namespace tessera::microstructure {
namespace {

using test::draw_line;
using test::draw_mosaic;
using test::draw_where;

// The obvious way to count connected pixels: spread from each that is not yet seen.
int count_parts(const Mask& mask, bool set, bool diagonals) {
  Mask seen(mask.height(), mask.width());
  int parts = 0;
  std::vector<std::array<int, 2>> open;
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) {
      if ((mask(y, x) != 0) != set || seen(y, x)) continue;
      ++parts;
      seen(y, x) = 1;
      open.push_back({y, x});
      while (!open.empty()) {
        const auto [cy, cx] = open.back();
        open.pop_back();
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const int ny = cy + dy, nx = cx + dx;
            if ((!diagonals && dy != 0 && dx != 0) || !mask.contains(ny, nx) || seen(ny, nx)) continue;
            if ((mask(ny, nx) != 0) != set) continue;
            seen(ny, nx) = 1;
            open.push_back({ny, nx});
          }
      }
    }
  return parts;
}

// Parts and holes, with a ring of nothing around the picture.
std::array<int, 2> topology(const Mask& mask) {
  Mask framed(mask.height() + 2, mask.width() + 2);
  for (int y = 0; y < mask.height(); ++y) std::copy_n(mask.row(y), mask.width(), framed.row(y + 1) + 1);
  return {count_parts(framed, true, true), count_parts(framed, false, false)};
}

bool is_subset(const Mask& part, const Mask& whole) {
  for (std::size_t i = 0; i < part.size(); ++i)
    if (part.values()[i] && !whole.values()[i]) return false;
  return true;
}

Mask noise(int height, int width, double share, std::uint64_t number) {
  core::RandomStream random(number, "noise of a mask");
  return draw_where(height, width, [&](int, int) { return random.uniform() < share; });
}

// Blobs and bands of all widths: white noise, averaged over a few pixels and cut at a level.
Mask blobs(int height, int width, int reach, std::uint64_t number) {
  const Mask white = noise(height, width, 0.5, number);
  return draw_where(height, width, [&](int y, int x) {
    int sum = 0, count = 0;
    for (int dy = -reach; dy <= reach; ++dy)
      for (int dx = -reach; dx <= reach; ++dx)
        if (white.contains(y + dy, x + dx)) sum += white(y + dy, x + dx), ++count;
    return 2 * sum > count;
  });
}

// No pixel may go any more: its removal would tear, open or shorten a line.
bool is_one_pixel_wide(Mask skeleton) {
  const auto before = topology(skeleton);
  for (int y = 0; y < skeleton.height(); ++y)
    for (int x = 0; x < skeleton.width(); ++x) {
      if (!skeleton(y, x)) continue;
      int neighbours = -1;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          neighbours += skeleton.contains(y + dy, x + dx) && skeleton(y + dy, x + dx);
      if (neighbours < 2) continue;
      skeleton(y, x) = 0;
      if (topology(skeleton) == before) return false;
      skeleton(y, x) = 1;
    }
  return true;
}

// Guo and Hall (1989) by the letter, each pixel of the whole picture asked by itself; then the doubled
// points.
class PlainThinning {
 public:
  explicit PlainThinning(const Mask& mask) : mask_(mask) {}

  Mask run() {
    for (int idle = 0, step = 0; idle < 2; ++step) idle = subiterate(step % 2) ? 0 : idle + 1;
    for (bool again = true; again;) {
      again = false;
      for (int y = 0; y < mask_.height(); ++y)
        for (int x = 0; x < mask_.width(); ++x)
          if (mask_(y, x) && is_doubled(y, x)) mask_(y, x) = 0, again = true;
    }
    return mask_;
  }

 private:
  // P2 to P9 of the paper: north, then clockwise.
  std::array<bool, 10> around(int y, int x) const {
    constexpr int kDy[] = {-1, -1, 0, 1, 1, 1, 0, -1}, kDx[] = {0, 1, 1, 1, 0, -1, -1, -1};
    std::array<bool, 10> p{};
    for (std::size_t i = 0; i < 8; ++i)
      p[i + 2] = mask_.contains(y + kDy[i], x + kDx[i]) && mask_(y + kDy[i], x + kDx[i]);
    return p;
  }

  static int num_parts(const std::array<bool, 10>& p) {
    return (!p[2] && (p[3] || p[4])) + (!p[4] && (p[5] || p[6])) + (!p[6] && (p[7] || p[8])) +
           (!p[8] && (p[9] || p[2]));
  }

  bool is_doubled(int y, int x) const {
    const auto p = around(y, x);
    return num_parts(p) == 1 && std::ranges::count(p, true) >= 2;
  }

  bool subiterate(int which) {
    Mask next = mask_;
    for (int y = 0; y < mask_.height(); ++y)
      for (int x = 0; x < mask_.width(); ++x) {
        if (!mask_(y, x)) continue;
        const auto p = around(y, x);
        const int n1 = (p[9] || p[2]) + (p[3] || p[4]) + (p[5] || p[6]) + (p[7] || p[8]);
        const int n2 = (p[2] || p[3]) + (p[4] || p[5]) + (p[6] || p[7]) + (p[8] || p[9]);
        const int n = std::min(n1, n2);
        const bool kept = which == 0 ? (p[6] || p[7] || !p[9]) && p[8] : (p[2] || p[3] || !p[5]) && p[4];
        if (num_parts(p) == 1 && n >= 2 && n <= 3 && !kept) next(y, x) = 0;
      }
    std::swap(mask_, next);
    return mask_ != next;
  }

  Mask mask_;
};

Mask turned(const Mask& mask) {
  return draw_where(mask.width(), mask.height(), [&](int y, int x) { return mask(x, mask.width() - 1 - y); });
}

TEST(Thin, KeepsTheTopologyOfEveryMaskOfFourByFourPixels) {
  for (unsigned number = 0; number < 1u << 16; ++number) {
    const Mask mask = draw_where(4, 4, [&](int y, int x) { return number >> (4 * y + x) & 1; });
    const Mask skeleton = thin(mask);
    ASSERT_EQ(topology(skeleton), topology(mask)) << number;
    ASSERT_TRUE(is_subset(skeleton, mask)) << number;
  }
}

TEST(Thin, KeepsTheTopologyOfRandomMasks) {
  for (std::uint64_t number = 0; number < 60; ++number) {
    // Widths around 64 and 256: pixels, words and blocks of words meet inside.
    const int width = std::array{37, 64, 65, 130, 255, 300}[number % 6];
    const Mask mask = number % 2 ? blobs(70, width, 1 + static_cast<int>(number % 5), number)
                                 : noise(70, width, 0.3 + 0.1 * static_cast<double>(number % 5), number);
    const Mask skeleton = thin(mask);
    EXPECT_EQ(topology(skeleton), topology(mask)) << number;
    EXPECT_TRUE(is_subset(skeleton, mask)) << number;
  }
}

TEST(Thin, IsThePlainAlgorithm) {
  for (std::uint64_t number = 0; number < 12; ++number) {
    // Up to three blocks of words wide, the parts thick enough to be peeled over and over.
    const int width = std::array{60, 250, 600}[number % 3];
    const Mask mask = blobs(60, width, 1 + static_cast<int>(number), number);
    EXPECT_EQ(thin(mask), PlainThinning(mask).run()) << number;
  }
  // Slabs that are peeled from one block into the next, sideways and down and up.
  const Mask ends = draw_where(90, 600, [](int y, int x) { return y > 3 && y < 80 && x > 250 && x < 518; });
  const Mask middle = draw_where(60, 1300, [](int y, int x) { return y > 3 && y < 50 && x > 9 && x < 1290; });
  EXPECT_EQ(thin(ends), PlainThinning(ends).run());
  EXPECT_EQ(thin(middle), PlainThinning(middle).run());
}

TEST(Thin, LeavesLinesOnePixelWide) {
  for (std::uint64_t number = 0; number < 12; ++number)
    EXPECT_TRUE(is_one_pixel_wide(thin(blobs(40, 70, 1 + static_cast<int>(number % 4), number)))) << number;
}

TEST(Thin, ChangesNothingTheSecondTime) {
  const Mask skeleton = thin(blobs(120, 200, 3, 5));

  EXPECT_EQ(thin(skeleton), skeleton);
}

TEST(Thin, KeepsTheMiddleRowOfABand) {
  const Mask skeleton =
      thin(draw_where(30, 200, [](int y, int x) { return y >= 10 && y <= 16 && x > 8 && x < 190; }));

  for (int x = 20; x < 180; ++x)
    for (int y = 0; y < 30; ++y) EXPECT_EQ(skeleton(y, x), y == 13) << y << ' ' << x;
}

TEST(Thin, TakesEmptyFullAndTinyPictures) {
  EXPECT_EQ(thin(Mask(3, 70)), Mask(3, 70));
  EXPECT_EQ(thin(Mask(1, 1, 1)), Mask(1, 1, 1));
  EXPECT_EQ(topology(thin(Mask(200, 300, 1))), (std::array{1, 1}));
  EXPECT_TRUE(thin(Mask()).empty());
  EXPECT_TRUE(boundary_skeleton(Mask()).empty());
}

TEST(BoundarySkeleton, ReachesTheEdgeWhereThinDrawsBack) {
  const Mask band = draw_line(80, 40, 40, 80, 9);

  const Mask drawn_back = thin(band), whole = boundary_skeleton(band);

  const auto reaches = [](const Mask& mask, int y) {
    return std::ranges::count(mask.row(y), mask.row(y) + 80, 1) > 0;
  };
  EXPECT_FALSE(reaches(drawn_back, 0));
  EXPECT_TRUE(reaches(whole, 0));
  EXPECT_TRUE(reaches(whole, 79));
  EXPECT_TRUE(is_subset(whole, band));
}

TEST(BoundarySkeleton, OfAMosaicSurroundsEveryGrain) {
  for (double width : {3.0, 6.0}) {
    const auto mosaic = draw_mosaic(200, 30, width, 11);
    for (const Mask& mask : {mosaic.mask, turned(mosaic.mask)})
      EXPECT_EQ(count_parts(boundary_skeleton(mask), false, false), count_parts(mask, false, false)) << width;
  }
}

TEST(BitRaster, IsTheMaskItWasMadeOf) {
  for (int width : {1, 63, 64, 65, 200}) {
    const Mask mask = noise(5, width, 0.4, 3);
    const BitRaster bits(mask);
    EXPECT_EQ(bits.mask(), mask);
    EXPECT_EQ(bits.count(), std::ranges::count(mask.values(), 1));
  }
}

TEST(BitRaster, DilatesByDistance) {
  for (double radius : {1.0, 2.0, 3.5, 70.0}) {
    const Mask mask = noise(24, 150, 0.003, 9);
    const Mask wide = draw_where(24, 150, [&](int y, int x) {
      for (int py = 0; py < 24; ++py)
        for (int px = 0; px < 150; ++px)
          if (mask(py, px) && std::hypot(py - y, px - x) <= radius) return true;
      return false;
    });
    EXPECT_EQ(dilate(BitRaster(mask), radius).mask(), wide) << radius;
  }
}

}  // namespace
}  // namespace tessera::microstructure
