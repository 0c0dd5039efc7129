// SPDX-License-Identifier: Apache-2.0
// RCFNet's published size, its parts against the same written out plainly, and that it learns.
#include "models/rcfnet/rcfnet.hpp"

#include <ATen/autocast_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "models/factory.hpp"
#include "models/grad_cam.hpp"
#include "models/rcfnet/merge_module.hpp"
#include "support/expect_error.hpp"

namespace tessera::models {
namespace {

using testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

const std::string kSmall = "width = 0.125\ninput = 64\n";
const std::string kReleased = "form = \"released\"\n";

std::shared_ptr<FeatureMapNetwork> network_of(const std::string& model, std::int64_t outputs = 1) {
  torch::manual_seed(21);
  auto config = core::Config::from_text("[model]\nname = \"rcfnet\"\n" + model, "model.toml");
  const auto network = make_network(config.table("model"), outputs);
  config.refuse_unknown();
  return std::dynamic_pointer_cast<FeatureMapNetwork>(network);
}

Batch images(std::int64_t samples, std::int64_t height, std::int64_t width) {
  Batch batch;
  batch.num_samples = samples;
  batch.images.grey = torch::randn({samples, 1, height, width});
  return batch;
}

std::int64_t num_parameters(const torch::nn::Module& module, bool only_idle = false) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : module.parameters())
    if (!only_idle || !parameter.requires_grad()) count += parameter.numel();
  return count;
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// A module's tensors by name, and the plain operations of LibTorch on them, in evaluation.
class Plain {
 public:
  explicit Plain(const torch::nn::Module& module)
      : parameters_(module.named_parameters()), buffers_(module.named_buffers()) {}

  torch::Tensor operator[](const std::string& name) const { return parameters_[name]; }

  torch::Tensor conv(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor weight = parameters_[name + ".weight"];
    const torch::Tensor* bias = parameters_.find(name + ".bias");
    return torch::conv2d(x, weight, bias ? *bias : torch::Tensor(), 1, weight.size(2) / 2);
  }
  torch::Tensor norm(const std::string& name, const torch::Tensor& x) const {
    return torch::batch_norm(x, parameters_[name + ".weight"], parameters_[name + ".bias"],
                             buffers_[name + ".running_mean"], buffers_[name + ".running_var"], false, 0,
                             1e-5, false);
  }
  torch::Tensor conv_norm(const std::string& name, const torch::Tensor& x) const {
    return norm(name + ".norm", conv(name + ".conv", x));
  }

 private:
  torch::OrderedDict<std::string, torch::Tensor> parameters_, buffers_;
};

// Nothing is 0, 1 or empty that could be forgotten.
void fill_at_random(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : module.parameters()) parameter.normal_(0.1, 0.3);
  for (const auto& buffer : module.named_buffers())
    if (buffer.key().ends_with("running_mean") || buffer.key().ends_with("running_var"))
      buffer.value().uniform_(0.5, 1.5);
}

class RcfNetForms : public testing::TestWithParam<RcfNetForm> {
 protected:
  bool is_released() const { return GetParam() == RcfNetForm::Released; }
  std::string form() const { return is_released() ? kReleased : ""; }
};

INSTANTIATE_TEST_SUITE_P(All, RcfNetForms, testing::Values(RcfNetForm::Repaired, RcfNetForm::Released),
                         [](const auto& test) {
                           return test.param == RcfNetForm::Released ? "Released" : "Repaired";
                         });

// As coded: 18.83 M in BoT-50, 2.09 M in what it is drawn off through, 27.82 M in ConvNeXt-T, 44.01 M in the
// merges; of all that 14.19 M idle.
TEST(RcfNet, HasThePublishedNumberOfParameters) {
  const auto network = network_of(kReleased);
  const auto parts = network->named_children();

  EXPECT_EQ(num_parameters(*network), 92'746'796);
  EXPECT_EQ(num_parameters(*network, /*only_idle=*/true), 14'194'689);
  EXPECT_EQ(num_parameters(*parts["global"]), 18'826'560 + 2'090'400 + 2049);
  EXPECT_EQ(num_parameters(*parts["global"]->named_children()["lateral"]), 2'090'400);
  EXPECT_EQ(num_parameters(*parts["local"]), 27'818'592);
  EXPECT_EQ(num_parameters(*parts["merges"]), 44'006'890);
}

TEST(RcfNet, RepairedHasNoIdleParameters) {
  // 3840 biases less in shortcuts, 4608 in attention and 7104 in merges, all in front of a norm or a softmax.
  const auto network = network_of("");
  EXPECT_EQ(num_parameters(*network), 92'746'796 - 14'194'689 - 3840 - 4608 - 7104);
  EXPECT_EQ(num_parameters(*network, /*only_idle=*/true), 0);
}

TEST_P(RcfNetForms, GivesAnImageItsValues) {
  for (const std::int64_t outputs : {1, 3}) {
    const auto network = network_of(form() + kSmall, outputs);
    const Batch batch = images(2, 64, 64);

    EXPECT_EQ(network->feature_map(batch).sizes(), (Shape{2, 128, 2, 2}));
    const torch::Tensor result = network->forward(batch);
    EXPECT_EQ(result.sizes(), (Shape{2, outputs}));
    EXPECT_TRUE(torch::isfinite(result).all().item<bool>());
    EXPECT_FALSE(network->is_of_pixels());
  }
}

TEST_P(RcfNetForms, BranchesHaveMapsOfFourResolutions) {
  const torch::Tensor pixels = torch::randn({1, 3, 96, 96});
  BotnetBranch global(BotnetBranchImpl::Options{8, {16, 24, 32, 40}, 96, GetParam()});
  ConvNextBranch local(std::array<std::int64_t, 4>{16, 24, 32, 40}, 0.0);

  const auto global_maps = global(pixels), local_maps = local(pixels);

  for (std::int64_t i = 0; i < 4; ++i) {
    const Shape expected{1, 16 + 8 * i, 24 >> i, 24 >> i};
    EXPECT_EQ(global_maps[i].sizes(), expected);
    EXPECT_EQ(local_maps[i].sizes(), expected);
  }
}

TEST_P(RcfNetForms, GivesEveryParameterInUseAGradient) {
  const auto network = network_of(form() + "width = 0.25\ninput = 64\n");
  network->forward(images(4, 64, 64)).square().sum().backward();

  for (const auto& parameter : network->named_parameters()) {
    const torch::Tensor& gradient = parameter.value().grad();
    const bool is_idle = parameter.key().find("idle") != std::string::npos;
    ASSERT_EQ(parameter.value().requires_grad(), !is_idle) << parameter.key();
    ASSERT_EQ(gradient.defined(), !is_idle) << parameter.key();
    if (is_idle) continue;
    EXPECT_TRUE(torch::isfinite(gradient).all().item<bool>()) << parameter.key();
    EXPECT_GT(gradient.abs().max().item<double>(), 0) << parameter.key();
  }
}

TEST_P(RcfNetForms, DividesItsInputsOnceMoreIfReleased) {
  const auto network = network_of(form() + kSmall);
  const Batch batch = images(2, 64, 64);
  network->forward(batch);

  const torch::Tensor weight = network->named_parameters()["global.stem.conv.weight"];
  const torch::Tensor pixels = batch.images.grey.expand({-1, 3, -1, -1});
  const torch::Tensor seen = torch::conv2d(pixels, weight, {}, 2, 3) / (is_released() ? 255 : 1);
  const torch::Tensor expected = 0.1 * seen.mean({0, 2, 3});  // by the norm's momentum
  const torch::Tensor running = network->named_buffers()["global.stem.norm.running_mean"];
  EXPECT_LT(largest_difference(running, expected), 1e-4 * expected.abs().max().item<double>());
}

TEST_P(RcfNetForms, BeginsWithTheDeviationsOfItsForm) {
  const auto network = network_of(form() + "width = 0.5\n");
  const auto parameters = network->named_parameters();
  const auto deviation = [&](const std::string& name) { return parameters[name].std().item<double>(); };

  EXPECT_NEAR(deviation("local.shrink.2.1.weight"), is_released() ? 0.2 : 0.02, 1e-3);
  EXPECT_NEAR(deviation("local.stages.3.0.widen.weight"), 0.02, 1e-3);
  EXPECT_NEAR(deviation("global.stages.3.0.attention.row"), is_released() ? 1 : std::sqrt(1.0 / 64), 0.03);
  const double inputs = 9 * 192;  // He et al. 2015
  EXPECT_NEAR(deviation("merges.3.mix.conv2.weight"), is_released() ? 0.2 : std::sqrt(2 / inputs), 1e-3);
}

TEST_P(RcfNetForms, AttentionIsTheLoopOverAllPairsOfPlaces) {
  torch::manual_seed(3);
  const std::int64_t channels = 12, side = 3, depth = channels / SelfAttentionImpl::kHeads;
  SelfAttention attention(channels, side, GetParam());
  fill_at_random(*attention);
  attention->to(torch::kDouble);
  const torch::Tensor x = torch::randn({2, channels, side, side}, torch::kDouble);
  const torch::NoGradGuard no_grad;
  const Plain plain(*attention);
  const auto q = plain.conv("query", x), k = plain.conv("key", x), v = plain.conv("value", x);
  const torch::Tensor row = plain["row"], column = plain["column"];

  torch::Tensor expected = torch::zeros_like(x);
  for (std::int64_t sample = 0; sample < 2; ++sample)
    for (std::int64_t head = 0; head < SelfAttentionImpl::kHeads; ++head) {
      const auto at = [&](const torch::Tensor& map, std::int64_t place) {
        return map[sample].narrow(0, head * depth, depth).select(1, place / side).select(1, place % side);
      };
      const auto position = [&](std::int64_t place) {
        return row[head].select(1, place / side).squeeze(1) + column[head].select(2, place % side).squeeze(1);
      };
      for (std::int64_t i = 0; i < side * side; ++i) {
        torch::Tensor logits = torch::zeros({side * side}, torch::kDouble);
        for (std::int64_t j = 0; j < side * side; ++j)
          logits[j] = is_released() ? at(q, i).dot(at(k, j)) + position(i).dot(at(q, j))
                                    : (at(q, i).dot(at(k, j)) + at(q, i).dot(position(j))) / std::sqrt(depth);
        const torch::Tensor share = torch::softmax(logits, 0);
        for (std::int64_t j = 0; j < side * side; ++j) at(expected, i) += share[j] * at(v, j);
      }
    }

  EXPECT_LT(largest_difference(attention(x), expected), 1e-12);
}

TEST_P(RcfNetForms, ChannelGateTakesTheSigmoidOnceOrTwice) {
  torch::manual_seed(4);
  ChannelGate gate(32, GetParam());
  fill_at_random(*gate);
  const torch::Tensor x = 3 * torch::randn({2, 32, 4, 4});
  const Plain plain(*gate);
  const auto weighed = [&](const torch::Tensor& pooled) {
    return plain.conv("widen", torch::relu(plain.conv("narrow", pooled)));
  };

  const torch::Tensor weight = (gate(x) / x).mean({2, 3}, true);  // (samples, channels, 1, 1)

  torch::Tensor expected = torch::sigmoid(weighed(x.mean({2, 3}, true)) +
                                          weighed(std::get<0>(x.flatten(2).max(2)).view({2, 32, 1, 1})));
  if (is_released()) expected = torch::sigmoid(expected);
  EXPECT_LT(largest_difference(weight, expected), 1e-5);
  if (!is_released()) return;
  EXPECT_GE(weight.min().item<double>(), 0.4999);
  EXPECT_LE(weight.max().item<double>(), 0.7312);
}

TEST_P(RcfNetForms, MergeIsItsStepsOneByOne) {
  for (const bool is_first : {true, false}) {
    torch::manual_seed(5);
    MergeModule merge(MergeModuleImpl::Options{32, is_first, GetParam(), 0.5});
    fill_at_random(*merge);
    merge->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor local = torch::randn({2, 32, 4, 4}), global = torch::randn({2, 32, 4, 4});
    const torch::Tensor before = is_first ? torch::Tensor() : torch::randn({2, 16, 8, 8});
    const Plain plain(*merge);
    const auto entry = [&](const torch::Tensor& x) {
      const auto squeezed = torch::relu(plain.conv("entry.narrow", x.mean({2, 3}, true)));
      return x * torch::sigmoid(plain.conv("entry.widen", squeezed)) +
             x * torch::sigmoid(plain.conv("entry.pixel", x));
    };
    const auto weighed = [&](const torch::Tensor& pooled) {
      return plain.conv("channel.widen", torch::relu(plain.conv("channel.narrow", pooled)));
    };

    const torch::Tensor l = entry(local), d = entry(global);
    std::vector<torch::Tensor> parts{plain.conv_norm("of_local", l), plain.conv_norm("of_global", d)};
    if (!is_first)
      parts.insert(parts.begin(), torch::avg_pool2d(torch::relu(plain.conv_norm("of_before", before)), 2));
    const torch::Tensor fused = torch::relu(plain.conv_norm("fuse", torch::cat(parts, 1)));
    const torch::Tensor seen = torch::stack({std::get<0>(l.max(1)), l.mean(1)}, 1);
    const torch::Tensor gated_local = l * torch::sigmoid(plain.conv_norm("spatial.conv", seen));
    torch::Tensor gate = torch::sigmoid(weighed(d.mean({2, 3}, true)) + weighed(d.amax({2, 3}, true)));
    if (is_released()) gate = torch::sigmoid(gate);
    const torch::Tensor joined = torch::cat({d * gate, gated_local, fused}, 1);
    torch::Tensor x = joined;
    for (const std::string step : {"1", "2", "3"})
      x = plain.conv("mix.conv" + step, torch::relu(plain.norm("mix.norm" + step, x)));
    x = x + plain.conv("mix.shortcut", joined);
    const torch::Tensor squeezed = torch::relu(x.mean({2, 3}).matmul(plain["exit.narrow.weight"].t()));
    x = x * torch::sigmoid(squeezed.matmul(plain["exit.widen.weight"].t())).view({2, 32, 1, 1});

    const torch::Tensor result = merge(local, global, before);
    EXPECT_EQ(result.sizes(), (Shape{2, 32, 4, 4}));
    EXPECT_LT(largest_difference(result, x), 1e-5 * x.abs().max().item<double>());
  }
}

TEST(ConvNextBlock, SkippedSamplesAreTheirInputAndOthersCountForThem) {
  torch::manual_seed(6);
  ConvNextBlock block(8, 0.75);
  fill_at_random(*block);
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::randn({400, 8, 3, 3});
  const Plain plain(*block);
  torch::Tensor branch =
      torch::conv2d(x, plain["depthwise.weight"], plain["depthwise.bias"], 1, 3, 1, 8).permute({0, 2, 3, 1});
  branch = torch::layer_norm(branch, {8}, plain["norm.weight"], plain["norm.bias"], 1e-6);
  branch = torch::gelu(torch::linear(branch, plain["widen.weight"], plain["widen.bias"]));
  branch = torch::linear(branch, plain["narrow.weight"], plain["narrow.bias"]) * plain["layer_scale"];
  branch = branch.permute({0, 3, 1, 2});

  const torch::Tensor result = block(x);

  std::int64_t survivors = 0;
  for (std::int64_t i = 0; i < x.size(0); ++i) {
    const bool is_skipped = torch::equal(result[i], x[i]);
    if (is_skipped) continue;
    ++survivors;
    EXPECT_LT(largest_difference(result[i], x[i] + 4 * branch[i]), 1e-4);
  }
  EXPECT_NEAR(static_cast<double>(survivors), 100, 35);  // four deviations
  block->eval();
  EXPECT_LT(largest_difference(block(x), x + branch), 1e-4);
}

TEST(RcfNet, DrawsWhatItSkipsFromLibTorchsGenerator) {
  const auto network = network_of(kSmall + "drop_path = 0.5\ndropout = 0.5\n");
  const Batch batch = images(4, 64, 64);
  const auto drawn = [&](std::uint64_t seed) {
    torch::manual_seed(seed);
    return network->forward(batch);
  };

  const torch::Tensor first = drawn(1);
  EXPECT_TRUE(torch::equal(drawn(1), first));
  EXPECT_FALSE(torch::equal(drawn(2), first));
  network->eval();
  EXPECT_TRUE(torch::equal(drawn(1), drawn(2)));
}

TEST(RcfNet, SeesEachSampleOfABatchAsIfAlone) {
  const auto network = network_of(kSmall);
  const Batch batch = images(3, 64, 64);
  for (int i = 0; i < 20; ++i) network->forward(batch);  // running statistics
  network->eval();

  const torch::Tensor together = network->forward(batch);
  for (std::int64_t i = 0; i < 3; ++i) {
    Batch one;
    one.num_samples = 1;
    one.images.grey = batch.images.grey.narrow(0, i, 1);
    EXPECT_LT(largest_difference(network->forward(one)[0], together[i]), 1e-4);
  }
  EXPECT_GT(largest_difference(together[0], together[1]), 1e-3);
}

TEST(RcfNet, LearnsFourImagesByHeart) {
  const auto network = network_of(kSmall + "drop_path = 0\n");
  const Batch batch = images(4, 64, 64);
  const torch::Tensor target = torch::tensor({{-1.3F}, {-0.2F}, {0.4F}, {1.1F}});
  torch::optim::Adam optimizer(network->parameters(), torch::optim::AdamOptions(2e-3));
  double loss_value = 1;
  for (int step = 0; step < 60 && loss_value > 0.01; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss = torch::mse_loss(network->forward(batch), target);
    loss.backward();
    optimizer.step();
    loss_value = loss.item<double>();
  }
  EXPECT_LT(loss_value, 0.01);  // of 0.78
}

TEST_P(RcfNetForms, RunsInBfloat16) {
  const auto network = network_of(form() + kSmall);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const torch::Tensor result = network->forward(images(2, 64, 64));
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCPU, false);
  result.to(torch::kFloat).sum().backward();

  EXPECT_EQ(result.scalar_type(), torch::kBFloat16);
  for (const auto& parameter : network->named_parameters()) {
    if (!parameter.value().requires_grad()) continue;
    EXPECT_TRUE(torch::isfinite(parameter.value().grad()).all().item<bool>()) << parameter.key();
  }
}

TEST(RcfNet, RefusesWhatItCannotTake) {
  const auto message = [](const std::string& setting) {
    return test::message_of<core::InputError>([&] { network_of(setting); });
  };
  EXPECT_THAT(message("width = 3\n"), HasSubstr("model.width must be 0.125 to 2, got 3 (model.toml:3)"));
  EXPECT_THAT(message("input = 100\n"), HasSubstr("model.input must be a multiple of 32, got 100"));
  EXPECT_THAT(message("form = \"repaird\"\n"), HasSubstr("Did you mean repaired?"));
  EXPECT_THAT(message("drop_path = 1\n"), HasSubstr("model.drop_path must be 0 to 0.9"));

  const auto network = network_of(kSmall);
  EXPECT_THAT(test::message_of<core::InputError>([&] { network->forward(images(1, 64, 96)); }),
              HasSubstr("rcfnet takes images of 64 x 64 px (model.input), got 64 x 96 (height x width). Set "
                        "data.size = 64"));
}

// Channels 1, 2, … times the image, and a weight for the mean of each.
class WeighedMeans : public FeatureMapNetwork {
 public:
  torch::Tensor feature_map(const Batch& batch) override {
    return batch.images.grey * torch::arange(1.0, 3.0).view({1, 2, 1, 1});
  }
  torch::Tensor answer(const torch::Tensor& map) override {
    return map.mean({2, 3}).matmul(torch::tensor({{3.0, -3.0}, {1.0, 1.0}}));
  }
};

TEST(GradCam, OfWeighedMeansIsTheWeighedMap) {
  WeighedMeans network;
  Batch batch;
  batch.images.grey = torch::tensor({{{{1.0, -2.0}, {0.0, 4.0}}}});
  const torch::NoGradGuard no_grad;  // an evaluation has gradients off

  // Output 0: (3 · 1 + 1 · 2) / 4 of the image; output 1: (−3 + 2) / 4.
  const GradCam first = grad_cam(network, batch);
  EXPECT_TRUE(torch::allclose(first.map, torch::tensor({{{1.25, 0.0}, {0.0, 5.0}}})));
  EXPECT_TRUE(torch::equal(first.answer, network.forward(batch)));
  EXPECT_TRUE(torch::allclose(grad_cam(network, batch, 1).map, torch::tensor({{{0.0, 0.5}, {0.0, 0.0}}})));
  EXPECT_TRUE(torch::allclose(grad_cam(network, batch, 1, Towards::Smaller).map,
                              torch::tensor({{{0.25, 0.0}, {0.0, 1.0}}})));
  EXPECT_THAT(test::message_of<core::InputError>([&] { grad_cam(network, batch, 2); }),
              HasSubstr("must be 0 to 1, got 2"));
}

TEST(GradCam, AgreesWithDifferencesOfTheAnswer) {
  const auto network = network_of("width = 0.125\ninput = 96\n", 2);
  network->eval();
  network->to(torch::kDouble);
  Batch batch = images(2, 96, 96);
  batch.images.grey = batch.images.grey.to(torch::kDouble);
  const GradCam result = grad_cam(*network, batch, 1);

  // A whole channel raised by h raises the answer by h times places times α.
  const torch::NoGradGuard no_grad;
  const torch::Tensor map = network->feature_map(batch);
  const double h = 1e-2, places = 9;  // the map's values are in the hundreds
  torch::Tensor sum = torch::zeros({2, 3, 3}, torch::kDouble);
  for (std::int64_t channel = 0; channel < map.size(1); ++channel) {
    torch::Tensor above = map.clone(), below = map.clone();
    above.select(1, channel) += h;
    below.select(1, channel) -= h;
    const torch::Tensor rise = (network->answer(above) - network->answer(below)).select(1, 1) / (2 * h);
    sum += (rise / places).view({2, 1, 1}) * map.select(1, channel);
  }
  const torch::Tensor expected = torch::relu(sum);
  ASSERT_GT(expected.max().item<double>(), 0);
  EXPECT_LT(largest_difference(result.map, expected), 1e-6 * expected.max().item<double>());
  EXPECT_TRUE(torch::equal(result.answer, network->forward(batch)));
  for (const auto& parameter : network->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(GradCam, LiesOverTheImagesPixels) {
  const torch::Tensor over = over_pixels(torch::tensor({{{0.0, 1.0}}}), 2, 4);
  EXPECT_TRUE(torch::allclose(over, torch::tensor({0.0, 0.25, 0.75, 1.0}).expand({1, 2, 4})));
}

}  // namespace
}  // namespace tessera::models
