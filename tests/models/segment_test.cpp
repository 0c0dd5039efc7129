// SPDX-License-Identifier: Apache-2.0
#include "models/segment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "models/check_gradient.hpp"
#include "support/expect_error.hpp"

namespace tessera::models {
namespace {

using testing::HasSubstr;

const auto kDouble = torch::TensorOptions(torch::kDouble);

torch::Tensor segments(std::initializer_list<std::int64_t> values) {
  return torch::tensor(std::vector<std::int64_t>(values));
}

TEST(Segment, ReducesEachSamplesRows) {
  const torch::Tensor rows = torch::tensor({{1.0, 5.0}, {3.0, -1.0}, {2.0, 2.0}});
  const torch::Tensor segment = segments({0, 0, 2});

  EXPECT_TRUE(
      torch::equal(segment_sum(rows, segment, 3), torch::tensor({{4.0, 4.0}, {0.0, 0.0}, {2.0, 2.0}})));
  EXPECT_TRUE(
      torch::equal(segment_mean(rows, segment, 3), torch::tensor({{2.0, 2.0}, {0.0, 0.0}, {2.0, 2.0}})));
  EXPECT_TRUE(
      torch::equal(segment_max(rows, segment, 3), torch::tensor({{3.0, 5.0}, {0.0, 0.0}, {2.0, 2.0}})));
}

TEST(Segment, AgreesWithALoopOverSamples) {
  torch::manual_seed(1);
  const torch::Tensor rows = torch::randn({200, 33});
  const torch::Tensor segment = std::get<0>(torch::randint(0, 17, {200}).sort());

  const torch::Tensor sum = segment_sum(rows, segment, 17), mean = segment_mean(rows, segment, 17),
                      max = segment_max(rows, segment, 17);

  for (std::int64_t s = 0; s < 17; ++s) {
    const torch::Tensor own = rows.index({segment == s});
    if (own.size(0) == 0) continue;
    EXPECT_TRUE(torch::allclose(sum[s], own.sum(0), 1e-5, 1e-5));
    EXPECT_TRUE(torch::allclose(mean[s], own.mean(0), 1e-5, 1e-5));
    EXPECT_TRUE(torch::equal(max[s], std::get<0>(own.max(0))));
  }
}

TEST(Segment, GradientsAreThoseOfDifferences) {
  torch::manual_seed(2);
  const torch::Tensor segment = segments({0, 0, 0, 1, 3, 3});
  torch::Tensor rows = torch::randn({6, 3}, kDouble);

  test::expect_gradient_of_differences([&] { return segment_sum(rows, segment, 4); }, {rows});
  test::expect_gradient_of_differences([&] { return segment_mean(rows, segment, 4); }, {rows});
  test::expect_gradient_of_differences([&] { return segment_max(rows, segment, 4); }, {rows});
}

TEST(Segment, FirstOfEqualMaximaTakesTheGradient) {
  torch::Tensor rows = torch::tensor({{1.0}, {2.0}, {2.0}, {7.0}}).requires_grad_(true);

  segment_max(rows, segments({0, 0, 0, 1}), 2).sum().backward();

  EXPECT_TRUE(torch::equal(rows.grad(), torch::tensor({{0.0}, {1.0}, {0.0}, {1.0}})));
}

TEST(Segment, ANanIsTheMaximumWhereverItStands) {
  std::vector<torch::Device> devices{torch::kCPU};
  if (torch::cuda::is_available()) devices.emplace_back(torch::kCUDA);
  const float nan = std::nanf("");
  for (const auto& device : devices)
    for (const auto type : {torch::kFloat, torch::kDouble}) {
      torch::Tensor rows =
          torch::tensor({{nan, 1.0F}, {2.0F, nan}, {3.0F, 3.0F}, {4.0F, 4.0F}}).to(device, type);
      rows.requires_grad_(true);

      const torch::Tensor max = segment_max(rows, segments({0, 0, 0, 1}).to(device), 2);
      max.sum().backward();

      EXPECT_TRUE(max[0].isnan().all().item<bool>()) << device << max;
      EXPECT_EQ(max[1][0].item<float>(), 4.0F);
      EXPECT_EQ(rows.grad()[0][0].item<float>(), 1.0F);
      EXPECT_EQ(rows.grad()[1][1].item<float>(), 1.0F);
    }
}

TEST(Segment, KeepsBfloat16ButAddsInFloat32) {
  const torch::Tensor rows = torch::full({1000, 2}, 1.0, torch::kBFloat16).requires_grad_(true);

  const torch::Tensor sum = segment_sum(rows, torch::zeros(1000, torch::kLong), 1);
  sum.sum().backward();

  EXPECT_EQ(sum.scalar_type(), torch::kBFloat16);
  EXPECT_EQ(sum[0][0].item<float>(), 1000.0F);  // adding ones in bfloat16 stops at 256
  EXPECT_EQ(rows.grad().scalar_type(), torch::kBFloat16);
}

TEST(Segment, ToleratesABatchWithoutRows) {
  torch::Tensor rows = torch::zeros({0, 2}).requires_grad_(true);

  const torch::Tensor max = segment_max(rows, torch::zeros(0, torch::kLong), 2);
  max.sum().backward();

  EXPECT_TRUE(torch::equal(max, torch::zeros({2, 2})));
  EXPECT_EQ(rows.grad().size(0), 0);
}

TEST(Segment, RefusesSegmentsThatDoNotRise) {
  const torch::Tensor rows = torch::ones({3, 1});

  EXPECT_THAT(test::message_of<core::InternalError>([&] {
                segment_sum(rows, segments({0, 1, 0}), 2);
              }),
              HasSubstr("segments must rise within 0 to 1, got 0 after 1"));
  EXPECT_THAT(test::message_of<core::InternalError>([&] {
                segment_sum(rows, segments({0, 1, 2}), 2);
              }),
              HasSubstr("got 2 after 1"));
}

}  // namespace
}  // namespace tessera::models
