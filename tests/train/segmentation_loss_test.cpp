// SPDX-License-Identifier: Apache-2.0
#include "train/segmentation_loss.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/batch.hpp"
#include "models/check_gradient.hpp"
#include "train/losses/losses.hpp"

namespace tessera::train {
namespace {

using models::kOutside;

std::int64_t outputs_of(const std::string& name) {
  return name.starts_with("cross_entropy") ? 3 : 1;
}

struct Problem {
  torch::Tensor output, target;
};

// Scores without rhyme, targets of every class, and a corner without image.
Problem made_problem(const std::string& name, std::int64_t samples = 3) {
  torch::manual_seed(9);
  const std::int64_t outputs = outputs_of(name);
  Problem problem{torch::randn({samples, outputs, 7, 6}, torch::kDouble),
                  torch::randint(0, outputs == 1 ? 2 : 3, {samples, 7, 6}, torch::kInt64)};
  problem.target.slice(1, 5).slice(2, 4) = kOutside;
  return problem;
}

// Scores that leave no doubt: +40 for the true class, −40 for the others.
torch::Tensor sure_scores(const torch::Tensor& target, std::int64_t outputs) {
  if (outputs == 1) return ((target == 1).to(torch::kFloat) * 80 - 40).unsqueeze(1);
  std::vector<torch::Tensor> scores;
  for (std::int64_t c = 0; c < outputs; ++c) scores.push_back((target == c).to(torch::kFloat) * 80 - 40);
  return torch::stack(scores, 1);
}

class SegmentationLosses : public testing::TestWithParam<std::string> {
 protected:
  Loss loss = make_segmentation_loss(GetParam());
};

TEST_P(SegmentationLosses, GradientIsThatOfDifferences) {
  const Problem problem = made_problem(GetParam(), 2);
  test::expect_gradient_of_differences([&] { return loss(problem.output, problem.target); },
                                       {problem.output});
}

TEST_P(SegmentationLosses, SamplesAddUp) {
  const Problem problem = made_problem(GetParam());
  const double whole = loss(problem.output, problem.target).item<double>();
  double parts = 0;
  for (std::int64_t i = 0; i < 3; ++i)
    parts += loss(problem.output.narrow(0, i, 1), problem.target.narrow(0, i, 1)).item<double>();
  EXPECT_NEAR(parts, whole, 1e-12);
  EXPECT_GT(whole, 0.1);
}

TEST_P(SegmentationLosses, PixelsOutsideCountNowhere) {
  Problem problem = made_problem(GetParam());
  problem.output.requires_grad_();
  const torch::Tensor value = loss(problem.output, problem.target);
  value.backward();
  const torch::Tensor outside = (problem.target == kOutside).unsqueeze(1).expand_as(problem.output);
  EXPECT_EQ(problem.output.grad().masked_select(outside).abs().max().item<double>(), 0);
  EXPECT_GT(problem.output.grad().abs().max().item<double>(), 0);

  const torch::Tensor other = problem.output.detach().masked_fill(outside, 37.0);
  EXPECT_EQ(loss(other, problem.target).item<double>(), value.item<double>());
}

TEST_P(SegmentationLosses, APictureWithoutPixelsCostsNothing) {
  const Problem problem = made_problem(GetParam());
  const torch::Tensor nothing = torch::full_like(problem.target, kOutside);
  EXPECT_NEAR(loss(problem.output, nothing).item<double>(), 0, 1e-12);
}

TEST_P(SegmentationLosses, APerfectPredictionCostsNothingAndTheOppositeMuch) {
  const std::int64_t outputs = outputs_of(GetParam());
  const Problem problem = made_problem(GetParam());
  EXPECT_NEAR(loss(sure_scores(problem.target, outputs), problem.target).item<double>(), 0, 1e-5);
  EXPECT_GT(loss(-sure_scores(problem.target, outputs), problem.target).item<double>(), 1.0);
}

TEST_P(SegmentationLosses, TakeBfloat16Scores) {
  const Problem problem = made_problem(GetParam());
  const torch::Tensor half = problem.output.to(torch::kBFloat16);
  const torch::Tensor value = loss(half, problem.target);
  EXPECT_EQ(value.scalar_type(), torch::kFloat);
  const double expected = loss(half.to(torch::kDouble), problem.target).item<double>();
  EXPECT_NEAR(value.item<double>(), expected, 1e-5 * std::max(1.0, expected));
}

INSTANTIATE_TEST_SUITE_P(All, SegmentationLosses, testing::ValuesIn(segmentation_losses()),
                         [](const auto& test) { return test.param; });

TEST(SegmentationLoss, FitsTheNumberOfOutputs) {
  EXPECT_THAT(segmentation_losses(1), testing::ElementsAre("bce", "dice", "bce_dice", "focal", "soft_cldice",
                                                           "skeleton_recall", "topology"));
  EXPECT_THAT(segmentation_losses(4), testing::ElementsAre("cross_entropy", "cross_entropy_dice"));
  EXPECT_EQ(segmentation_losses().size(), 9U);
}

TEST(SegmentationLoss, HasTheValuesOfItsFormulas) {
  // p = 3/4 on a true pixel, 1/4 on a false one; a third pixel is none.
  const torch::Tensor output = torch::tensor({{{{std::log(3.0), -std::log(3.0), 5.0}}}});
  const torch::Tensor target = torch::tensor({{{std::int64_t{1}, std::int64_t{0}, kOutside}}});
  const auto value = [&](const std::string& name) {
    return make_segmentation_loss(name)(output, target).item<double>();
  };
  const double bce = -std::log(0.75), dice = 1 - (2 * 0.75 + 1) / (0.75 + 0.25 + 1 + 1);
  EXPECT_NEAR(value("bce"), bce, 1e-6);
  EXPECT_NEAR(value("dice"), dice, 1e-6);
  EXPECT_NEAR(value("bce_dice"), bce + dice, 1e-6);
  // Both pixels are wrong by 1/4; their weights ¼ and ¾ average to ½.
  EXPECT_NEAR(value("focal"), 0.5 * 0.0625 * bce, 1e-6);

  // Two classes of one pixel, even scores: log 2, and each class' Dice 1 − 2/2.5 or 1 − 1/1.5.
  const torch::Tensor even = torch::zeros({1, 2, 1, 1}), first = torch::zeros({1, 1, 1}, torch::kInt64);
  EXPECT_NEAR(make_segmentation_loss("cross_entropy")(even, first).item<double>(), std::log(2.0), 1e-6);
  EXPECT_NEAR(make_segmentation_loss("cross_entropy_dice")(even, first).item<double>(),
              std::log(2.0) + (0.2 + 1 / 3.0) / 2, 1e-6);
}

TEST(SoftSkeleton, OfABandIsItsMiddleLine) {
  torch::Tensor band = torch::zeros({1, 11, 20});
  band.slice(1, 3, 8) = 1;  // rows 3 to 7: half width 2
  torch::Tensor line = torch::zeros_like(band);
  line.slice(1, 5, 6) = 1;
  EXPECT_TRUE(torch::equal(losses::soft_skeleton(band, 3), line));
  EXPECT_EQ(losses::soft_skeleton(band, 1).sum().item<float>(), 0) << "two erosions are needed";
}

// A boundary across the picture, 3 pixels high, in grains of both sides.
torch::Tensor across() {
  torch::Tensor target = torch::zeros({1, 15, 30}, torch::kInt64);
  target.slice(1, 6, 9) = 1;
  return target;
}

// Worth of a prediction that is sure of being `mask`, within what float32 can tell.
double cost(const std::string& name, const torch::Tensor& mask, const torch::Tensor& target) {
  return make_segmentation_loss(name)(sure_scores(mask, 1) / 10, target).item<double>();
}

class ConnectivityLosses : public testing::TestWithParam<std::string> {};

TEST_P(ConnectivityLosses, AGapCostsMoreThanAThickBoundary) {
  const torch::Tensor target = across();
  torch::Tensor broken = target.clone(), thick = target.clone();
  broken.slice(2, 13, 17) = 0;                // 4 · 3 pixels wrong
  thick.slice(1, 9, 10).slice(2, 0, 12) = 1;  // 12 pixels wrong
  ASSERT_EQ((broken - target).abs().sum().item<int>(), (thick - target).abs().sum().item<int>());

  // Cross entropy can not tell them apart; what the losses for connectivity say of the gap is far beyond.
  EXPECT_NEAR(cost("bce", broken, target), cost("bce", thick, target), 1e-5);
  const double gap = cost(GetParam(), broken, target), thickness = cost(GetParam(), thick, target);
  const double of_overlap = cost("bce_dice", broken, target) - cost("bce_dice", thick, target);
  EXPECT_GT(gap - thickness, 0.02 + std::abs(of_overlap));
}

INSTANTIATE_TEST_SUITE_P(All, ConnectivityLosses,
                         testing::Values("soft_cldice", "skeleton_recall", "topology"),
                         [](const auto& test) { return test.param; });

TEST(SkeletonRecallLoss, AddsTheShareOfTheTubeNotFound) {
  const torch::Tensor target = across(), undecided = torch::zeros({1, 1, 15, 30});
  const auto value = [&](const std::string& name) {
    return make_segmentation_loss(name)(undecided, target).item<double>();
  };
  EXPECT_NEAR(value("skeleton_recall") - value("bce_dice"), 0.5, 1e-6);
}

TEST(TopologyLoss, IsCrossEntropyAndDiceWhereNothingIsCritical) {
  const torch::Tensor target = across();
  torch::Tensor thick = target.clone();
  thick.slice(1, 4, 11) = 1;
  EXPECT_DOUBLE_EQ(cost("topology", thick, target), cost("bce_dice", thick, target));
}

TEST(TopologyLoss, WeighsTheCriticalPixels) {
  const torch::Tensor target = across();
  torch::Tensor broken = target.clone();
  broken.slice(2, 13, 17) = 0;
  // The gap is 4 columns wide and 3 rows high: 4 pixels along and 3 across, one of them both, each at a score
  // of 4 for the wrong side.
  const double expected = 5 * 6 * std::log1p(std::exp(4.0)) / (15 * 30);
  EXPECT_NEAR(cost("topology", broken, target) - cost("bce_dice", broken, target), expected, 1e-4);
}

}  // namespace
}  // namespace tessera::train
