// SPDX-License-Identifier: Apache-2.0
#include "models/face_rotate_convolution.hpp"

#include <gtest/gtest.h>

#include "models/check_gradient.hpp"

namespace tessera::models {
namespace {

torch::Tensor reordered(const torch::Tensor& corners, std::vector<std::int64_t> order) {
  return corners.view({-1, 3, 3}).index_select(1, torch::tensor(order)).reshape({-1, 9});
}

class FaceRotateConvolutionTest : public testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(11); }
  torch::Tensor corners_ = torch::randn({30, 9});
};

TEST_F(FaceRotateConvolutionTest, ForgetsWhichCornerIsFirst) {
  for (const bool training : {true, false}) {
    FaceRotateConvolution convolution;
    convolution->train(training);
    // One face turned, the others not: batch statistics must not tell either.
    torch::Tensor turned = corners_.clone();
    turned.narrow(0, 4, 1).copy_(reordered(corners_.narrow(0, 4, 1), {1, 2, 0}));

    const torch::Tensor features = convolution(corners_);

    EXPECT_EQ(features.sizes(), (std::vector<std::int64_t>{30, 64}));
    EXPECT_TRUE(torch::allclose(features, convolution(reordered(corners_, {2, 0, 1})), 1e-4, 1e-5));
    EXPECT_TRUE(torch::allclose(features, convolution(turned), 1e-4, 1e-5));
  }
}

TEST_F(FaceRotateConvolutionTest, TellsAReversedFaceUnlessSymmetric) {
  FaceRotateConvolution published(false), symmetric(true);
  published->eval();
  symmetric->eval();
  const torch::Tensor reversed = reordered(corners_, {1, 0, 2});

  EXPECT_FALSE(torch::allclose(published(corners_), published(reversed), 1e-3, 1e-3));
  EXPECT_TRUE(torch::allclose(symmetric(corners_), symmetric(reversed), 1e-5, 1e-6));
}

TEST_F(FaceRotateConvolutionTest, IsTheLayersAppliedToEachPair) {
  FaceRotateConvolution convolution;
  convolution->eval();
  const auto layers = [&](const std::string& name, torch::Tensor rows) {
    const auto parameters = convolution->named_parameters();
    const auto buffers = convolution->named_buffers();
    for (const std::string& layer : {name + ".0.", name + ".1."})
      rows = torch::relu(torch::batch_norm(
          torch::linear(rows, parameters[layer + "linear.weight"], parameters[layer + "linear.bias"]),
          parameters[layer + "norm.weight"], parameters[layer + "norm.bias"],
          buffers[layer + "norm.running_mean"], buffers[layer + "norm.running_var"], false, 0.1, 1e-5,
          false));
    return rows;
  };
  const torch::Tensor a = corners_.narrow(1, 0, 3), b = corners_.narrow(1, 3, 3),
                      c = corners_.narrow(1, 6, 3);

  const torch::Tensor mean =
      (layers("rotate", torch::cat({a, b}, 1)) + layers("rotate", torch::cat({b, c}, 1)) +
       layers("rotate", torch::cat({c, a}, 1))) /
      3;

  EXPECT_TRUE(torch::allclose(convolution(corners_), layers("fusion", mean), 1e-5, 1e-6));
}

TEST_F(FaceRotateConvolutionTest, GradientIsThatOfDifferences) {
  FaceRotateConvolution convolution;
  convolution->to(torch::kDouble);
  torch::Tensor corners = torch::randn({3, 9}, torch::kDouble);

  test::expect_gradient_of_differences([&] { return convolution(corners); }, {corners});
}

}  // namespace
}  // namespace tessera::models
