// SPDX-License-Identifier: Apache-2.0
// Images per second of a training step of a segmentation network on one core (forward, binary cross entropy
// and Dice, backward, momentum), beside the rate of a plain convolution in the same process and as the share
// of it that the network's own convolutions reach. Prints key=value figures:
//   bench_segmentation_step ['[model] settings'] [size] [batch] [float32|bf16]
#include <ATen/autocast_mode.h>
#include <ATen/record_function.h>
#include <fmt/core.h>
#include <torch/torch.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "core/freed_memory.hpp"
#include "models/factory.hpp"
#include "timing.hpp"

namespace {

using namespace tessera;
using bench::median, bench::seconds_of;

// GFLOP/s of a 3×3 convolution of 64 to 64 channels, channels-last, with both backward products: the ceiling.
double convolution_rate(torch::ScalarType type) {
  const auto order = torch::MemoryFormat::ChannelsLast;
  const torch::Tensor images = torch::randn({4, 64, 128, 128}).to(type).contiguous(order).requires_grad_();
  const torch::Tensor weight = torch::randn({64, 64, 3, 3}).to(type).contiguous(order).requires_grad_();
  const torch::Tensor gradient = torch::randn({4, 64, 128, 128}).to(type).contiguous(order);
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i)
    seconds.push_back(seconds_of([&] {
      torch::autograd::grad({torch::conv2d(images, weight, {}, 1, 1)}, {images, weight}, {gradient});
    }));
  return 3 * 2.0 * 4 * 128 * 128 * 64 * 64 * 9 / median(seconds) / 1e9;
}

// Floating-point operations of convolutions and 1×1 products: two for every weight and every pixel it is used
// at.
double num_operations = 0;

struct Operands : at::ObserverContext {
  torch::Tensor image, weight;
  bool is_transposed = false;
};

std::unique_ptr<at::ObserverContext> remember_operands(const at::RecordFunction& function) {
  const std::string name = function.name();
  if (name != "aten::convolution" && name != "aten::linear") return nullptr;
  auto operands = std::make_unique<Operands>();
  operands->image = function.inputs()[0].toTensor();
  operands->weight = function.inputs()[1].toTensor();
  operands->is_transposed = name == "aten::convolution" && function.inputs()[6].toBool();
  return operands;
}

void count_operations(const at::RecordFunction& function, at::ObserverContext* context) {
  if (!context) return;
  const auto* operands = static_cast<Operands*>(context);
  const torch::Tensor result = function.outputs()[0].toTensor();
  // Every number of the result (transposed: of the image) is met by as many weights as lead to it.
  const torch::Tensor& met = operands->is_transposed ? operands->image : result;
  num_operations += 2.0 * static_cast<double>(met.numel() * operands->weight[0].numel());
}

// Of one step: those of one forward pass, and as many for each of the two gradients.
double operations_of_step(models::Network& network, const models::Batch& batch) {
  const torch::NoGradGuard no_gradients;
  num_operations = 0;
  const auto handle = at::addThreadLocalCallback(
      at::RecordFunctionCallback(remember_operands, count_operations).needsInputs(true).needsOutputs(true));
  network.forward(batch);
  at::removeCallback(handle);
  return 3 * num_operations;
}

torch::Tensor bce_dice(const torch::Tensor& logits, const torch::Tensor& target) {
  const torch::Tensor probability = torch::sigmoid(logits);
  const torch::Tensor overlap = (probability * target).sum({1, 2, 3}),
                      total = (probability + target).sum({1, 2, 3});
  const torch::Tensor bce =
      torch::binary_cross_entropy_with_logits(logits, target, {}, {}, at::Reduction::None).mean({1, 2, 3});
  return (bce + 1 - (2 * overlap + 1) / (total + 1)).sum();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string model = argc > 1 ? argv[1] : "name = \"residual_unet\"";
  const std::int64_t size = argc > 2 ? std::stoll(argv[2]) : 256;
  const std::int64_t batch_size = argc > 3 ? std::stoll(argv[3]) : 4;
  const bool bf16 = argc > 4 && std::string(argv[4]) == "bf16";
  at::set_num_threads(1);
  at::globalContext().setFlushDenormal(true);
  core::keep_freed_memory();
  torch::manual_seed(0);

  auto config = core::Config::from_text("[model]\n" + model + "\n", "bench");
  const auto network = models::make_network(config.table("model"), 1);
  torch::optim::SGD optimizer(network->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  models::Batch batch;
  batch.num_samples = batch_size;
  batch.images.grey = torch::randn({batch_size, 1, size, size});
  const torch::Tensor target = (torch::rand({batch_size, 1, size, size}) < 0.2).to(torch::kFloat);

  const double operations = operations_of_step(*network, batch);
  const torch::ScalarType type = bf16 ? torch::kBFloat16 : torch::kFloat;
  const double before = convolution_rate(type);
  std::vector<double> forward, backward, update, total;
  for (int step = 0; step < 7; ++step) {
    torch::Tensor loss;
    forward.push_back(seconds_of([&] {
      at::autocast::set_autocast_enabled(at::kCPU, bf16);
      const torch::Tensor logits = network->forward(batch);
      at::autocast::clear_cache();
      at::autocast::set_autocast_enabled(at::kCPU, false);
      loss = bce_dice(logits.to(torch::kFloat), target) / static_cast<double>(batch_size);
    }));
    backward.push_back(seconds_of([&] {
      optimizer.zero_grad();
      loss.backward();
    }));
    update.push_back(seconds_of([&] { optimizer.step(); }));
    total.push_back(forward.back() + backward.back() + update.back());
  }
  const double after = convolution_rate(type);
  const double images_per_second = static_cast<double>(batch_size) / median(total);

  std::string settings = model;
  std::replace(settings.begin(), settings.end(), '\n', ' ');
  fmt::print("network='{}' size={} batch={} precision={} images_per_second={:.2f}\n", settings, size,
             batch_size, bf16 ? "bf16" : "float32", images_per_second);
  const double gflops = operations * images_per_second / static_cast<double>(batch_size) / 1e9;
  fmt::print(
      "forward_ms={:.1f} backward_ms={:.1f} update_ms={:.2f} gflop_an_image={:.2f} gflops={:.0f} "
      "convolution_gflops={:.0f}..{:.0f} share={:.2f}\n",
      1e3 * median(forward), 1e3 * median(backward), 1e3 * median(update),
      operations / static_cast<double>(batch_size) / 1e9, gflops, std::min(before, after),
      std::max(before, after), gflops / std::max(before, after));
  return 0;
}
