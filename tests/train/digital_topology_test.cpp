// SPDX-License-Identifier: Apache-2.0
#include "train/losses/digital_topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "core/random.hpp"

namespace tessera::train::losses {
namespace {

// '#' is boundary.
Mask drawn(const std::vector<std::string>& rows) {
  Mask mask(static_cast<int>(rows.size()), static_cast<int>(rows[0].size()));
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) mask(y, x) = rows[y][x] == '#';
  return mask;
}

std::vector<std::string> shown(const Mask& mask) {
  std::vector<std::string> rows(mask.height(), std::string(mask.width(), '.'));
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x)
      if (mask(y, x)) rows[y][x] = '#';
  return rows;
}

Mask everywhere(const Mask& like) {
  return Mask(like.height(), like.width(), 1);
}

int count(const Mask& mask) {
  int sum = 0;
  for (const std::uint8_t value : mask.values()) sum += value;
  return sum;
}

// The mask with a rim of boundary around it, as the library sees it.
Mask framed(const Mask& mask) {
  Mask whole(mask.height() + 2, mask.width() + 2, 1);
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) whole(y + 1, x + 1) = mask(y, x);
  return whole;
}

// Connected parts of the pixels of one value, by flooding; boundaries (1) by 8 neighbours, grains (0) by 4.
int num_parts(const Mask& mask, std::uint8_t value) {
  Mask left = mask;
  int parts = 0;
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) {
      if (left(y, x) != value) continue;
      ++parts;
      std::vector<std::pair<int, int>> open{{y, x}};
      left(y, x) = 2;
      while (!open.empty()) {
        const auto [v, u] = open.back();
        open.pop_back();
        for (int dv = -1; dv <= 1; ++dv)
          for (int du = -1; du <= 1; ++du) {
            if (value == 0 && dv != 0 && du != 0) continue;
            if (!left.contains(v + dv, u + du) || left(v + dv, u + du) != value) continue;
            left(v + dv, u + du) = 2;
            open.emplace_back(v + dv, u + du);
          }
      }
    }
  return parts;
}

std::pair<int, int> parts_and_grains(const Mask& mask) {
  const Mask whole = framed(mask);
  return {num_parts(whole, 1), num_parts(whole, 0)};
}

Mask random_mask(core::RandomStream& random, int height, int width, double share) {
  Mask mask(height, width);
  for (auto& value : mask.values()) value = random.uniform() < share;
  return mask;
}

// Random blobs: each pixel the majority of a noise's 3×3.
Mask random_blobs(core::RandomStream& random, int height, int width) {
  const Mask noise = framed(random_mask(random, height, width, 0.5));
  Mask mask(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      int sum = 0;
      for (int v = 0; v < 3; ++v)
        for (int u = 0; u < 3; ++u) sum += noise(y + v, x + u);
      mask(y, x) = sum > 4;
    }
  return mask;
}

TEST(DigitalTopology, ASimplePixelChangesNeitherPartsNorGrains) {
  const std::array<std::pair<int, int>, 8> places{
      {{1, 2}, {0, 2}, {0, 1}, {0, 0}, {1, 0}, {2, 0}, {2, 1}, {2, 2}}};
  int num_simple = 0;
  for (unsigned bits = 0; bits < 256; ++bits) {
    Mask off(3, 3), on(3, 3);
    for (unsigned k = 0; k < 8; ++k) {
      const auto [y, x] = places[k];
      off(y, x) = on(y, x) = (bits >> k) & 1U;
    }
    on(1, 1) = 1;
    const bool keeps_parts = num_parts(off, 1) == num_parts(on, 1);
    const bool keeps_grains = num_parts(off, 0) == num_parts(on, 0);
    EXPECT_EQ(is_simple(bits), keeps_parts && keeps_grains) << "neighbours " << bits;
    num_simple += is_simple(bits);
  }
  EXPECT_EQ(num_simple, 116);  // as many as the literature counts
}

TEST(CriticalPixels, OfDeformedBoundariesThereAreNone) {
  const Mask truth = drawn({"...##......", "...##......", "...##......", "...######..", "...##......"});
  const Mask thick = drawn({"..####.....", "..####.....", "..#####....", "..########.", "..#######.."});
  const Mask without_the_loose_end =
      drawn({"...##......", "...##......", "...##......", "...##......", "...##......"});
  EXPECT_EQ(count(critical_pixels(thick, truth, everywhere(truth))), 0);
  EXPECT_EQ(count(critical_pixels(truth, thick, everywhere(truth))), 0);
  EXPECT_EQ(count(critical_pixels(without_the_loose_end, truth, everywhere(truth))), 0);
}

TEST(CriticalPixels, OfAGapAreTheMissingLineAndTheCutAcrossIt) {
  const Mask truth = drawn({".........", "#########", "#########", "#########", "........."});
  const Mask broken = drawn({".........", "###...###", "###...###", "###...###", "........."});
  const std::vector<std::string> cross{".........", "....#....", "...###...", "....#....", "........."};
  EXPECT_EQ(shown(critical_pixels(broken, truth, everywhere(truth))), cross);
  // The other way round it is a false bridge.
  EXPECT_EQ(shown(critical_pixels(truth, broken, everywhere(truth))), cross);
}

TEST(CriticalPixels, OfALostOrFalseIslandOrGrainAreAllOfIt) {
  const Mask nothing = drawn({".....", ".....", ".....", "....."});
  const Mask island = drawn({".....", ".##..", ".##..", "....."});
  EXPECT_EQ(critical_pixels(island, nothing, everywhere(nothing)), island);
  EXPECT_EQ(critical_pixels(nothing, island, everywhere(nothing)), island);

  const Mask filled(4, 5, 1);
  Mask grain = filled;
  grain(1, 2) = grain(1, 3) = grain(2, 3) = 0;
  const Mask critical = critical_pixels(filled, grain, everywhere(filled));
  for (std::size_t i = 0; i < grain.size(); ++i) EXPECT_NE(critical.values()[i], grain.values()[i]);
}

TEST(CriticalPixels, AClosedLoopIsCriticalAndAnOpenOneIsNot) {
  const Mask loop = drawn({".#####.", ".#...#.", ".#...#.", ".#####.", "......."});
  const Mask stem = drawn({".#.....", ".#.....", ".#.....", ".#.....", "......."});
  const Mask hook = drawn({".####..", ".#.....", ".#.....", ".####..", "......."});
  const Mask all = everywhere(loop);
  EXPECT_EQ(count(critical_pixels(hook, stem, all)), 0);
  EXPECT_GT(count(critical_pixels(loop, stem, all)), 0);
}

TEST(CriticalPixels, PartsWithoutAnImageAreNeverCritical) {
  const Mask truth = drawn({".........", "#########", "........."});
  const Mask broken = drawn({".........", "###...###", "........."});
  const Mask inside = drawn({"###...###", "###...###", "###...###"});
  EXPECT_EQ(count(critical_pixels(broken, truth, inside)), 0);
}

// No critical pixel: the same parts and grains. The converse does not hold: as many may lie elsewhere.
TEST(CriticalPixels, WhereThereAreNonePartsAndGrainsAreTheSame) {
  core::RandomStream random(4, "critical");
  int num_free = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    const Mask truth = random_blobs(random, 7, 8);
    Mask predicted = truth;
    for (int change = 0; change < 4; ++change)
      predicted(static_cast<int>(random.below(7)), static_cast<int>(random.below(8))) ^= 1;
    const Mask critical = critical_pixels(predicted, truth, everywhere(truth));
    for (std::size_t i = 0; i < truth.size(); ++i)
      if (critical.values()[i]) {
        EXPECT_NE(predicted.values()[i], truth.values()[i]);
      }
    if (count(critical) > 0) continue;
    ++num_free;
    EXPECT_EQ(parts_and_grains(predicted), parts_and_grains(truth));
  }
  EXPECT_GT(num_free, 100);
  EXPECT_LT(num_free, 2900);
}

}  // namespace
}  // namespace tessera::train::losses
