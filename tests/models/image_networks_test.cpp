// SPDX-License-Identifier: Apache-2.0
// What every segmentation network promises, the sizes of the published ones, and the passes they are made of.
#include <ATen/autocast_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "core/config.hpp"
#include "core/error.hpp"
#include "models/check_gradient.hpp"
#include "models/factory.hpp"
#include "models/row_batch_norm.hpp"
#include "models/skip_pool.hpp"
#include "models/up_convolution.hpp"
#include "models/xception.hpp"
#include "support/expect_error.hpp"

namespace tessera::models {
namespace {

using testing::HasSubstr;

const auto kDouble = torch::TensorOptions(torch::kDouble);

std::shared_ptr<Network> network_of(const std::string& model, std::int64_t outputs = 1) {
  torch::manual_seed(21);
  auto config = core::Config::from_text("[model]\n" + model, "model.toml");
  return make_network(config.table("model"), outputs);
}

std::int64_t num_parameters(const std::string& model, std::int64_t outputs = 1) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network_of(model, outputs)->parameters()) count += parameter.numel();
  return count;
}

// Noise, each image of its own brightness and contrast: means over whole images would else hardly differ, and
// normalising them would blow up rounding.
Batch images(std::int64_t samples, std::int64_t height, std::int64_t width) {
  Batch batch;
  batch.num_samples = samples;
  const torch::Tensor contrast = torch::arange(1, samples + 1).view({-1, 1, 1, 1});
  batch.images.grey = contrast * (torch::randn({samples, 1, height, width}) + contrast - 1);
  return batch;
}

Batch only(const Batch& batch, std::int64_t sample) {
  Batch one;
  one.num_samples = 1;
  one.images.grey = batch.images.grey.narrow(0, sample, 1);
  return one;
}

// Running statistics that are those of the batch, so that evaluation sees what training would.
void warm_up(Network& network, const Batch& batch) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : network.modules())
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->options.momentum(1.0);
  network.train();
  network.forward(batch);
  network.eval();
}

// The largest difference, in units of the expected values' spread.
double distance(const torch::Tensor& result, const torch::Tensor& expected) {
  return ((result - expected).abs().max() / expected.std()).item<double>();
}

const std::string kUnet = "name = \"residual_unet\"\n";
const std::string kMobile = "name = \"deeplabv3plus\"\nbackbone = \"mobilenet_v2\"\n";
const std::string kSmallUnet = kUnet + "depth = 3\nlayer = 4\nbase_width = 4\n";

class ImageNetworks : public testing::TestWithParam<std::string> {};

TEST_P(ImageNetworks, GiveEveryPixelItsOutputs) {
  for (const std::int64_t outputs : {1, 3}) {
    const auto network = network_of(GetParam(), outputs);
    const torch::Tensor result = network->forward(images(2, 37, 50));

    EXPECT_EQ(result.sizes(), (std::vector<std::int64_t>{2, outputs, 37, 50}));
    EXPECT_TRUE(torch::isfinite(result).all().item<bool>());
  }
}

TEST_P(ImageNetworks, SeeEachSampleOfABatchAsIfAlone) {
  const auto network = network_of(GetParam());
  const Batch batch = images(3, 32, 48);
  warm_up(*network, batch);

  const torch::Tensor together = network->forward(batch);

  for (std::int64_t i = 0; i < 3; ++i)
    EXPECT_LT(distance(network->forward(only(batch, i))[0], together[i]), 1e-3);
  EXPECT_GT((together[0] - together[1]).abs().max().item<float>(), 1e-3F);
}

TEST_P(ImageNetworks, GiveEveryParameterAGradient) {
  const auto network = network_of(GetParam());
  network->forward(images(2, 32, 32)).square().sum().backward();

  for (const auto& parameter : network->named_parameters()) {
    const torch::Tensor& gradient = parameter.value().grad();
    ASSERT_TRUE(gradient.defined()) << parameter.key();
    EXPECT_TRUE(torch::isfinite(gradient).all().item<bool>()) << parameter.key();
  }
}

// Of the U-Nets alone: through the 50 normalised layers of an untrained MobileNetV2 rounding grows, layer by
// layer, from 0.005 to half the signal.
class ResidualUnets : public testing::TestWithParam<std::string> {};

TEST_P(ResidualUnets, StayCloseToThemselvesInBfloat16) {
  const auto network = network_of(GetParam());
  const Batch batch = images(2, 32, 32);
  warm_up(*network, batch);

  const torch::Tensor expected = network->forward(batch);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const torch::Tensor result = network->forward(batch);
  result.to(torch::kFloat).sum().backward();
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCPU, false);

  EXPECT_FALSE(torch::equal(result.to(torch::kFloat), expected)) << "nothing was computed in bfloat16";
  // 8 bits of mantissa through tens of layers: in the mean, as single pixels lie at a ReLU's corner.
  const torch::Tensor difference = result.to(torch::kFloat) - expected;
  EXPECT_LT(difference.norm().item<float>(), 0.15 * (expected - expected.mean()).norm().item<float>());
}

TEST_P(ImageNetworks, TrainedOnOneBatchLowerItsLoss) {
  const auto network = network_of(GetParam());
  Batch batch = images(2, 32, 32);
  torch::Tensor target = torch::zeros({2, 1, 32, 32});
  target[0].slice(2, 0, 16) = 1;
  target[1].slice(2, 16) = 1;
  batch.images.grey += 2 * target;  // the class is the brighter half
  torch::optim::Adam optimizer(network->parameters(), torch::optim::AdamOptions(3e-3));
  double first = 0, last = 0;
  for (int step = 0; step < 25; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss = torch::binary_cross_entropy_with_logits(network->forward(batch), target);
    loss.backward();
    optimizer.step();
    (step == 0 ? first : last) = loss.item<double>();
  }
  EXPECT_LT(last, 0.85 * first);
}

std::string name_of(const testing::TestParamInfo<std::string>& test) {
  const std::array<std::string, 4> names{"Added", "Concatenated", "NotSkipped", "MobileNet"};
  return names[test.index];
}

const std::vector<std::string> kUnets{kSmallUnet, kSmallUnet + "skip = \"concatenate\"\nnorm = \"group\"\n",
                                      kSmallUnet + "skip = \"none\"\nnorm = \"instance\"\n"};
INSTANTIATE_TEST_SUITE_P(All, ImageNetworks, testing::Values(kUnets[0], kUnets[1], kUnets[2], kMobile),
                         name_of);
INSTANTIATE_TEST_SUITE_P(All, ResidualUnets, testing::ValuesIn(kUnets), name_of);

TEST(ResidualUnet, HasThePublishedNumberOfParameters) {
  EXPECT_EQ(num_parameters(kUnet), 189137);
  EXPECT_EQ(num_parameters(kUnet + "layer = 3\n"), 444833);
  EXPECT_EQ(num_parameters(kUnet + "depth = 5\nlayer = 7\n"), 5721889);
}

TEST(ResidualUnet, NamesItsWeightsForGood) {
  std::set<std::string> names;
  for (const auto& parameter : network_of(kUnet + "depth = 2\nlayer = 3\n")->named_parameters())
    names.insert(parameter.key());
  EXPECT_EQ(names, (std::set<std::string>{"encoder.0.convs.0.conv.weight",
                                          "encoder.0.convs.0.norm.weight",
                                          "encoder.0.convs.0.norm.bias",
                                          "encoder.0.convs.1.conv.weight",
                                          "encoder.0.convs.1.norm.weight",
                                          "encoder.0.convs.1.norm.bias",
                                          "encoder.0.projection.weight",
                                          "encoder.1.convs.0.conv.weight",
                                          "encoder.1.convs.0.norm.weight",
                                          "encoder.1.convs.0.norm.bias",
                                          "encoder.1.convs.1.conv.weight",
                                          "encoder.1.convs.1.norm.weight",
                                          "encoder.1.convs.1.norm.bias",
                                          "encoder.1.projection.weight",
                                          "up.0.weight",
                                          "up.0.bias",
                                          "decoder.0.convs.0.conv.weight",
                                          "decoder.0.convs.0.norm.weight",
                                          "decoder.0.convs.0.norm.bias",
                                          "decoder.0.convs.1.conv.weight",
                                          "decoder.0.convs.1.norm.weight",
                                          "decoder.0.convs.1.norm.bias",
                                          "head.weight",
                                          "head.bias"}));
}

TEST(ResidualUnet, ContinuesAnImageByReflection) {
  const auto network = network_of(kSmallUnet);  // three levels: multiples of 4
  const Batch odd = images(1, 5, 6);
  warm_up(*network, images(2, 16, 16));
  const torch::Tensor rows = torch::tensor({0, 1, 2, 3, 4, 3, 2, 1}),
                      columns = torch::tensor({0, 1, 2, 3, 4, 5, 4, 3});
  Batch whole = odd;
  whole.images.grey = odd.images.grey.index_select(2, rows).index_select(3, columns);

  const torch::Tensor expected = network->forward(whole).slice(2, 0, 5).slice(3, 0, 6);

  EXPECT_TRUE(torch::allclose(network->forward(odd), expected, 1e-4, 1e-5));
  EXPECT_EQ(network->forward(images(1, 1, 2)).sizes(), (std::vector<std::int64_t>{1, 1, 1, 2}));
}

TEST(ResidualUnet, SkipsMatter) {
  Batch batch = images(1, 16, 16);
  const auto added = network_of(kSmallUnet), none = network_of(kSmallUnet + "skip = \"none\"\n");
  EXPECT_FALSE(torch::allclose(added->forward(batch), none->forward(batch), 1e-3, 1e-3));
  EXPECT_GT(num_parameters(kSmallUnet + "skip = \"concatenate\"\n"), num_parameters(kSmallUnet));
}

TEST(ResidualUnet, RefusesWhatItCannotBe) {
  const auto message = [](const std::string& setting) {
    return test::message_of<core::InputError>([&] { network_of(kUnet + setting); });
  };
  EXPECT_THAT(message("depth = 6\n"), HasSubstr("model.depth must be 2 to 5, got 6 (model.toml:3)"));
  EXPECT_THAT(message("layer = 1\n"), HasSubstr("model.layer must be 2 to 7, got 1"));
  EXPECT_THAT(message("skip = \"ad\"\n"), HasSubstr("Did you mean add?"));
}

TEST(DeepLabV3Plus, HasThePublishedNumberOfParameters) {
  EXPECT_EQ(num_parameters("name = \"deeplabv3plus\"\n"), 41050273);
  EXPECT_EQ(num_parameters(kMobile), 2108417);
}

TEST(DeepLabV3Plus, XceptionKeepsAFinerMapAtOutputStride8) {
  const std::string model = "name = \"deeplabv3plus\"\noutput_stride = ";
  const Batch batch = images(1, 33, 64);
  for (const std::string stride : {"16\n", "8\n"}) {
    const auto network = network_of(model + stride);
    network->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor result = network->forward(batch);
    EXPECT_EQ(result.sizes(), (std::vector<std::int64_t>{1, 1, 33, 64}));
    EXPECT_TRUE(torch::isfinite(result).all().item<bool>());
  }
  EXPECT_THAT(test::message_of<core::InputError>([&] { network_of(model + "4\n"); }),
              HasSubstr("model.output_stride must be 16 or 8, got 4 (model.toml:3)"));
  EXPECT_THAT(test::message_of<core::InputError>([&] { network_of(kMobile + "output_stride = 16\n"); }),
              HasSubstr("must be 8 with the backbone mobilenet_v2, got 16"));
}

TEST(Xception, HasMapsOfTheAskedStrides) {
  const torch::NoGradGuard no_grad;
  for (const std::int64_t stride : {16, 8}) {
    Xception backbone(stride);
    backbone->eval();
    const auto maps = backbone(torch::randn({1, 3, 64, 32}));
    EXPECT_EQ(maps.fine.sizes(), (std::vector<std::int64_t>{1, 256, 16, 8}));
    EXPECT_EQ(maps.out.sizes(), (std::vector<std::int64_t>{1, 2048, 64 / stride, 32 / stride}));
  }
}

// A pass of ours and LibTorch's own operations give the same values and gradients of every input.
void expect_same(const std::function<torch::Tensor()>& ours, const std::function<torch::Tensor()>& theirs,
                 const std::vector<torch::Tensor>& inputs) {
  const torch::Tensor result = ours(), expected = theirs();
  ASSERT_TRUE(torch::allclose(result, expected, 1e-4, 1e-5));
  const torch::Tensor projection = torch::randn_like(expected);
  const auto gradients = torch::autograd::grad({(result * projection).sum()}, inputs);
  const auto reference = torch::autograd::grad({(expected * projection).sum()}, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    EXPECT_TRUE(torch::allclose(gradients[i], reference[i], 1e-3, 1e-4)) << "input " << i;
}

class PixelBatchNorm : public testing::TestWithParam<std::tuple<Activation, bool, std::int64_t>> {};

TEST_P(PixelBatchNorm, WithSkipAndActivationIsLibTorchsModules) {
  torch::manual_seed(5);
  const auto [activation, has_skip, channels] = GetParam();
  torch::nn::BatchNorm2d norm(channels), reference(channels);
  {
    const torch::NoGradGuard no_grad;
    for (auto& n : {norm, reference}) n->weight.copy_(torch::linspace(-2, 3, channels));
  }
  const torch::Tensor x = (3 * torch::randn({2, channels, 6, 8}) + 1)
                              .contiguous(torch::MemoryFormat::ChannelsLast)
                              .requires_grad_();
  const torch::Tensor skip = has_skip ? torch::randn_like(x).requires_grad_() : torch::Tensor();
  std::vector<torch::Tensor> inputs{x};
  if (has_skip) inputs.push_back(skip);
  for (const bool training : {true, false}) {
    norm->train(training);
    reference->train(training);
    expect_same([&] { return batch_norm_pixels(x, *norm, activation, skip); },
                [&] { return activated(has_skip ? reference(x) + skip : reference(x), activation); }, inputs);
  }
  EXPECT_TRUE(torch::allclose(norm->running_mean, reference->running_mean, 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(norm->running_var, reference->running_var, 1e-5, 1e-6));
  EXPECT_EQ(norm->num_batches_tracked.item<int>(), 1);
}

TEST_P(PixelBatchNorm, Bfloat16StaysCloseToFloat32) {
  torch::manual_seed(5);
  const auto [activation, has_skip, channels] = GetParam();
  torch::nn::BatchNorm2d norm(channels);
  const auto both = [&](const torch::Tensor& values) {
    const torch::Tensor half = values.to(torch::kBFloat16).contiguous(torch::MemoryFormat::ChannelsLast);
    return std::pair(half.requires_grad_(), half.detach().to(torch::kFloat).requires_grad_());
  };
  const auto [half, full] = both(3 * torch::randn({2, channels, 6, 8}));
  const auto [half_skip, full_skip] = both(torch::randn({2, channels, 6, 8}));

  const torch::Tensor result =
      batch_norm_pixels(half, *norm, activation, has_skip ? half_skip : torch::Tensor());
  const torch::Tensor expected =
      batch_norm_pixels(full, *norm, activation, has_skip ? full_skip : torch::Tensor());
  const torch::Tensor projection = torch::randn_like(expected);
  (result * projection).sum().backward();
  (expected * projection).sum().backward();

  EXPECT_EQ(result.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::allclose(result.to(torch::kFloat), expected, 0.01, 0.01));
  // In the mean: at the activation's corners single pixels change sides.
  const torch::Tensor difference = half.grad().to(torch::kFloat) - full.grad();
  EXPECT_LT(difference.norm().item<float>(), 0.05F * full.grad().norm().item<float>());
  if (has_skip) {
    const torch::Tensor of_skip = half_skip.grad().to(torch::kFloat) - full_skip.grad();
    EXPECT_LT(of_skip.norm().item<float>(), 0.05F * full_skip.grad().norm().item<float>());
  }
}

// 16 channels go through the walk of several pixels abreast, 3 too, 130 do not.
INSTANTIATE_TEST_SUITE_P(All, PixelBatchNorm,
                         testing::Combine(testing::Values(Activation::None, Activation::Relu,
                                                          Activation::Relu6),
                                          testing::Bool(), testing::Values(3, 16, 130)));

TEST(PixelBatchNorm, GradientsAreThoseOfDifferences) {
  torch::manual_seed(6);
  torch::nn::BatchNorm2d norm(2);
  norm->to(torch::kDouble);
  torch::Tensor x = torch::randn({2, 3, 2, 2}, kDouble).permute({0, 3, 1, 2}).detach();
  x = x.contiguous();
  const torch::Tensor skip = torch::randn({2, 2, 3, 2}, kDouble);
  test::expect_gradient_of_differences(
      [&] { return batch_norm_pixels(x, *norm, Activation::Relu, skip).contiguous(); },
      {x, skip, norm->weight, norm->bias});
}

TEST(PixelBatchNorm, OneImageOfManyPixelsHasStatistics) {
  torch::nn::BatchNorm2d norm(2), reference(2);
  const torch::Tensor x = torch::randn({1, 2, 4, 4}) + 5;
  EXPECT_TRUE(torch::allclose(batch_norm_pixels(x, *norm, Activation::None), reference(x), 1e-4, 1e-5));
  // One pixel has none: the running ones serve.
  const torch::Tensor pixel = torch::randn({1, 2, 1, 1});
  norm->eval();
  const torch::Tensor expected = batch_norm_pixels(pixel, *norm, Activation::None);
  norm->train();
  EXPECT_TRUE(torch::equal(batch_norm_pixels(pixel, *norm, Activation::None), expected));
}

TEST(UpConvolution, IsLibTorchsTransposedConvolution) {
  torch::manual_seed(7);
  torch::nn::ConvTranspose2d layer(torch::nn::ConvTranspose2dOptions(6, 5, 2).stride(2));
  const torch::Tensor x =
      torch::randn({2, 6, 3, 4}).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_();
  expect_same([&] { return up_convolution(x, *layer); }, [&] { return layer(x); },
              {x, layer->weight, layer->bias});
}

TEST(SkipAndPool, IsLibTorchsMaximumAndTheImageItself) {
  torch::manual_seed(8);
  // Few values, hence ties: of equal pixels the first in reading order counts, as in LibTorch.
  const torch::Tensor x = torch::randint(0, 3, {2, 5, 6, 4}, torch::kFloat)
                              .contiguous(torch::MemoryFormat::ChannelsLast)
                              .requires_grad_();
  const torch::Tensor a = torch::randn({2, 5, 6, 4}), b = torch::randn({2, 5, 3, 2});
  for (const double of_skip : {0.0, 1.0})
    expect_same(
        [&] {
          const auto [map, pooled] = skip_and_pool(x);
          return of_skip > 0 ? torch::cat({(map * a).flatten(), (pooled * b).flatten()})
                             : (pooled * b).flatten();
        },
        [&] {
          const torch::Tensor pooled = torch::max_pool2d(x, 2);
          return of_skip > 0 ? torch::cat({(x * a).flatten(), (pooled * b).flatten()})
                             : (pooled * b).flatten();
        },
        {x});
}

}  // namespace
}  // namespace tessera::models
