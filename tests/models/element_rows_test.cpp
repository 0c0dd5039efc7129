// SPDX-License-Identifier: Apache-2.0
#include "models/element_rows.hpp"

#include <gtest/gtest.h>

#include "models/check_gradient.hpp"

namespace tessera::models {
namespace {

TEST(ElementFeatureTable, HoldsTheBitsOfEachElement) {
  const torch::Tensor table = element_feature_table();

  EXPECT_EQ(table.sizes(), (std::vector<std::int64_t>{101, 92}));
  EXPECT_EQ(table.sum().item<float>(), 850.0F);  // ones in the published file
  EXPECT_EQ(table[0].sum().item<float>(), 0.0F);
  // Hydrogen: group 1, period 1, electronegativity slot 4, no further group bit.
  EXPECT_EQ(table[1][1].item<float>(), 1.0F);
  EXPECT_EQ(table[1][19].item<float>(), 1.0F);
  EXPECT_EQ(table[1][26 + 4].item<float>(), 1.0F);
  EXPECT_EQ(table[1].sum().item<float>(), 9.0F);
}

TEST(MeanOfRows, IsTheMeanOfTheNamedRows) {
  torch::manual_seed(1);
  const torch::Tensor table = torch::randn({5, 7});
  const torch::Tensor index = torch::randint(0, 5, {20, 3});

  const torch::Tensor mean = mean_of_rows(table, index);

  const torch::Tensor expected = table.index_select(0, index.view(-1)).view({20, 3, 7}).mean(1);
  EXPECT_TRUE(torch::allclose(mean, expected, 1e-6, 1e-6));
}

TEST(MeanOfRows, ALinearMapOfTheTableIsTheLinearMapOfTheMean) {
  torch::manual_seed(2);
  const torch::Tensor table = element_feature_table();
  torch::nn::Linear linear(92, 92);
  const torch::Tensor index = torch::randint(1, 101, {50, 3});

  EXPECT_TRUE(
      torch::allclose(mean_of_rows(linear(table), index), linear(mean_of_rows(table, index)), 1e-5, 1e-6));
}

TEST(MeanOfRows, GradientIsThatOfDifferences) {
  torch::manual_seed(3);
  torch::Tensor table = torch::randn({4, 3}, torch::kDouble);
  const torch::Tensor index = torch::tensor(std::vector<std::int64_t>{0, 0, 2, 1, 2, 0}).view({2, 3});

  test::expect_gradient_of_differences([&] { return mean_of_rows(table, index); }, {table});
}

}  // namespace
}  // namespace tessera::models
