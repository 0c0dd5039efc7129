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

TEST(Overlay, PutsPicturesBesideEachOther) {
  const auto both = side_by_side(Raster<Rgb>(2, 3, {1, 1, 1}), Raster<Rgb>(2, 2, {2, 2, 2}));
  EXPECT_EQ(both.width(), 9);
  EXPECT_EQ(both(1, 2), (Rgb{1, 1, 1}));
  EXPECT_EQ(both(1, 4), (Rgb{255, 255, 255}));
  EXPECT_EQ(both(0, 7), (Rgb{2, 2, 2}));
}

}  // namespace
}  // namespace tessera::microstructure
