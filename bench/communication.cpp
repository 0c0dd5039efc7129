// SPDX-License-Identifier: Apache-2.0
// What data-parallel training pays for on the CPU: the all-reduce of one 25 MB bucket (blocking
// MPI_Allreduce, and as the reducer does it), the reproducible sum of 8 virtual shards, and a training step
// with and without the gradient reducer. Prints key=value figures: mpirun -n 2 bench_communication
#include <fmt/core.h>
#include <mpi.h>
#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "core/clock.hpp"
#include "dist/ordered_sum.hpp"
#include "dist/partition.hpp"
#include "dist/run_job.hpp"
#include "dist/tensor/device.hpp"
#include "dist/tensor/gradient_reducer.hpp"

namespace {

using namespace tessera;

constexpr std::int64_t kBucket = 25 << 20 >> 2;  // floats in 25 MiB

/// Median over runs of the slowest rank's seconds.
double seconds_of(const dist::Communicator& world, const auto& work, int runs = 15) {
  std::vector<double> seconds;
  for (int run = 0; run < runs + 2; ++run) {
    world.barrier("bench");
    const core::Stopwatch watch;
    work();
    if (run >= 2) seconds.push_back(world.all_reduce(watch.seconds(), dist::Reduce::Max, "bench"));
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

void measure_all_reduce(const dist::Communicator& world, dist::TensorCommunicator& comm) {
  const auto bucket = torch::zeros({kBucket});
  const double blocking = seconds_of(world, [&] {
    MPI_Allreduce(MPI_IN_PLACE, bucket.data_ptr(), static_cast<int>(kBucket), MPI_FLOAT, MPI_SUM,
                  MPI_COMM_WORLD);
  });
  const double ours = seconds_of(world, [&] { comm.all_reduce(bucket, dist::Reduce::Sum, "bucket"); });
  const double gigabytes = 4.0 * kBucket / 1e9;
  if (world.is_root())
    fmt::print("ranks={} mpi_all_reduce_25MB_ms={:.1f} GB_per_s={:.2f} ours_ms={:.1f} GB_per_s={:.2f}\n",
               world.size(), blocking * 1e3, gigabytes / blocking, ours * 1e3, gigabytes / ours);
}

// What a message costs however short it is.
void measure_latency(const dist::Communicator& world) {
  double value = 1;
  const double seconds = seconds_of(
      world, [&] { MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD); }, 1001);
  if (world.is_root()) fmt::print("ranks={} mpi_all_reduce_8B_us={:.2f}\n", world.size(), seconds * 1e6);
}

void measure_ordered_sum(const dist::Communicator& world) {
  constexpr std::int64_t kShards = 8;
  const auto held = dist::partition(kShards, world.size(), world.rank()).size();
  const std::vector<float> shards(static_cast<std::size_t>(held * kBucket), 1.0F);
  std::vector<float> sum(static_cast<std::size_t>(kBucket));
  const double seconds = seconds_of(
      world,
      [&] { dist::ordered_sum(world, std::span<const float>(shards), kShards, std::span(sum), "shards"); },
      5);
  if (world.is_root()) fmt::print("ranks={} ordered_sum_8x25MB_ms={:.1f}\n", world.size(), seconds * 1e3);
}

torch::nn::Sequential net_of(std::int64_t width) {
  torch::manual_seed(0);
  torch::nn::Sequential net;
  for (int layer = 0; layer < 8; ++layer) {
    net->push_back(torch::nn::Linear(width, width));
    net->push_back(torch::nn::ReLU());
  }
  return net;
}

void measure_reducer(const dist::Communicator& world, dist::TensorCommunicator& comm, std::int64_t width) {
  auto net = net_of(width);
  const auto x = torch::randn({256, width});
  const auto backward = [&] { net->forward(x).square().mean().backward(); };
  const double alone = seconds_of(world, [&] {
    for (auto& parameter : net->parameters())
      if (parameter.grad().defined()) parameter.mutable_grad().zero_();
    backward();
  });

  dist::NamedTensors named;
  for (const auto& item : net->named_parameters()) named.emplace_back(item.key(), item.value());
  dist::GradientReducer reducer(comm, named);
  const double reduced = seconds_of(world, [&] {
    reducer.zero_grad();
    backward();
    reducer.finish();
  });
  const auto& trace = reducer.trace();
  if (world.is_root())
    fmt::print(
        "ranks={} width={} gradient_MB={:.1f} buckets={} step_ms={:.2f} with_reducer_ms={:.2f} "
        "exposed_ms={:.2f} "
        "first_launch_ms={:.2f} backward_ms={:.2f}\n",
        world.size(), width, static_cast<double>(trace.bytes) / 1e6, reducer.buckets().size(), alone * 1e3,
        reduced * 1e3, trace.exposed_seconds * 1e3, trace.launches.front() * 1e3, trace.last_gradient * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line("bench communication", "figures of data-parallel communication on the CPU",
                         "mpirun -n 2 bench_communication");
  return dist::run_job(argc, argv, line, [](dist::Communicator& world) {
    dist::prepare_threads(1);
    dist::TensorCommunicator comm(world, torch::kCPU);
    measure_all_reduce(world, comm);
    measure_latency(world);
    measure_ordered_sum(world);
    for (const std::int64_t width : {64, 512, 1024}) measure_reducer(world, comm, width);
    return 0;
  });
}
