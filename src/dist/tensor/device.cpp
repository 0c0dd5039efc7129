// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/device.hpp"

#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::dist {
namespace {

std::vector<std::vector<std::string>> gather_visible(const Communicator& node,
                                                     const std::vector<std::string>& own) {
  std::vector<std::vector<std::string>> visible;
  for (const auto& text : node.all_gather_text(core::join(own, " "), "GPUs of the node")) {
    visible.emplace_back();
    std::istringstream words(text);
    for (std::string id; words >> id;) visible.back().push_back(id);
  }
  return visible;
}

// Why a rank of this node has no GPU, in words.
std::string shortage(const std::vector<std::vector<std::string>>& visible) {
  if (!NcclCommunicator::is_built_in()) return "needs a build with TESSERA_CUDA=ON; this one has none";
  std::set<std::string> distinct;
  for (const auto& seen : visible) distinct.insert(seen.begin(), seen.end());
  return fmt::format(
      "needs a GPU for each rank of a node, but {} has {} for {} ranks. Ask for more GPUs or start fewer "
      "ranks per node.",
      host_name(), distinct.size(), visible.size());
}

}  // namespace

std::optional<int> gpu_for_rank(const std::vector<std::vector<std::string>>& visible, int rank) {
  std::set<std::string> taken;
  for (int r = 0;; ++r) {
    const auto& seen = visible[static_cast<std::size_t>(r)];
    const auto free =
        std::find_if(seen.begin(), seen.end(), [&](const auto& gpu) { return !taken.contains(gpu); });
    if (r == rank)
      return free == seen.end() ? std::nullopt : std::optional(static_cast<int>(free - seen.begin()));
    if (free != seen.end()) taken.insert(*free);
  }
}

torch::Device choose_device(const std::string& wanted, const Communicator& ranks) {
  if (wanted != "auto" && wanted != "cpu" && wanted != "cuda")
    throw core::InputError(fmt::format("device must be auto, cpu or cuda, got '{}'", wanted));
  if (wanted == "cpu") return torch::kCPU;

  const auto node = ranks.node();
  const auto own = NcclCommunicator::visible_gpus();
  const auto visible = gather_visible(node, own);
  const int gpu = NcclCommunicator::is_built_in() ? gpu_for_rank(visible, node.rank()).value_or(-1) : -1;
  const int num_without = ranks.all_reduce(gpu < 0 ? 1 : 0, Reduce::Sum, "ranks without a GPU");
  if (num_without > 0) {
    if (wanted == "cuda")
      ranks.together("GPUs", [&] {
        if (gpu < 0) throw core::InputError("device = \"cuda\" " + shortage(visible));
      });
    const int speaker = ranks.all_reduce(gpu < 0 ? ranks.rank() : ranks.size(), Reduce::Min, "idle GPUs");
    const bool idle = ranks.all_reduce(own.empty() ? 0 : 1, Reduce::Max, "idle GPUs") == 1;
    if (idle && speaker == ranks.rank())
      core::log::warning("device = \"auto\": computing on the CPU though GPUs are there. A GPU {}",
                         shortage(visible));
    return torch::kCPU;
  }
  const torch::Device device(torch::kCUDA, static_cast<c10::DeviceIndex>(gpu));
  c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
  core::log::info("device: {} ({}) of {} on rank 0; each of {} ranks has a GPU of its own", device.str(),
                  own[static_cast<std::size_t>(gpu)], host_name(), ranks.size());
  return device;
}

int threads_for_rank(const Communicator& ranks) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<std::int32_t> mine(CPU_SETSIZE), sharers(CPU_SETSIZE);
  for (std::size_t cpu = 0; cpu < mine.size(); ++cpu) mine[cpu] = CPU_ISSET(cpu, &allowed) ? 1 : 0;
  sharers = mine;
  ranks.node().all_reduce(std::span<std::int32_t>(sharers), Reduce::Sum, "cores of the node");
  // Looked at only now: it may be set on some ranks alone.
  if (const char* set = std::getenv("OMP_NUM_THREADS"))
    if (const int number = std::atoi(set); number > 0) return number;
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
