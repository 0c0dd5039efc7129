// SPDX-License-Identifier: Apache-2.0
#include "jobs/gpu_peers.hpp"

#include <fmt/core.h>

#include <map>
#include <set>
#include <string>

#include "core/text.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::jobs {
namespace {

int distinct_gpus(const dist::Communicator& node, const std::vector<std::string>& seen_here) {
  std::set<std::string> gpus;
  for (const auto& seen : node.all_gather_text(core::join(seen_here, " "), "GPUs of the node"))
    for (const auto gpu : core::split(seen, ' '))
      if (!gpu.empty()) gpus.emplace(gpu);
  return static_cast<int>(gpus.size());
}

}  // namespace

Finding describe_gpu_peers(int on_node, int seen, const std::function<bool(int, int)>& can_access) {
  Finding finding{"GPU peers", "", ""};
  if (on_node < 2) {
    finding.found = on_node == 0 ? "no GPU to look at" : "one GPU a node: none needed";
    return finding;
  }
  if (seen < 2) {
    finding.found = fmt::format(
        "not to be told where a rank sees {} of {} GPUs; start the doctor with srun --gpu-bind=none", seen,
        on_node);
    return finding;
  }
  std::vector<std::string> together, apart;
  for (int gpu = 0; gpu < seen; ++gpu)
    for (int other = gpu + 1; other < seen; ++other)
      (can_access(gpu, other) && can_access(other, gpu) ? together : apart)
          .push_back(fmt::format("{}-{}", gpu, other));
  if (apart.empty()) {
    finding.found = fmt::format("all {} pairs of {} GPUs read each other's memory", together.size(), seen);
    return finding;
  }
  finding.found =
      fmt::format("pairs that read each other's memory: {}; that do not: {}",
                  together.empty() ? "none" : core::join(together, ", "), core::join(apart, ", "));
  finding.remedy =
      "gradients of these go through the host's memory: `nvidia-smi topo -m` shows the links, "
      "NCCL_DEBUG=INFO "
      "what NCCL takes. GPUs behind one PCIe switch that do not: ACS and the IOMMU are in the way (BIOS, "
      "hypervisor)";
  return finding;
}

std::vector<Finding> check_gpu_peers(const dist::Communicator& world) {
  const auto seen = dist::NcclCommunicator::is_built_in() ? dist::NcclCommunicator::visible_gpus()
                                                          : std::vector<std::string>();
  const auto node = world.node();
  const int on_node = distinct_gpus(node, seen);
  const auto own = world.together("look at the GPUs", [&] {
    return describe_gpu_peers(on_node, static_cast<int>(seen.size()),
                              dist::NcclCommunicator::can_access_peer);
  });
  // Found, remedy and the nodes of which it is so.
  std::map<std::string, std::vector<std::string>> nodes;
  for (const auto& text : world.all_gather_text(
           node.is_root() ? own.found + "\n" + own.remedy + "\n" + dist::host_name() : "", "GPU peers"))
    if (!text.empty()) nodes[text.substr(0, text.rfind('\n'))].push_back(text.substr(text.rfind('\n') + 1));
  std::vector<Finding> findings;
  for (const auto& [text, hosts] : nodes) {
    const auto line = text.find('\n');
    findings.push_back(
        {nodes.size() == 1 ? own.subject : fmt::format("{} ({})", own.subject, core::join(hosts, ", ")),
         text.substr(0, line), text.substr(line + 1)});
  }
  return findings;
}

}  // namespace tessera::jobs
