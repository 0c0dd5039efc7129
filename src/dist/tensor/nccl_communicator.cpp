// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/nccl_communicator.hpp"

#include <ATen/cuda/CUDAContextLight.h>
#include <fmt/format.h>
#include <nccl.h>

#include <exception>

#include "core/error.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {

struct NcclCommunicator::State {
  ncclComm_t comm = nullptr;
  int rank = 0;

  void check(ncclResult_t result, const char* call, std::string_view what) const {
    if (result == ncclSuccess) return;
    throw core::ParallelError(fmt::format("{} failed in '{}' on rank {} on {}: {} ({})", call, what, rank,
                                          host_name(), ncclGetErrorString(result), ncclGetLastError(comm)));
  }
};

namespace {

ncclDataType_t nccl_type(NcclType type) {
  switch (type) {
    case NcclType::Byte: return ncclUint8;
    case NcclType::Int64: return ncclInt64;
    case NcclType::Float16: return ncclFloat16;
    case NcclType::BFloat16: return ncclBfloat16;
    case NcclType::Float32: return ncclFloat32;
    case NcclType::Float64: return ncclFloat64;
  }
  throw core::InternalError("unknown NCCL type");
}

ncclRedOp_t nccl_op(Reduce op) {
  return op == Reduce::Sum ? ncclSum : op == Reduce::Min ? ncclMin : ncclMax;
}

}  // namespace

bool NcclCommunicator::is_built_in() {
  return true;
}

std::string NcclCommunicator::version() {
  int code = 0;  // 22809 of 2.28.9
  ncclGetVersion(&code);
  return fmt::format("{}.{}.{}", code / 10000, code / 100 % 100, code % 100);
}

std::vector<std::string> NcclCommunicator::visible_gpus() {
  std::vector<std::string> uuids;
  for (c10::DeviceIndex i = 0; i < c10::cuda::device_count(); ++i) {
    const auto& bytes = at::cuda::getDeviceProperties(i)->uuid.bytes;
    uuids.emplace_back();
    for (const char byte : bytes) uuids.back() += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return uuids;
}

bool NcclCommunicator::can_access_peer(int gpu, int other) {
  return at::cuda::canDeviceAccessPeer(static_cast<c10::DeviceIndex>(gpu),
                                       static_cast<c10::DeviceIndex>(other));
}

NcclCommunicator::NcclCommunicator(const Communicator& ranks) : state_(std::make_unique<State>()) {
  state_->rank = ranks.rank();
  ncclUniqueId id{};
  ranks.together("NCCL start", [&] {
    if (ranks.is_root()) state_->check(ncclGetUniqueId(&id), "ncclGetUniqueId", "NCCL start");
  });
  ranks.broadcast(std::span<char>(id.internal), "NCCL id");
  const auto guard = ranks.in_flight("NCCL start");
  state_->check(ncclCommInitRank(&state_->comm, ranks.size(), id, ranks.rank()), "ncclCommInitRank",
                "NCCL start");
}

// Destroying waits for the other ranks, which an error on this one would leave without an answer.
NcclCommunicator::~NcclCommunicator() {
  if (!state_->comm) return;
  if (std::uncaught_exceptions() > 0)
    ncclCommAbort(state_->comm);
  else
    ncclCommDestroy(state_->comm);
}

std::string NcclCommunicator::async_error() const {
  ncclResult_t result = ncclSuccess;
  const auto asked = ncclCommGetAsyncError(state_->comm, &result);
  if (asked != ncclSuccess) result = asked;
  if (result == ncclSuccess || result == ncclInProgress) return "";
  return fmt::format("{} ({})", ncclGetErrorString(result), ncclGetLastError(state_->comm));
}

void NcclCommunicator::all_reduce(void* values, std::size_t count, NcclType type, Reduce op, void* stream,
                                  std::string_view what) {
  state_->check(ncclAllReduce(values, values, count, nccl_type(type), nccl_op(op), state_->comm,
                              static_cast<cudaStream_t>(stream)),
                "ncclAllReduce", what);
}

void NcclCommunicator::broadcast(void* bytes, std::size_t count, int root, void* stream,
                                 std::string_view what) {
  state_->check(
      ncclBroadcast(bytes, bytes, count, ncclUint8, root, state_->comm, static_cast<cudaStream_t>(stream)),
      "ncclBroadcast", what);
}

// ncclAllGather wants parts of equal length; a group of broadcasts does not.
void NcclCommunicator::all_gather(const void* local, void* all, std::span<const std::int64_t> counts,
                                  void* stream, std::string_view what) {
  auto* part = static_cast<std::byte*>(all);
  state_->check(ncclGroupStart(), "ncclGroupStart", what);
  for (std::size_t r = 0; r < counts.size(); ++r) {
    const auto count = static_cast<std::size_t>(counts[r]);
    state_->check(ncclBroadcast(local, part, count, ncclUint8, static_cast<int>(r), state_->comm,
                                static_cast<cudaStream_t>(stream)),
                  "ncclBroadcast", what);
    part += count;
  }
  state_->check(ncclGroupEnd(), "ncclGroupEnd", what);
}

}  // namespace tessera::dist
