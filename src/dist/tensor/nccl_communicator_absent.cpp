// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "core/error.hpp"
#include "core/text.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::dist {

struct NcclCommunicator::State {};

bool NcclCommunicator::is_built_in() {
  return false;
}

std::string NcclCommunicator::version() {
  return "";
}

std::vector<std::string> NcclCommunicator::visible_gpus() {
  const char* set = std::getenv("CUDA_VISIBLE_DEVICES");
  std::vector<std::string> named;
  for (const auto name : core::split(set ? set : "", ','))
    if (!name.empty() && name != "-1" && name != "NoDevFiles") named.emplace_back(name);
  return named;
}

bool NcclCommunicator::can_access_peer(int, int) {
  return false;
}

NcclCommunicator::NcclCommunicator(const Communicator&) {
  throw core::InputError("tensors on a GPU need a build with TESSERA_CUDA=ON; this one has none");
}

NcclCommunicator::~NcclCommunicator() = default;
std::string NcclCommunicator::async_error() const {
  return "";
}
void NcclCommunicator::all_reduce(void*, std::size_t, NcclType, Reduce, void*, std::string_view) {}
void NcclCommunicator::broadcast(void*, std::size_t, int, void*, std::string_view) {}
void NcclCommunicator::all_gather(const void*, void*, std::span<const std::int64_t>, void*,
                                  std::string_view) {}

}  // namespace tessera::dist
