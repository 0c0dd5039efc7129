// SPDX-License-Identifier: Apache-2.0
// Collectives on tensors, by the device they are on: CPU tensors travel by MPI, CUDA tensors by NCCL on a
// high-priority stream of its own, ordered against the current stream by events. One communicator serves one
// device; tensors must be contiguous. Every rank makes the same calls in the same order.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string_view>

#include "dist/communicator.hpp"

namespace tessera::dist {

/// A collective under way. The tensor given to it must be left alone until `wait` returns.
class Pending {
 public:
  /// Nothing is under way.
  Pending();
  ~Pending();
  Pending(Pending&&) noexcept;
  Pending& operator=(Pending&&) noexcept;

  /// Local. Gives MPI the time it needs to get on with this and every other call under way (it makes no
  /// progress by itself); true once this one is done.
  bool poke();
  /// Returns when the result may be used: on the CPU now, on a GPU by what is enqueued from here on.
  void wait();

 private:
  friend class TensorCommunicator;
  struct Call;
  struct MpiCall;
  struct NcclCall;
  explicit Pending(std::unique_ptr<Call> call);
  std::unique_ptr<Call> call_;
};

class TensorCommunicator {
 public:
  /// Collective. Tensors on `device` travel over a channel of their own among `ranks`. Raises InputError for
  /// a CUDA device in a build without CUDA.
  TensorCommunicator(const Communicator& ranks, torch::Device device);
  ~TensorCommunicator();
  TensorCommunicator(const TensorCommunicator&) = delete;
  TensorCommunicator& operator=(const TensorCommunicator&) = delete;

  const Communicator& ranks() const { return ranks_; }
  torch::Device device() const { return device_; }

  /// Collective. In place. float32, float64, int64, and float16 and bfloat16 (which MPI does not know: they
  /// are added in float32 on the CPU and rounded once). Raises InternalError for a tensor on another device,
  /// not contiguous, or of another type; ParallelError if the call fails.
  void all_reduce(const torch::Tensor& tensor, Reduce op, std::string_view what);
  /// Collective. The sum over ranks divided by their number; floating types only.
  void all_reduce_mean(const torch::Tensor& tensor, std::string_view what);
  /// Collective. The root's values on every rank; any type.
  void broadcast(const torch::Tensor& tensor, std::string_view what, int root = 0);
  /// Collective. The ranks' rows one behind the other, (sum of rows, …); rows may differ in number, the
  /// further dimensions and the type may not. Any type.
  torch::Tensor all_gather(const torch::Tensor& rows, std::string_view what);

  /// Collective. Started here, finished by the caller.
  [[nodiscard]] Pending all_reduce_async(const torch::Tensor& tensor, Reduce op, std::string_view what);

 private:
  struct Gpu;
  void check(const torch::Tensor& tensor, std::string_view call, std::string_view what) const;

  Communicator ranks_;
  torch::Device device_;
  std::unique_ptr<Gpu> gpu_;
};

}  // namespace tessera::dist
