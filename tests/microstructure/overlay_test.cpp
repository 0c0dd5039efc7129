// SPDX-License-Identifier: Apache-2.0
#include "microstructure/overlay.hpp"

#include <gmock/gmock.h>

namespace tessera::microstructure {
namespace {

TEST(Overlay, StretchesGreyAndTintsWhatTheMaskSays) {
  Image image{Raster<std::uint16_t>(1, 4, 1000), 16};
  image.grey(0, 3) = 3000;
  Mask mask(1, 4), truth(1, 4);
  mask(0, 1) = mask(0, 2) = 1;
  truth(0, 2) = truth(0, 3) = 1;

  EXPECT_EQ(in_grey(image)(0, 0), (Rgb{0, 0, 0}));
  EXPECT_EQ(in_grey(image)(0, 3), (Rgb{255, 255, 255}));
  const auto tinted = overlay(image, mask);
  EXPECT_EQ(tinted(0, 0), (Rgb{0, 0, 0}));
  EXPECT_NE(tinted(0, 1), (Rgb{0, 0, 0}));
  EXPECT_EQ(tinted(0, 1), tinted(0, 2));
  const auto compared = agreement(image, mask, truth);
  EXPECT_EQ(compared(0, 0), (Rgb{0, 0, 0}));
  EXPECT_NE(compared(0, 1), compared(0, 2));        // false and right
  EXPECT_LT(compared(0, 3)[0], compared(0, 3)[2]);  // missing: blue
}

TEST(Overlay, ColoursAMapBySignAndMagnitude) {
  Raster<float> levels(1, 4, -1.5f), map(1, 4);
  levels(0, 3) = 2;
  map.values() = {0, 2, -2, 1};

  const auto grey = in_grey(levels);
  EXPECT_EQ(grey(0, 0), (Rgb{0, 0, 0}));
  EXPECT_EQ(grey(0, 3), (Rgb{255, 255, 255}));
  const auto coloured = overlay(grey, map);
  EXPECT_EQ(coloured(0, 0), (Rgb{96, 96, 96}));
  EXPECT_GT(coloured(0, 1)[0], coloured(0, 1)[2] + 100);  // orange
  EXPECT_LT(coloured(0, 2)[0] + 100, coloured(0, 2)[2]);  // blue
  const auto contrast = [&](int x) { return coloured(0, x)[0] - coloured(0, x)[2]; };
  EXPECT_LT(contrast(3), contrast(1));
  EXPECT_GT(contrast(3), 50);
  const auto nothing = overlay(grey, Raster<float>(1, 4));
  EXPECT_EQ(nothing(0, 3), (Rgb{223, 223, 223}));
}

TEST(Overlay, EnlargesByWholePixels) {
  Raster<Rgb> picture(1, 2, {1, 1, 1});
  picture(0, 1) = {2, 2, 2};

  const auto large = enlarged(picture, 3);
  EXPECT_EQ(large.height(), 3);
  EXPECT_EQ(large.width(), 6);
  EXPECT_EQ(large(2, 2), (Rgb{1, 1, 1}));
  EXPECT_EQ(large(2, 3), (Rgb{2, 2, 2}));
}

TEST(Overlay, PutsPicturesBesideEachOther) {
  const auto both = side_by_side(Raster<Rgb>(2, 3, {1, 1, 1}), Raster<Rgb>(2, 2, {2, 2, 2}));
  EXPECT_EQ(both.width(), 9);
  EXPECT_EQ(both(1, 2), (Rgb{1, 1, 1}));
  EXPECT_EQ(both(1, 4), (Rgb{255, 255, 255}));
  EXPECT_EQ(both(0, 7), (Rgb{2, 2, 2}));
}

}  // namespace
}  // namespace tessera::microstructure
