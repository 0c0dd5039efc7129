// SPDX-License-Identifier: Apache-2.0
// NCCL between the GPUs of the ranks: raw device pointers, and the CUDA stream to enqueue on as void*. A
// build without TESSERA_CUDA compiles nccl_communicator_absent.cpp in its place, and can make none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dist/communicator.hpp"

namespace tessera::dist {

enum class NcclType { Byte, Int64, Float16, BFloat16, Float32, Float64 };

class NcclCommunicator {
 public:
  static bool is_built_in();
  /// "2.28.9"; empty in a build without CUDA.
  static std::string version();
  /// Local. What tells each GPU this process sees from all others, by index: its UUID. In a build without
  /// CUDA what CUDA_VISIBLE_DEVICES names, none of which can be used.
  static std::vector<std::string> visible_gpus();
  /// Local. Whether one GPU reads another's memory without the host's, by their index in visible_gpus. Never
  /// in a build without CUDA; raises c10::Error where the driver does not answer.
  static bool can_access_peer(int gpu, int other);

  /// Collective. On the current CUDA device, one for each rank. Raises ParallelError with NCCL's text;
  /// InputError in a build without CUDA.
  explicit NcclCommunicator(const Communicator& ranks);
  ~NcclCommunicator();

  /// Local, from any thread. Why a call failed after it was enqueued; "" where none did.
  std::string async_error() const;

  /// Collective, enqueued. In place; raise ParallelError with NCCL's text.
  void all_reduce(void* values, std::size_t count, NcclType type, Reduce op, void* stream,
                  std::string_view what);
  void broadcast(void* bytes, std::size_t count, int root, void* stream, std::string_view what);
  /// `counts[r]` bytes of rank r, one behind the other.
  void all_gather(const void* local, void* all, std::span<const std::int64_t> counts, void* stream,
                  std::string_view what);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera::dist
