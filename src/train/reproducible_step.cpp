// SPDX-License-Identifier: Apache-2.0
// The reproducible step: the global batch in V shards that do not depend on ranks, each run alone (batch
// norm, dropout and all), their gradients, statistics and losses summed in the one tree of dist::ordered_sum.
#include <algorithm>

#include "core/random.hpp"
#include "dist/ordered_sum.hpp"
#include "dist/partition.hpp"
#include "train/buffers.hpp"
#include "train/gradient_step.hpp"
#include "train/part_gradient.hpp"
#include "train/weights.hpp"

namespace tessera::train {
namespace {

class ReproducibleStep final : public GradientStep {
 public:
  ReproducibleStep(models::Network& network, const Task& task, Feed& feed, const dist::Communicator& comm,
                   SectionClock& clock, const StepOptions& options)
      : network_(network),
        task_(task),
        feed_(feed),
        comm_(comm),
        clock_(clock),
        options_(options),
        statistics_(network) {
    for (const auto& [name, trained] : trained_parameters(network)) {
      auto& parameter = parameters_.emplace_back(trained);
      parameter.mutable_grad() = torch::zeros_like(parameter);
      num_gradients_ += parameter.numel();
    }
  }

  double run(std::int64_t step, std::span<const std::int64_t> global_batch) override {
    const auto [begin, end] = dist::partition(options_.virtual_shards, comm_.size(), comm_.rank());
    const auto start = statistics_.get();
    const auto samples = static_cast<std::int64_t>(global_batch.size());
    // One row a shard: gradients, then statistics weighted by samples, then the loss.
    auto rows = torch::zeros({end - begin, num_gradients_ + statistics_.size() + 1});
    comm_.together("gradient of a step", [&] {
      for (std::int64_t shard = begin; shard < end; ++shard) {
        const auto block = dist::partition(samples, options_.virtual_shards, shard);
        const auto records = global_batch.subspan(static_cast<std::size_t>(block.begin),
                                                  static_cast<std::size_t>(block.size()));
        if (!records.empty()) run_shard(step, shard, records, samples, start, rows[shard - begin]);
      }
    });  // ends when the slowest rank does
    clock_.lap(Section::Imbalance);

    auto sum = torch::empty({rows.size(1)});
    dist::ordered_sum(
        comm_, std::span<const float>(rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())),
        options_.virtual_shards, std::span(sum.data_ptr<float>(), static_cast<std::size_t>(sum.numel())),
        "sum of gradients");
    clock_.lap(Section::ExposedCommunication);
    take_gradients(sum);
    statistics_.set(sum.narrow(0, num_gradients_, statistics_.size()));
    clock_.lap(Section::Compute);
    return sum[-1].item<double>();
  }

 private:
  void run_shard(std::int64_t step, std::int64_t shard, std::span<const std::int64_t> records,
                 std::int64_t samples, const torch::Tensor& start, torch::Tensor row) {
    const auto batch = feed_.training_batch(records, step);
    clock_.lap(Section::Input);

    statistics_.set(start);
    for (auto& parameter : parameters_) parameter.mutable_grad().zero_();
    const std::uint64_t stream =
        core::RandomStream(options_.seed, "dropout",
                           static_cast<std::uint64_t>(step * options_.virtual_shards + shard))
            .bits64();
    const double loss = add_part_gradient(network_, task_, batch, samples, stream, options_.bf16);
    std::int64_t at = 0;
    for (const auto& parameter : parameters_) {
      row.narrow(0, at, parameter.numel()).copy_(parameter.grad().reshape(-1));
      at += parameter.numel();
    }
    const double weight = static_cast<double>(records.size()) / static_cast<double>(samples);
    row.narrow(0, num_gradients_, statistics_.size()).copy_(statistics_.get() * weight);
    row[-1] = loss;
    clock_.lap(Section::Compute);
  }

  void take_gradients(const torch::Tensor& sum) {
    std::int64_t at = 0;
    for (auto& parameter : parameters_) {
      parameter.mutable_grad().copy_(sum.narrow(0, at, parameter.numel()).view_as(parameter));
      at += parameter.numel();
    }
  }

  models::Network& network_;
  const Task& task_;
  Feed& feed_;
  const dist::Communicator& comm_;
  SectionClock& clock_;
  StepOptions options_;
  RunningStatistics statistics_;
  std::vector<torch::Tensor> parameters_;  // those that are trained
  std::int64_t num_gradients_ = 0;
};

}  // namespace

std::unique_ptr<GradientStep> make_reproducible_step(models::Network& network, const Task& task, Feed& feed,
                                                     const dist::Communicator& comm, SectionClock& clock,
                                                     const StepOptions& options) {
  return std::make_unique<ReproducibleStep>(network, task, feed, comm, clock, options);
}

}  // namespace tessera::train
