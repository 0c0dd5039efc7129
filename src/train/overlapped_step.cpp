// SPDX-License-Identifier: Apache-2.0
// The fast step: each rank takes a share of the global batch balanced by cost, and the reducer sums gradients
// over ranks while backward is still running.
#include <algorithm>

#include "core/random.hpp"
#include "train/buffers.hpp"
#include "train/gradient_step.hpp"
#include "train/part_gradient.hpp"

namespace tessera::train {
namespace {

class OverlappedStep final : public GradientStep {
 public:
  OverlappedStep(models::Network& network, const Task& task, Feed& feed, const dist::Communicator& comm,
                 dist::GradientReducer& reducer, SectionClock& clock, const StepOptions& options)
      : network_(network),
        task_(task),
        feed_(feed),
        comm_(comm),
        reducer_(reducer),
        clock_(clock),
        options_(options),
        statistics_(network) {}

  double run(std::int64_t step, std::span<const std::int64_t> global_batch) override {
    const auto samples = static_cast<std::int64_t>(global_batch.size());
    const auto shares = cut_by_cost(feed_, global_batch, comm_.size());
    const auto& share = shares[static_cast<std::size_t>(comm_.rank())];
    const auto parts = cut_by_cost(
        feed_, share,
        std::clamp<std::int64_t>(options_.accumulation, 1, std::max<std::int64_t>(1, std::ssize(share))));

    // Every part moves the statistics on from the step's start, as every rank's share does.
    const auto start = statistics_.get();
    auto moved = torch::zeros_like(start);
    double loss = 0;
    comm_.together("gradient of a step", [&] {
      reducer_.zero_grad();
      for (std::size_t part = 0; part < parts.size(); ++part) {
        if (parts[part].empty()) continue;
        const auto batch = feed_.training_batch(parts[part], step);
        clock_.lap(Section::Input);
        statistics_.set(start);
        reducer_.set_sync(part + 1 == parts.size());
        loss += add_part_gradient(network_, task_, batch, samples, stream(step, part), options_.bf16);
        moved.add_(statistics_.get(), static_cast<double>(parts[part].size()) / static_cast<double>(samples));
        clock_.lap(Section::Compute);
      }
    });  // ends when the slowest rank does
    clock_.lap(Section::Imbalance);
    reducer_.finish();
    loss = comm_.all_reduce(loss, dist::Reduce::Sum, "sum of losses");
    set_statistics(moved);
    clock_.lap(Section::ExposedCommunication);
    return loss;
  }

 private:
  // From this rank's part of the mean over the samples.
  void set_statistics(const torch::Tensor& moved) {
    if (statistics_.size() == 0) return;
    auto values = moved.to(torch::kCPU).contiguous();
    comm_.all_reduce(std::span(values.data_ptr<float>(), static_cast<std::size_t>(values.numel())),
                     dist::Reduce::Sum, "batch-norm statistics");
    statistics_.set(values);
  }

  std::uint64_t stream(std::int64_t step, std::size_t part) const {
    core::RandomStream random(options_.seed, "dropout", static_cast<std::uint64_t>(step));
    return random.bits64() + static_cast<std::uint64_t>(comm_.rank()) * 1'000'003 + part;
  }

  models::Network& network_;
  const Task& task_;
  Feed& feed_;
  const dist::Communicator& comm_;
  dist::GradientReducer& reducer_;
  SectionClock& clock_;
  StepOptions options_;
  RunningStatistics statistics_;
};

}  // namespace

std::unique_ptr<GradientStep> make_overlapped_step(models::Network& network, const Task& task, Feed& feed,
                                                   const dist::Communicator& comm,
                                                   dist::GradientReducer& reducer, SectionClock& clock,
                                                   const StepOptions& options) {
  return std::make_unique<OverlappedStep>(network, task, feed, comm, reducer, clock, options);
}

}  // namespace tessera::train
