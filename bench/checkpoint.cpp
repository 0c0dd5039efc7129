// SPDX-License-Identifier: Apache-2.0
// What a checkpoint costs the training: the stall while it is copied, beside waiting until it is on the disk,
// and how much slower a step is while the writer is at work. Weights and Adam's moments of 25 million
// parameters, 300 MB. Prints key=value figures: bench_checkpoint [FOLDER]
#include <fmt/core.h>
#include <torch/torch.h>

#include <filesystem>
#include <vector>

#include "core/clock.hpp"
#include "core/freed_memory.hpp"
#include "dist/tensor/device.hpp"
#include "timing.hpp"
#include "train/checkpoint_writer.hpp"

namespace {

using namespace tessera;
using bench::median;

constexpr std::int64_t kLayers = 25, kWidth = 1000;
constexpr int kRuns = 5;

train::TrainingState copy_of(const train::TrainingState& state) {
  train::TrainingState copy = state;
  for (auto* tensors : {&copy.weights, &copy.state})
    for (auto& [name, tensor] : *tensors) tensor = tensor.clone();
  return copy;
}

double step_seconds(const torch::Tensor& a) {
  const core::Stopwatch step;
  torch::matmul(a, a);
  return step.seconds();
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder =
      std::filesystem::path(argc > 1 ? argv[1] : ".") / "bench-checkpoint.tmp";
  dist::prepare_threads(1);
  core::keep_freed_memory();  // as a training does
  train::TrainingState state;
  for (std::int64_t layer = 0; layer < kLayers; ++layer) {
    const auto name = fmt::format("layer{}.weight", layer);
    state.weights[name] = torch::randn({kWidth, kWidth});
    for (const char* moment : {"exp_avg", "exp_avg_sq"})
      state.state[fmt::format("optimizer.{}.{}", name, moment)] = torch::randn({kWidth, kWidth});
  }
  double megabytes = 0;
  for (const auto* tensors : {&state.weights, &state.state})
    for (const auto& [name, tensor] : *tensors) megabytes += 1e-6 * static_cast<double>(tensor.nbytes());
  const auto a = torch::randn({600, 600});
  step_seconds(a);

  train::CheckpointWriter writer(folder, 2);
  std::vector<double> stalls, waits, alone, beside;
  for (int run = 0; run < kRuns; ++run) {
    ++state.step;
    const core::Stopwatch stall;
    writer.write(copy_of(state), false, [] {});
    stalls.push_back(stall.seconds());
    for (int i = 0; i < 10; ++i) beside.push_back(step_seconds(a));
    writer.finish();
    ++state.step;
    const core::Stopwatch wait;
    train::save_checkpoint(folder, state, false, 2);
    waits.push_back(wait.seconds());
    for (int i = 0; i < 10; ++i) alone.push_back(step_seconds(a));
  }
  std::filesystem::remove_all(folder);
  fmt::print(
      "checkpoint_MB={:.0f} stall_ms={:.0f} to_the_disk_ms={:.0f} ratio={:.1f} step_beside_it={:.2f}\n",
      megabytes, median(stalls) * 1e3, median(waits) * 1e3, median(waits) / median(stalls),
      median(beside) / median(alone));
}
