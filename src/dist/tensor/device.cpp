// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/device.hpp"

#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/error.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::dist {

torch::Device choose_device(const std::string& wanted, const Communicator& ranks) {
  if (wanted != "auto" && wanted != "cpu" && wanted != "cuda")
    throw core::InputError(fmt::format("device must be auto, cpu or cuda, got '{}'", wanted));
  if (wanted == "cpu") return torch::kCPU;

  const auto node = ranks.node();
  const auto num_gpus = NcclCommunicator::is_built_in() ? torch::cuda::device_count() : 0;
  const int enough = ranks.all_reduce(static_cast<int>(num_gpus) >= node.size() ? 1 : 0, Reduce::Min, "GPUs");
  if (!enough) {
    if (wanted == "auto") return torch::kCPU;
    ranks.together("GPUs", [&] {
      if (!NcclCommunicator::is_built_in())
        throw core::InputError("device = \"cuda\" needs a build with TESSERA_CUDA=ON; this one has none");
      if (static_cast<int>(num_gpus) < node.size())
        throw core::InputError(fmt::format(
            "device = \"cuda\" needs a GPU for each rank of a node, but {} has {} for {} ranks. Ask "
            "for more GPUs or start fewer ranks per node.",
            host_name(), num_gpus, node.size()));
    });
  }
  const torch::Device device(torch::kCUDA, static_cast<c10::DeviceIndex>(node.rank()));
  c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
  return device;
}

int threads_for_rank(const Communicator& ranks) {
  if (const char* set = std::getenv("OMP_NUM_THREADS"))
    if (const int number = std::atoi(set); number > 0) return number;

  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<std::int32_t> mine(CPU_SETSIZE), sharers(CPU_SETSIZE);
  for (std::size_t cpu = 0; cpu < mine.size(); ++cpu) mine[cpu] = CPU_ISSET(cpu, &allowed) ? 1 : 0;
  sharers = mine;
  ranks.node().all_reduce(std::span<std::int32_t>(sharers), Reduce::Sum, "cores of the node");
  double cores = 0;
  for (std::size_t cpu = 0; cpu < mine.size(); ++cpu)
    if (mine[cpu]) cores += 1.0 / sharers[cpu];
  return std::max(1, static_cast<int>(cores + 1e-6));
}

void flush_denormals_on_this_thread() {
  at::globalContext().setFlushDenormal(true);
}

void prepare_threads(int num_threads) {
  at::set_num_threads(num_threads);
  flush_denormals_on_this_thread();
  // One piece of work for each thread of the pool; the pool's threads stay.
  at::parallel_for(0, num_threads, 1, [](std::int64_t, std::int64_t) { flush_denormals_on_this_thread(); });
}

}  // namespace tessera::dist
