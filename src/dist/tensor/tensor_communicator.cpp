// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/tensor_communicator.hpp"

#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <fmt/format.h>

#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "dist/background_watch.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/tensor/nccl_communicator.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {
namespace {

template <typename T>
std::string in_words(const T& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

bool is_half(torch::ScalarType type) {
  return type == torch::kHalf || type == torch::kBFloat16;
}

Scalar scalar_type(torch::ScalarType type, std::string_view what) {
  switch (type) {
    case torch::kFloat: return Scalar::Float32;
    case torch::kDouble: return Scalar::Float64;
    case torch::kLong: return Scalar::Int64;
    default:
      throw core::InternalError(
          fmt::format("all_reduce '{}' takes float32, float64, int64, float16 or bfloat16, got {}", what,
                      c10::toString(type)));
  }
}

NcclType nccl_type(torch::ScalarType type, std::string_view what) {
  if (type == torch::kHalf) return NcclType::Float16;
  if (type == torch::kBFloat16) return NcclType::BFloat16;
  const auto scalar = scalar_type(type, what);
  return scalar == Scalar::Float32   ? NcclType::Float32
         : scalar == Scalar::Float64 ? NcclType::Float64
                                     : NcclType::Int64;
}

std::span<std::byte> bytes_of(const torch::Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

}  // namespace

struct Pending::Call {
  virtual ~Call() = default;
  virtual bool poke() = 0;
  virtual void wait() = 0;
};

struct Pending::MpiCall : Call {
  Communicator ranks = Communicator::serial();
  std::int64_t number = 0;
  std::string what;
  torch::Tensor result;
  torch::Tensor travelling;  // `result` itself, or its values in float32
  std::vector<MPI_Request> requests;

  bool poke() override {
    int done = 0;
    check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
              "MPI_Testall", what);
    if (done) arrive();
    return done != 0;
  }
  void wait() override {
    const auto guard = ranks.in_flight(number, what);
    wait_for(requests, what);
    arrive();
  }
  void arrive() {
    const torch::NoGradGuard no_grad;
    if (!travelling.is_same(result)) result.copy_(travelling);
  }
};

struct Pending::NcclCall : Call {
  NcclCall(torch::Device on, std::shared_ptr<c10::Event> end) : device(on), done(std::move(end)) {}

  torch::Device device;
  std::shared_ptr<c10::Event> done;  // the background watch asks it too

  bool poke() override { return done->query(); }
  void wait() override { done->block(c10::impl::VirtualGuardImpl(device.type()).getStream(device)); }
};

Pending::Pending() = default;
Pending::Pending(std::unique_ptr<Call> call) : call_(std::move(call)) {}
Pending::Pending(Pending&&) noexcept = default;
Pending& Pending::operator=(Pending&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

// A collective can not be called back: dropped half-way (by an error), it keeps its memory for good, since
// MPI may still write there.
Pending::~Pending() {
  (void)call_.release();
}

bool Pending::poke() {
  if (call_ && call_->poke()) call_.reset();
  return !call_;
}

void Pending::wait() {
  if (call_) call_->wait();
  call_.reset();
}

struct TensorCommunicator::Gpu {
  Gpu(const Communicator& of, torch::Device on)
      : ranks(of),
        device(on),
        guard(on.type()),
        stream(guard.getStreamFromGlobalPool(on, /*isHighPriority=*/true)),
        nccl(ranks),
        watch(ranks, [this] { return nccl.async_error(); }) {}

  const Communicator& ranks;
  torch::Device device;
  c10::impl::VirtualGuardImpl guard;
  c10::Stream stream;
  NcclCommunicator nccl;
  BackgroundWatch watch;

  /// `call(stream)` runs once what is enqueued on the current stream so far is done. Returns its end.
  template <typename Call>
  std::shared_ptr<c10::Event> enqueue(const torch::Tensor& tensor, std::string_view what, Call&& call) {
    const c10::DeviceGuard on_device(device);
    c10::Event ready(device.type());
    ready.record(guard.getStream(device));
    ready.block(stream);
    const auto number = ranks.count_call(what);
    call(stream.native_handle());
    tensor.record_stream(stream);  // the allocator must not hand its memory on before
    auto done = std::make_shared<c10::Event>(device.type());
    done->record(stream);
    watch.add(number, what, [done, on = device] {
      const c10::DeviceGuard on_its_device(on);  // the watch's thread would make a context on the first GPU
      return done->query();
    });
    return done;
  }
  void wait(c10::Event& done) { done.block(guard.getStream(device)); }
};

TensorCommunicator::TensorCommunicator(const Communicator& ranks, torch::Device device)
    : ranks_(ranks.duplicate()), device_(device) {
  if (device.is_cuda()) {
    const c10::DeviceGuard on_device(device);
    gpu_ = std::make_unique<Gpu>(ranks_, device);
  }
}

// NCCL's end waits for the other ranks.
TensorCommunicator::~TensorCommunicator() {
  if (!gpu_) return;
  const auto guard = ranks_.in_flight("NCCL end");
  gpu_.reset();
}

void TensorCommunicator::check(const torch::Tensor& tensor, std::string_view call,
                               std::string_view what) const {
  const bool same_device = tensor.device().type() == device_.type() &&
                           (!device_.has_index() || tensor.device().index() == device_.index());
  if (!same_device)
    throw core::InternalError(fmt::format("{} '{}' takes tensors on {}, got one on {}", call, what,
                                          device_.str(), tensor.device().str()));
  if (!tensor.is_contiguous())
    throw core::InternalError(fmt::format("{} '{}' takes contiguous tensors, got shape {} with strides {}",
                                          call, what, in_words(tensor.sizes()), in_words(tensor.strides())));
}

Pending TensorCommunicator::all_reduce_async(const torch::Tensor& tensor, Reduce op, std::string_view what) {
  check(tensor, "all_reduce", what);
  const auto type = tensor.scalar_type();
  const auto scalar = is_half(type) ? Scalar::Float32 : scalar_type(type, what);
  if (ranks_.size() == 1) return {};
  if (gpu_) {
    auto done = gpu_->enqueue(tensor, what, [&](void* handle) {
      gpu_->nccl.all_reduce(tensor.data_ptr(), static_cast<std::size_t>(tensor.numel()),
                            nccl_type(type, what), op, handle, what);
    });
    return Pending(std::make_unique<Pending::NcclCall>(device_, std::move(done)));
  }

  auto call = std::make_unique<Pending::MpiCall>();
  call->ranks = ranks_;
  call->number = ranks_.count_call(what);
  call->what = what;
  call->result = tensor.detach();
  call->travelling = is_half(type) ? call->result.to(torch::kFloat) : call->result;
  const auto values = bytes_of(call->travelling);
  for_each_piece(tensor.numel(), kMaxMpiCount, [&](std::int64_t offset, int piece) {
    call->requests.emplace_back();
    check_mpi(MPI_Iallreduce(MPI_IN_PLACE, values.data() + offset * dist::bytes_of(scalar), piece,
                             mpi_type(scalar), mpi_op(op), ranks_.mpi(), &call->requests.back()),
              "MPI_Iallreduce", what);
  });
  return Pending(std::move(call));
}

void TensorCommunicator::all_reduce(const torch::Tensor& tensor, Reduce op, std::string_view what) {
  all_reduce_async(tensor, op, what).wait();
}

void TensorCommunicator::all_reduce_mean(const torch::Tensor& tensor, std::string_view what) {
  if (!tensor.is_floating_point())
    throw core::InternalError(fmt::format("all_reduce_mean '{}' takes floating types, got {}", what,
                                          c10::toString(tensor.scalar_type())));
  all_reduce(tensor, Reduce::Sum, what);
  const torch::NoGradGuard no_grad;
  tensor.div_(ranks_.size());
}

void TensorCommunicator::broadcast(const torch::Tensor& tensor, std::string_view what, int root) {
  check(tensor, "broadcast", what);
  if (ranks_.size() == 1) return;
  const auto bytes = bytes_of(tensor);
  if (gpu_) {
    gpu_->wait(*gpu_->enqueue(tensor, what, [&](void* handle) {
      gpu_->nccl.broadcast(bytes.data(), bytes.size(), root, handle, what);
    }));
  } else {
    ranks_.broadcast(bytes, what, root);
  }
}

torch::Tensor TensorCommunicator::all_gather(const torch::Tensor& rows, std::string_view what) {
  check(rows, "all_gather", what);
  if (rows.dim() == 0)
    throw core::InternalError(fmt::format("all_gather '{}' takes rows, got a scalar", what));
  if (ranks_.size() == 1) return rows.detach().clone();

  const auto num_rows = rows.size(0);
  auto counts = ranks_.all_gather(std::span(&num_rows, 1), what);
  auto shape = rows.sizes().vec();
  shape[0] = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  const auto all = torch::empty(shape, rows.options().requires_grad(false));
  const auto row_bytes = shape[0] == 0 ? 0 : static_cast<std::int64_t>(all.nbytes()) / shape[0];
  for (auto& count : counts) count *= row_bytes;
  if (gpu_) {
    const auto done = gpu_->enqueue(rows, what, [&](void* handle) {
      gpu_->nccl.all_gather(rows.data_ptr(), all.data_ptr(), counts, handle, what);
    });
    all.record_stream(gpu_->stream);
    gpu_->wait(*done);
  } else {
    const auto guard = ranks_.in_flight(what);
    all_gather_parts(rows.data_ptr(), all.data_ptr(), counts, Scalar::Byte, ranks_.mpi(), what);
  }
  return all;
}

}  // namespace tessera::dist
