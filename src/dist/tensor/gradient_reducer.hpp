// SPDX-License-Identifier: Apache-2.0
// Adds up the gradients of all ranks while backward still runs. After the idea of PyTorch's DDP reducer (Li
// et al. 2020): buckets filled in reverse order of registration, which is about the order gradients come in;
// a hook on each parameter marks it ready; a full bucket is launched. The one thing to know: gradients are
// SUMMED over ranks, so each rank's loss must be its share of the global batch's loss.
//
// A step, on every rank alike:
//   reducer.zero_grad();
//   (sum of this rank's losses / samples of the global batch).backward();   // or local mean * local / global
//   reducer.finish();                                                       // now .grad is the global one
//   optimizer.step();
// So ranks with 5, 3 and 0 samples give exactly the gradient of the 8; the one with none skips backward.
//
// Accumulation over micro-batches: set_sync(false) before all but the last backward of a step, set_sync(true)
// before the last (nothing travels before it). Divide by the samples of the whole step.
//
// Why it can not hang: buckets are launched strictly in bucket order on every rank, whichever is full first,
// and finish() launches what is left, with zeros where a parameter took no part. After the first step the
// buckets are rebuilt once, in the order in which gradients came on rank 0, which all ranks are told.
//
// A parameter that no rank used gets a gradient of zero, not an undefined one. Between a rank's backward and
// its finish(), gradients must be left alone. Buffers (batch norm's statistics) are the caller's.
#pragma once

#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "dist/tensor/gradient_buckets.hpp"
#include "dist/tensor/replicate.hpp"
#include "dist/tensor/tensor_communicator.hpp"

namespace tessera::dist {

/// One synchronised step on this rank; seconds count from the first gradient that was ready (from finish()
/// where backward did not run).
struct ReducerTrace {
  std::chrono::steady_clock::time_point start;  // the moment they count from
  double last_gradient = 0;                     // ready: the end of backward but for its first layers' inputs
  std::vector<double> launches;                 // by bucket
  std::vector<double> arrivals;  // by bucket: known to be reduced, at the latest when waited for
  std::vector<std::int64_t> bucket_bytes;
  double finish_begin = 0, finish_end = 0;
  double exposed_seconds = 0;              // waited in finish(): communication not hidden by backward
  std::int64_t bytes = 0;                  // of all buckets
  std::vector<std::size_t> arrival_order;  // parameters, as their gradients came
};

class GradientReducer {
 public:
  /// Collective. Checks that all ranks have the same parameters (ParallelError names the first that differs),
  /// gives them rank 0's values, and makes their gradients views of buckets. Parameters that need no gradient
  /// are checked and sent, and left alone afterwards. Hooks stay until destruction.
  GradientReducer(TensorCommunicator& comm, NamedTensors parameters, const ReducerOptions& options = {});
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  /// Local. Zeroes every gradient and keeps it a view (an optimiser's zero_grad drops it: that costs a copy,
  /// no more). To be called on all ranks before a step's first backward.
  void zero_grad();

  /// Local. Whether the next backward's gradients travel; true at first.
  void set_sync(bool sync) { sync_ = sync; }

  /// Collective. Ends the step: launches what backward did not, waits for all.
  void finish();

  /// Local. Of the last finished step.
  const ReducerTrace& trace() const { return trace_; }
  /// Local. In launch order.
  const std::vector<Bucket>& buckets() const { return layout_.buckets; }

 private:
  struct Hook;
  void gradient_came(std::size_t parameter);
  void adopt_gradient(std::size_t parameter);
  void launch_next();
  void poke();
  void rebuild();
  void use(BucketLayout layout);
  double now() const;

  TensorCommunicator& comm_;
  NamedTensors parameters_;  // those that need a gradient
  ReducerOptions options_;
  BucketLayout layout_;
  bool rebuilt_ = false;
  bool sync_ = true;

  // The step under way.
  std::vector<bool> came_;            // by parameter
  std::vector<std::size_t> missing_;  // by bucket: gradients that have not come
  std::vector<Pending> pending_;      // by bucket
  std::size_t num_launched_ = 0;
  std::size_t num_arrived_ = 0;  // buckets known to be reduced, from the first on
  std::chrono::steady_clock::time_point start_;
  ReducerTrace current_, trace_;
};

}  // namespace tessera::dist
