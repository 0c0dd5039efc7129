// SPDX-License-Identifier: Apache-2.0
// Images with a number each: what a network is shown of them, by which scale, and what is refused.
#include "train/label_feed.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "data/shard_commit.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "train/dihedral_mean.hpp"
#include "train/problem.hpp"

namespace tessera::train {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr int kImages = 8;

// A dataset of two phases, black and white, in images of height × (width + i); the number is i.
class LabelledImages : public testing::Test {
 protected:
  std::unique_ptr<Dataset> made(int height, int width, bool growing = false) {
    data::DatasetSchema schema;
    schema.kind = data::kImages;
    schema.targets = {{"strength", "MPa"}};
    std::vector<data::ImageRecord> records;
    for (int i = 0; i < kImages; ++i) {
      core::RandomStream random(1, "image", static_cast<std::uint64_t>(i));
      auto& record = records.emplace_back();
      record.id = "image" + std::to_string(i);
      record.image.grey = {height, width + (growing ? i : 0)};
      for (auto& level : record.image.grey.values())
        level = random.uniform() < 0.1 * (i + 1) ? 255 : 0;  // more white from image to image
      record.targets = {static_cast<double>(i)};
    }
    const auto place = folder / std::to_string(++datasets);
    data::begin_dataset(place, "{}", false);
    const std::vector commits{
        data::commit_shard(place, {0, "{}", "made"}, data::encoded(records, schema, 0), {})};
    data::finish_dataset(place, "{}", schema, commits, {});
    return open_dataset(place);
  }

  std::unique_ptr<Feed> feed_of(const Dataset& dataset, const PatchOptions& patch) {
    tasks.push_back(make_regression_task(target_column(dataset.index(), "strength"), {}, "mse"));
    return dataset.make_feed(*tasks.back(), models::Features::Image, patch, torch::kCPU);
  }

  test::TemporaryFolder folder;
  int datasets = 0;
  std::vector<std::unique_ptr<Task>> tasks;  // the feeds keep references
};

const std::vector<std::int64_t> kAll{0, 1, 2, 3, 4, 5, 6, 7};

// Pixels of one sample, row by row.
std::vector<float> pixels_of(const models::Batch& batch, std::int64_t sample = 0) {
  const auto grey = batch.images.grey[sample].contiguous();
  return {grey.data_ptr<float>(), grey.data_ptr<float>() + grey.numel()};
}

TEST_F(LabelledImages, ArePicturesOfOneSizeWithTheirNumbers) {
  const auto dataset = made(12, 16, true);
  const auto feed = feed_of(*dataset, {.size = 10});
  const std::vector<std::int64_t> records{5, 0, 7};

  for (const auto& batch : {feed->batch(records), feed->training_batch(records, 3)}) {
    EXPECT_EQ(batch.images.grey.sizes(), (std::vector<std::int64_t>{3, 1, 10, 10}));
    EXPECT_EQ(batch.images.extent.sizes(), (std::vector<std::int64_t>{3, 2}));
    EXPECT_TRUE(torch::equal(batch.target, torch::tensor({5.0f, 0.0f, 7.0f})));
    EXPECT_EQ(batch.records, records);
  }
}

TEST_F(LabelledImages, AreDrawnAlikeInAnyOrderAndCompany) {
  const auto dataset = made(12, 16);
  const PatchOptions patch{.size = 9,
                           .crop_area = 0.3,
                           .augmentation = {.rotate = true, .brightness = 0.3, .noise = 0.1},
                           .seed = 7};
  const auto feed = feed_of(*dataset, patch), other = feed_of(*dataset, patch);
  const std::vector<std::int64_t> backwards{6, 3, 0};
  const auto together = feed->training_batch(kAll, 4), few = other->training_batch(backwards, 4);

  for (std::int64_t i = 0; i < 3; ++i)
    EXPECT_EQ(pixels_of(few, i), pixels_of(together, backwards[static_cast<std::size_t>(i)]));
  EXPECT_NE(pixels_of(feed->training_batch(backwards, 5), 0), pixels_of(few, 0));
  auto reseeded = patch;
  reseeded.seed = 8;
  EXPECT_NE(pixels_of(feed_of(*dataset, reseeded)->training_batch(backwards, 4), 0), pixels_of(few, 0));
}

TEST_F(LabelledImages, OfTheirOwnSizeAreShownWhole) {
  const auto dataset = made(6, 9);
  const PatchOptions patch{.grey = {.mean = 0.5, .deviation = 0.25}, .augmentation = {.dihedral = false}};
  const auto feed = feed_of(*dataset, patch);

  const auto shown = feed->batch(kAll), trained = feed->training_batch(kAll, 1);

  EXPECT_EQ(shown.images.grey.sizes(), (std::vector<std::int64_t>{kImages, 1, 6, 9}));
  EXPECT_TRUE(torch::equal(shown.images.grey, trained.images.grey));
  EXPECT_EQ(shown.images.grey.min().item<float>(), -2);  // black: no half of a deviation of a quarter
  EXPECT_EQ(shown.images.grey.max().item<float>(), 2);
}

TEST_F(LabelledImages, OfSeveralSizesAreRefusedInTheirOwn) {
  const auto dataset = made(12, 16, true);
  const auto message = test::message_of<core::InputError>([&] { feed_of(*dataset, {.crop_area = 0.5}); });

  EXPECT_THAT(message, HasSubstr("image0 is 12 by 16 px, image1 is 12 by 17. Say data.size = 12"));
}

TEST(LabelPicture, IsTheMiddleOnTheGivenScale) {
  microstructure::Image image{microstructure::Raster<std::uint16_t>(2, 4), 8};
  image.grey.values() = {9, 255, 0, 9,  //
                         9, 255, 0, 9};
  const PatchOptions patch{.size = 1, .grey = {.mean = 0.25, .deviation = 0.5}};

  EXPECT_NEAR(label_picture(image, patch)(0, 0), 0.5, 1e-4);  // half white: (0.5 − 0.25) / 0.5
  auto same = patch;
  same.size = 2;
  EXPECT_THAT(label_picture(image, same).values(), Pointwise(FloatNear(1e-5f), {1.5f, -0.5f, 1.5f, -0.5f}));
}

TEST_F(LabelledImages, GoByTheScaleOfThoseTrainedOn) {
  const auto dataset = made(12, 16);
  microstructure::GreySums sums = dataset->grey_sums(std::vector<std::int64_t>{1, 4});

  const auto scale = fit_grey_scale(*dataset, {4, 1}, dist::Communicator::serial());

  EXPECT_EQ(scale.mean, sums.scale().mean);
  EXPECT_EQ(scale.deviation, sums.scale().deviation);
  EXPECT_NEAR(scale.mean, 0.35, 0.1);  // a fifth and a half white
  EXPECT_GT(fit_grey_scale(*dataset, {6, 7}, dist::Communicator::serial()).mean, scale.mean + 0.2f);
}

TEST_F(LabelledImages, KeepTheScaleOfTheRunThatGoesOn) {
  const auto dataset = made(12, 16);
  TrainingConfig config;
  config.data.target = "strength";
  config.data.size = 8;
  config.run_folder = folder / "run";
  RunRecord earlier;
  earlier.target.grey = {.mean = 0.125, .deviation = 0.25};

  EXPECT_FALSE(make_problem(config, *dataset).target.grey);  // fitted by all ranks together
  const auto problem = make_problem(config, *dataset, &earlier);

  EXPECT_EQ(problem.target.kind, "regression");
  EXPECT_EQ(patch_options(config, problem.target).grey.mean, 0.125f);
  EXPECT_EQ(patch_options(config, problem.target).size, 8);
}

// Answers the mean of the upper left quarter, or the picture itself.
class Corner final : public models::Network {
 public:
  explicit Corner(bool of_pixels) : of_pixels_(of_pixels) {}
  torch::Tensor forward(const models::Batch& batch) override {
    const auto& grey = batch.images.grey;
    if (of_pixels_) return grey;
    return grey.narrow(2, 0, grey.size(2) / 2).narrow(3, 0, grey.size(3) / 2).mean({2, 3});
  }
  models::Features features() const override { return models::Features::Image; }
  bool is_of_pixels() const override { return of_pixels_; }

 private:
  bool of_pixels_;
};

TEST(DihedralMean, OfANumberIsItsMeanOverTheSymmetries) {
  Corner corner(false);
  DihedralMean mean(corner);
  models::Batch batch;
  batch.num_samples = 2;
  batch.images.grey = torch::randn({2, 1, 6, 6});
  batch.images.extent = torch::full({2, 2}, 6, torch::kInt64);

  const auto answer = mean.forward(batch);

  // Each quarter is upper left in two of the eight.
  EXPECT_TRUE(torch::allclose(answer, batch.images.grey.mean({2, 3}), 1e-5, 1e-6));
  EXPECT_FALSE(mean.is_of_pixels());
}

TEST_F(LabelledImages, AreRefusedToNetworksOfPixelsAndTheOtherWayAbout) {
  const auto dataset = made(12, 16);
  const auto message = [&](const TrainingConfig& config, bool of_pixels) {
    return test::message_of<core::InputError>(
        [&] { check_fits(config, dataset->index(), Corner(of_pixels), "net"); });
  };
  TrainingConfig label, mask;
  label.data.target = "strength";
  mask.data.target = "mask";

  check_fits(label, dataset->index(), Corner(false), "net");
  check_fits(mask, dataset->index(), Corner(true), "net");
  EXPECT_THAT(
      message(label, true),
      HasSubstr("model.name = \"net\" answers for every pixel of an image: data.target must be \"mask\", "
                "got \"strength\""));
  EXPECT_THAT(message(mask, false), HasSubstr("answers once for an image"));
  label.data.crop = 16;
  EXPECT_THAT(message(label, false), HasSubstr("Say data.crop_area"));
  mask.data.size = 16;
  EXPECT_THAT(message(mask, true), HasSubstr("Say data.crop,"));
}

}  // namespace
}  // namespace tessera::train
