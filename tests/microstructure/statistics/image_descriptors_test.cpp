// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/image_descriptors.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/random.hpp"
#include "microstructure/maps.hpp"
#include "microstructure/statistics/specific_interface.hpp"
#include "microstructure/statistics/two_point_correlation.hpp"
#include "support/expect_error.hpp"

namespace tessera::microstructure {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

Image image_of(int height, int width, const auto& grey_at, int bits = 8) {
  Image image{.grey = {height, width}, .bits = bits};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) image.grey(y, x) = static_cast<std::uint16_t>(grey_at(y, x));
  return image;
}

ImageSurvey survey_of(const std::vector<Image>& images) {
  ImageSurvey survey;
  for (const auto& image : images) survey.add(image);
  return survey;
}

std::map<std::string, double> described(const Image& image, const ImageSurvey& survey) {
  const ImageDescriptors descriptors(survey);
  const auto values = descriptors.describe(image);
  EXPECT_EQ(values.size(), descriptors.names().size());
  std::map<std::string, double> by_name;
  for (std::size_t i = 0; i < values.size(); ++i) by_name[descriptors.names()[i]] = values[i];
  EXPECT_EQ(by_name.size(), values.size());  // each name once
  return by_name;
}

// Black and white stripes, 4 px wide each, upright.
Image stripes() {
  return image_of(32, 40, [](int, int x) { return x / 4 % 2 ? 255 : 0; });
}

TEST(ImageDescriptors, OfStripesAreKnown) {
  const auto found = described(stripes(), survey_of({stripes()}));
  EXPECT_DOUBLE_EQ(found.at("level255_fraction"), 0.5);
  EXPECT_DOUBLE_EQ(found.at("level255_chord_x"), 4);
  EXPECT_DOUBLE_EQ(found.at("level255_chord_y"), 32);
  EXPECT_DOUBLE_EQ(found.at("level0_largest_cluster"), 0.2);  // one of five
  EXPECT_DOUBLE_EQ(found.at("level0_euler"), 5 / (32.0 * 40));
  // Three cells in a row: two of each stripe's four places along x, all along y.
  EXPECT_DOUBLE_EQ(found.at("level0_lineal_path_2"), (10 / 38.0 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(found.at("level0_lineal_path_8"), 0.5 / 2);
}

TEST(ImageDescriptors, OfPhasesAreTheStatisticsOfThePhaseMap) {
  core::RandomStream random(5, "phases");
  const std::vector<std::uint16_t> levels{10, 20, 200};
  const Image image = image_of(37, 50, [&](int, int) { return levels[random.below(3)]; });
  PhaseMap map{.size = {1, 37, 50}, .labels = {}};
  for (const auto grey : image.grey.values())
    map.labels.push_back(static_cast<std::uint8_t>(std::ranges::find(levels, grey) - levels.begin()));

  const auto found = described(image, survey_of({image}));

  for (int phase = 0; phase < 3; ++phase) {
    const auto of = [&](const std::string& name) {
      return found.at("level" + std::to_string(levels[static_cast<std::size_t>(phase)]) + "_" + name);
    };
    const auto pairs = two_point_correlation(map, phase, Border::Open);
    for (const std::size_t r : {1, 2, 4, 8, 16})
      EXPECT_NEAR(of("two_point_" + std::to_string(r)), pairs[r], 1e-14);
    EXPECT_DOUBLE_EQ(of("interface"), specific_interface(map, phase, Border::Open));
    EXPECT_DOUBLE_EQ(of("fraction"), phase_fraction(map, phase));
  }
}

TEST(ImageDescriptors, TakeLevelsAndDistancesFromAllImages) {
  const Image white = image_of(24, 24, [](int, int) { return 255; });
  const Image grey = image_of(9, 30, [](int y, int) { return y < 4 ? 128 : 0; });
  const auto survey = survey_of({white, grey});

  const auto of_white = described(white, survey), of_grey = described(grey, survey);

  EXPECT_EQ(of_white.size(), of_grey.size());
  EXPECT_EQ(of_white.at("level255_fraction"), 1);
  EXPECT_TRUE(of_white.contains("level0_two_point_4"));
  EXPECT_FALSE(of_white.contains("level0_two_point_8"));  // half of 9 px is 4
  for (const auto& [name, value] : of_white)
    EXPECT_TRUE(!name.starts_with("level128_") || value == 0) << name << " " << value;
  EXPECT_NEAR(of_grey.at("level128_fraction"), 4.0 / 9, 1e-15);
}

TEST(ImageDescriptors, OfGreyLevelsAreTheirMoments) {
  core::RandomStream random(6, "grey");
  const int height = 20, width = 34;
  const Image image = image_of(height, width, [&](int y, int) { return 40 * (y % 5) + random.below(60); });
  const double count = height * width;
  std::vector<double> grey;
  for (const auto value : image.grey.values()) grey.push_back(value / 255.0);
  double mean = 0, second = 0, third = 0;
  for (const double value : grey) mean += value / count;
  for (const double value : grey) {
    second += std::pow(value - mean, 2) / count;
    third += std::pow(value - mean, 3) / count;
  }

  const auto found = described(image, survey_of({image}));

  EXPECT_NEAR(found.at("mean"), mean, 1e-14);
  EXPECT_NEAR(found.at("deviation"), std::sqrt(second), 1e-14);
  EXPECT_NEAR(found.at("skewness"), third / std::pow(second, 1.5), 1e-12);
  for (const int r : {1, 2, 4, 8}) {
    double along_x = 0, along_y = 0, pairs_x = 0, pairs_y = 0;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const auto off = [&](int v, int u) { return grey[static_cast<std::size_t>(v * width + u)] - mean; };
        if (x >= r) along_x += off(y, x) * off(y, x - r), ++pairs_x;
        if (y >= r) along_y += off(y, x) * off(y - r, x), ++pairs_y;
      }
    EXPECT_NEAR(found.at("autocovariance_x_" + std::to_string(r)), along_x / pairs_x, 1e-14);
    EXPECT_NEAR(found.at("autocovariance_y_" + std::to_string(r)), along_y / pairs_y, 1e-14);
  }
  EXPECT_FALSE(found.contains("autocovariance_x_16"));
  for (const int percent : {5, 25, 50, 75, 95}) {
    const double level = found.at("quantile_" + std::to_string(percent));
    EXPECT_GE(static_cast<double>(std::ranges::count_if(grey, [&](double g) { return g <= level; })),
              percent / 100.0 * count);
    EXPECT_LT(static_cast<double>(std::ranges::count_if(grey, [&](double g) { return g < level; })),
              percent / 100.0 * count);
  }
}

TEST(ImageDescriptors, OfGreyLevelsDoNotFollowTheNumberOfBits) {
  const auto grey_at = [](int y, int x) { return (13 * y + 7 * x) % 256; };
  const Image eight = image_of(16, 16, grey_at);
  const Image sixteen = image_of(
      16, 16, [&](int y, int x) { return 257 * grey_at(y, x); }, 16);
  const auto a = described(eight, survey_of({eight})), b = described(sixteen, survey_of({sixteen}));
  for (const auto& [name, value] : a) EXPECT_NEAR(value, b.at(name), 1e-12) << name;
}

TEST(ImageDescriptors, OfAnImageOfOneLevelAmongGreyOnesHaveNoNan) {
  const Image many = image_of(8, 8, [](int y, int x) { return 8 * y + x; });
  const Image flat = image_of(8, 8, [](int, int) { return 77; });
  for (const auto& [name, value] : described(flat, survey_of({many, flat})))
    EXPECT_TRUE(std::isfinite(value)) << name;
  EXPECT_EQ(described(flat, survey_of({many, flat})).at("skewness"), 0);
}

TEST(ImageSurvey, SaysPhasesUpToEightLevelsHoweverTheImagesAreParted) {
  std::vector<Image> images;
  for (int i = 0; i < 9; ++i)
    images.push_back(image_of(4, 5 + i, [&](int, int x) { return x == 0 ? 0 : 25 * i; }));
  const std::vector<Image> eight(images.begin(), images.begin() + 8);
  EXPECT_THAT(ImageDescriptors(survey_of(eight)).names(), Contains("level175_fraction"));
  EXPECT_THAT(ImageDescriptors(survey_of(images)).names(), Contains("deviation"));
  EXPECT_THAT(ImageDescriptors(survey_of(images)).names(), Each(Not(HasSubstr("level"))));

  ImageSurvey parts = survey_of({images.begin() + 5, images.end()});
  parts.add(ImageSurvey());  // of a part without images
  parts.add(survey_of({images.begin(), images.begin() + 5}));
  EXPECT_EQ(ImageDescriptors(parts).names(), ImageDescriptors(survey_of(images)).names());
}

TEST(ImageDescriptors, NeedAnImage) {
  EXPECT_THAT(test::message_of<core::InputError>([] { ImageDescriptors{ImageSurvey()}; }),
              HasSubstr("at least one image"));
}

}  // namespace
}  // namespace tessera::microstructure
