// SPDX-License-Identifier: Apache-2.0
#include "microstructure/synthetic_micrograph.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::microstructure {
namespace {

using ::testing::HasSubstr;

// A surface without a flaw, its grains and boundaries invisible.
SyntheticMicrographOptions plain() {
  SyntheticMicrographOptions options;
  options.tint = options.etching.contrast = options.etching.gaps = 0;
  options.pits = options.scratches = options.uneven_light = options.blotches = options.texture =
      options.blur_px = options.noise = 0;
  return options;
}

std::set<int> levels_of(const Mask& mask) {
  return {mask.values().begin(), mask.values().end()};
}

auto share_of(const Mask& mask, int level) {
  return static_cast<double>(std::count(mask.values().begin(), mask.values().end(), level)) /
         static_cast<double>(mask.size());
}

struct Grey {
  double on_boundary = 0, elsewhere = 0;
};

Grey mean_grey(const SyntheticMicrograph& made) {
  Grey sum, count;
  for (std::size_t i = 0; i < made.mask.size(); ++i) {
    const bool on_boundary = made.mask.values()[i] == 0;
    (on_boundary ? sum.on_boundary : sum.elsewhere) += made.image.grey.values()[i];
    ++(on_boundary ? count.on_boundary : count.elsewhere);
  }
  return {sum.on_boundary / count.on_boundary, sum.elsewhere / count.elsewhere};
}

TEST(SyntheticMicrograph, IsTheSameForTheSameSeedAndIndex) {
  const SyntheticMicrographOptions options{.size_px = 96};
  const auto made = make_synthetic_micrograph(options, 1, 3),
             again = make_synthetic_micrograph(options, 1, 3);

  EXPECT_EQ(made.id, "synth-000003");
  EXPECT_EQ(made.image.grey, again.image.grey);
  EXPECT_EQ(made.mask, again.mask);
  EXPECT_EQ(made.truth.boundary_length_px, again.truth.boundary_length_px);
  EXPECT_NE(made.mask, make_synthetic_micrograph(options, 1, 4).mask);
  EXPECT_NE(made.mask, make_synthetic_micrograph(options, 2, 3).mask);
}

TEST(SyntheticMicrograph, PictureOptionsLeaveMaskAndTruthAlone) {
  const auto made = make_synthetic_micrograph({.size_px = 128}, 1, 0);
  SyntheticMicrographOptions other = plain();
  other.size_px = 128;
  other.etching.gaps = 1;
  const auto plainly_made = make_synthetic_micrograph(other, 1, 0);

  EXPECT_NE(made.image.grey, plainly_made.image.grey);
  EXPECT_EQ(made.mask, plainly_made.mask);
  EXPECT_EQ(made.truth.boundary_length_px, plainly_made.truth.boundary_length_px);
  EXPECT_EQ(made.truth.grains, plainly_made.truth.grains);
}

TEST(SyntheticMicrograph, MaskCoversLengthTimesWidth) {
  for (const double width : {1.5, 3.0}) {
    SyntheticMicrographOptions options = plain();
    options.size_px = 512;
    options.grain_size_px = 80;
    options.boundary_width_px = width;
    const auto made = make_synthetic_micrograph(options, 2, 0);

    EXPECT_EQ(levels_of(made.mask), (std::set<int>{0, 255}));
    const double drawn = share_of(made.mask, 0) * 512 * 512;
    // Less where boundaries meet or bend: under a square of the width at each junction, and the inside of
    // bends.
    EXPECT_LT(drawn, 1.02 * made.truth.boundary_length_px * width);
    EXPECT_GT(drawn,
              0.95 * made.truth.boundary_length_px * width - made.truth.triple_junctions * width * width);
  }
}

TEST(SyntheticMicrograph, TruthHangsTogether) {
  SyntheticMicrographOptions options = plain();
  options.size_px = 400;
  options.grain_size_px = 25;
  const auto truth = make_synthetic_micrograph(options, 3, 0).truth;

  EXPECT_DOUBLE_EQ(truth.mean_intercept_px, std::numbers::pi * 400 * 400 / (2 * truth.boundary_length_px));
  // Each grain in the midst has, on average, six corners, each shared by three: two junctions a grain, fewer
  // at the rim.
  EXPECT_GT(truth.triple_junctions, 1.5 * truth.grains);
  EXPECT_LT(truth.triple_junctions, 2.0 * truth.grains);
  EXPECT_EQ(truth.carbide_fraction, 0);
}

TEST(SyntheticMicrograph, WithoutTintAndWithGapsOnlyShowsNothing) {
  SyntheticMicrographOptions options = plain();
  options.etching = {.contrast = 0.3, .gaps = 1};
  const auto grey = make_synthetic_micrograph(options, 1, 0).image.grey;

  EXPECT_EQ(std::set<int>(grey.values().begin(), grey.values().end()).size(), 1u);
}

TEST(SyntheticMicrograph, EtchedBoundariesAreDarkAndGapsTakeTheirShare) {
  SyntheticMicrographOptions options = plain();
  options.size_px = 512;
  options.etching.contrast = 0.15;
  const Grey etched = mean_grey(make_synthetic_micrograph(options, 4, 0));
  options.etching.gaps = 0.5;
  const Grey half = mean_grey(make_synthetic_micrograph(options, 4, 0));

  EXPECT_GT(etched.elsewhere - etched.on_boundary, 8);
  EXPECT_NEAR((half.elsewhere - half.on_boundary) / (etched.elsewhere - etched.on_boundary), 0.5, 0.15);
}

TEST(SyntheticMicrograph, GrainsDifferByTheTint) {
  SyntheticMicrographOptions options = plain();
  options.size_px = 512;
  options.grain_size_px = 12;
  options.spread = 0.1;
  options.tint = 0.08;
  const auto grey = make_synthetic_micrograph(options, 5, 0).image.grey;

  double sum = 0, squares = 0;
  for (const double level : grey.values()) {
    sum += level;
    squares += level * level;
  }
  const auto count = static_cast<double>(grey.size());
  EXPECT_NEAR(std::sqrt(squares / count - std::pow(sum / count, 2)), 0.08 * 255, 1.5);
}

TEST(SyntheticMicrograph, CarbidesLineTheShareAskedForAndAreCounted) {
  SyntheticMicrographOptions options = plain();
  options.size_px = 512;
  options.boundary_width_px = 1;
  options.carbides = true;
  for (const double share : {0.2, 0.6}) {
    options.precipitates = 0;
    options.carbides = false;
    const auto bare = make_synthetic_micrograph(options, 6, 0);
    options.precipitates = share;
    options.carbides = true;
    const auto made = make_synthetic_micrograph(options, 6, 0);

    EXPECT_EQ(levels_of(made.mask), (std::set<int>{0, 128, 255}));
    EXPECT_DOUBLE_EQ(made.truth.carbide_fraction, share_of(made.mask, 255));
    int on_boundary = 0, lined = 0;
    for (std::size_t i = 0; i < made.mask.size(); ++i)
      if (bare.mask.values()[i] == 0) {
        ++on_boundary;
        lined += made.mask.values()[i] == 255;
      } else {
        EXPECT_NE(made.mask.values()[i], 128);
      }
    EXPECT_NEAR(static_cast<double>(lined) / on_boundary, share, 0.08);
    EXPECT_EQ(made.truth.boundary_length_px, bare.truth.boundary_length_px);
  }
}

TEST(SyntheticMicrograph, RefusesWhatCannotBe) {
  const auto refusal = [](auto change) {
    SyntheticMicrographOptions options;
    change(options);
    return test::message_of<core::InputError>([&] { options.check(); });
  };
  EXPECT_THAT(refusal([](auto& o) { o.size_px = 8; }), HasSubstr("--size must be 16 to 16384, got 8"));
  EXPECT_THAT(refusal([](auto& o) { o.grain_size_px = NAN; }),
              HasSubstr("--grain-size must be 4 to 4096, got nan"));
  EXPECT_THAT(refusal([](auto& o) { o.grain_size_px = 2000; }),
              HasSubstr("--grain-size must be at most --size (256), got 2000"));
  EXPECT_THAT(refusal([](auto& o) { o.etching.gaps = 1.5; }), HasSubstr("--gaps must be 0 to 1, got 1.5"));
  EXPECT_THAT(refusal([](auto& o) { o.carbides = true; }), HasSubstr("--precipitates 0.2"));
  EXPECT_NO_THROW(SyntheticMicrographOptions{}.check());
}

TEST(Blur, SpreadsAPointIntoAGaussianAndLosesNoLight) {
  Raster<float> grey(41, 31);
  grey(20, 15) = 1;
  grey(0, 0) = 1;  // its mirror image brings back what leaves

  blur(grey, 2);

  double sum = 0;
  for (const float level : grey.values()) sum += level;
  EXPECT_NEAR(sum, 2, 1e-5);
  for (const int y : {18, 20, 23})
    for (const int x : {12, 15, 17}) {
      const double squared = (y - 20) * (y - 20) + (x - 15) * (x - 15);
      EXPECT_NEAR(grey(y, x), std::exp(-squared / 8) / (8 * std::numbers::pi), 5e-4);
    }
}

TEST(Noise, HasTheDeviationAskedForAndGrowsWithTheLight) {
  core::RandomStream random(1, "noise test");
  const auto deviation = [&](float level) {
    Raster<float> grey(256, 256, level);
    add_noise(grey, 0.02, random);
    double squares = 0;
    for (const float noisy : grey.values()) squares += (noisy - level) * (noisy - level);
    return std::sqrt(squares / static_cast<double>(grey.size()));
  };
  EXPECT_NEAR(deviation(0.5f), 0.02, 3e-4);
  EXPECT_NEAR(deviation(0.0f), 0.02 * std::sqrt(0.5), 3e-4);
}

TEST(Blotches, HaveTheDeviationAskedForAndAreSmooth) {
  core::RandomStream random(3, "blotches test");
  Raster<float> grey(512, 512);
  add_blotches(grey, 0.05, random);

  double squares = 0, steps = 0;
  for (int y = 0; y < 512; ++y)
    for (int x = 1; x < 512; ++x) {
      squares += grey(y, x) * grey(y, x);
      steps += std::pow(grey(y, x) - grey(y, x - 1), 2);
    }
  const double count = 512 * 511;
  EXPECT_NEAR(std::sqrt(squares / count), 0.05, 0.004);
  EXPECT_LT(std::sqrt(steps / count), 0.05 / 4);
}

TEST(Pits, AreDarkAndScratchesAreLong) {
  core::RandomStream random(2, "flaws test");
  Raster<float> pitted(256, 256, 0.5f), scratched = pitted;
  add_pits(pitted, 30, random);
  add_scratches(scratched, 5, random);

  const auto touched = [](const Raster<float>& grey) {
    return std::count_if(grey.values().begin(), grey.values().end(),
                         [](float level) { return std::abs(level - 0.5f) > 0.01f; });
  };
  EXPECT_LE(*std::max_element(pitted.values().begin(), pitted.values().end()), 0.5f);
  EXPECT_GT(touched(pitted), 30);
  EXPECT_LT(touched(pitted), 30 * 1.5 * 40);
  EXPECT_GT(touched(scratched), 100);
  EXPECT_LT(touched(scratched), 5 * 1.5 * 1.2 * 256 * 6);
}

}  // namespace
}  // namespace tessera::microstructure
