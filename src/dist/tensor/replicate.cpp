// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/replicate.hpp"

#include <fmt/format.h>

#include <sstream>

#include "core/error.hpp"

namespace tessera::dist {
namespace {

std::vector<std::string> signature_of(const NamedTensors& tensors) {
  std::vector<std::string> lines;
  for (const auto& [name, tensor] : tensors) {
    std::ostringstream line;
    line << name << ' ' << c10::toString(tensor.scalar_type()) << ' ' << tensor.sizes();
    if (!tensor.requires_grad()) line << " without gradient";
    lines.push_back(line.str());
  }
  return lines;
}

}  // namespace

void check_same_tensors(const Communicator& ranks, const NamedTensors& tensors) {
  const auto own = signature_of(tensors);
  std::istringstream text(ranks.broadcast_text(fmt::format("{}", fmt::join(own, "\n")), "model signature"));
  std::vector<std::string> roots;
  for (std::string line; std::getline(text, line);) roots.push_back(line);

  ranks.together("model signature", [&] {
    const auto line_of = [](const auto& lines, std::size_t i) {
      return i < lines.size() ? "'" + lines[i] + "'" : std::string("none");
    };
    for (std::size_t i = 0; i < std::max(own.size(), roots.size()); ++i) {
      if (i < own.size() && i < roots.size() && own[i] == roots[i]) continue;
      throw core::ParallelError(fmt::format(
          "the model must be the same on every rank, but its parameter {} is {} on rank {} and {} on "
          "rank 0 ({} and {} parameters). Start all ranks with the same program and configuration.",
          i + 1, line_of(own, i), ranks.rank(), line_of(roots, i), own.size(), roots.size()));
    }
  });
}

void broadcast_tensors(TensorCommunicator& comm, const NamedTensors& tensors) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors) {
    const auto values = tensor.detach();
    const auto travelling = values.contiguous();  // itself, if it is
    comm.broadcast(travelling, name);
    if (!travelling.is_same(values)) values.copy_(travelling);
  }
}

}  // namespace tessera::dist
