// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::dist {

struct NcclCommunicator::State {};

bool NcclCommunicator::is_built_in() {
  return false;
}

NcclCommunicator::NcclCommunicator(const Communicator&) {
  throw core::InputError("tensors on a GPU need a build with TESSERA_CUDA=ON; this one has none");
}

NcclCommunicator::~NcclCommunicator() = default;
void NcclCommunicator::all_reduce(void*, std::size_t, NcclType, Reduce, void*, std::string_view) {}
void NcclCommunicator::broadcast(void*, std::size_t, int, void*, std::string_view) {}
void NcclCommunicator::all_gather(const void*, void*, std::span<const std::int64_t>, void*,
                                  std::string_view) {}

}  // namespace tessera::dist
