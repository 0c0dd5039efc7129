// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/tiff_scale.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace tessera::microstructure {
namespace {

TEST(TiffScale, IsTheUnitByTheResolution) {
  EXPECT_DOUBLE_EQ(um_per_px({.x = 25'400, .y = 25'400, .unit = 2}), 1.0);
  EXPECT_DOUBLE_EQ(um_per_px({.x = 10'000, .y = 10'000, .unit = 3}), 1.0);
  EXPECT_DOUBLE_EQ(um_per_px({.x = 4, .y = 4, .unit = 1, .description = "ImageJ=1.53t\nunit=micron\n"}),
                   0.25);
  EXPECT_DOUBLE_EQ(
      um_per_px({.x = 4, .y = 4, .unit = 1, .description = "ImageJ=1.53t\nunit=\\u00B5m\nloop=false"}), 0.25);
  EXPECT_DOUBLE_EQ(um_per_px({.x = 0.5f, .y = 0.5f, .unit = 1, .description = "ImageJ=1.53t\nunit=nm\n"}),
                   0.002);
}

TEST(TiffScale, IsUnknownWhereNothingTellsIt) {
  const auto is_unknown = [](const TiffResolution& resolution) { return std::isnan(um_per_px(resolution)); };

  EXPECT_TRUE(is_unknown({}));
  EXPECT_TRUE(is_unknown({.x = 5000, .y = 5000, .unit = 1}));
  EXPECT_TRUE(is_unknown({.x = 5000, .y = 4000, .unit = 2})) << "pixels that are not square";
  EXPECT_TRUE(is_unknown({.x = 72, .y = 72, .unit = 2})) << "a screen's";
  EXPECT_TRUE(is_unknown({.x = 118.11f, .y = 118.11f, .unit = 3})) << "300 dots an inch";
  EXPECT_TRUE(is_unknown({.x = 4, .y = 4, .unit = 1, .description = "ImageJ=1.53t\nunit=pixel\n"}));
  EXPECT_TRUE(is_unknown({.x = INFINITY, .y = INFINITY, .unit = 2}));
}

}  // namespace
}  // namespace tessera::microstructure
