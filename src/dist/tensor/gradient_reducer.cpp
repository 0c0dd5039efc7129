// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/gradient_reducer.hpp"

#include <fmt/format.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "core/error.hpp"

namespace tessera::dist {

// Runs after a backward has added to the parameter's gradient. (A hook on the tensor itself would run
// before.)
struct GradientReducer::Hook : torch::autograd::PostAccumulateGradHook {
  Hook(GradientReducer* of, std::size_t index) : reducer(of), parameter(index) {}
  void operator()(const torch::Tensor&) override { reducer->gradient_came(parameter); }
  GradientReducer* reducer;
  std::size_t parameter;
};

GradientReducer::GradientReducer(TensorCommunicator& comm, NamedTensors parameters,
                                 const ReducerOptions& options)
    : comm_(comm), options_(options) {
  check_same_tensors(comm.ranks(), parameters);
  broadcast_tensors(comm, parameters);
  for (auto& parameter : parameters)
    if (parameter.second.requires_grad()) parameters_.push_back(std::move(parameter));

  std::vector<std::size_t> reverse(parameters_.size());
  std::iota(reverse.rbegin(), reverse.rend(), std::size_t{0});
  use(lay_out(parameters_, reverse, options_));
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    torch::autograd::impl::set_post_acc_grad_hooks(parameters_[i].second, std::make_unique<Hook>(this, i));
}

GradientReducer::~GradientReducer() {
  for (const auto& [name, tensor] : parameters_)
    torch::autograd::impl::set_post_acc_grad_hooks(tensor, nullptr);
}

void GradientReducer::use(BucketLayout layout) {
  layout_ = std::move(layout);
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    parameters_[i].second.mutable_grad() = layout_.places[i].view;
  came_.assign(parameters_.size(), false);
  missing_.clear();
  for (const auto& bucket : layout_.buckets) missing_.push_back(bucket.members.size());
  pending_.clear();
  pending_.resize(layout_.buckets.size());
}

void GradientReducer::zero_grad() {
  const torch::NoGradGuard no_grad;
  for (auto& bucket : layout_.buckets) bucket.flat.zero_();
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    parameters_[i].second.mutable_grad() = layout_.places[i].view;
}

// Somebody may have dropped the gradient (an optimiser's zero_grad) or put another tensor in its place.
void GradientReducer::adopt_gradient(std::size_t parameter) {
  const torch::NoGradGuard no_grad;
  auto& tensor = parameters_[parameter].second;
  const auto& view = layout_.places[parameter].view;
  const auto& grad = tensor.grad();
  if (grad.defined() && grad.data_ptr() == view.data_ptr()) return;
  if (grad.defined())
    view.copy_(grad);
  else
    view.zero_();
  tensor.mutable_grad() = view;
}

double GradientReducer::now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void GradientReducer::gradient_came(std::size_t parameter) {
  adopt_gradient(parameter);
  if (!sync_) return;
  if (came_[parameter])
    throw core::InternalError(fmt::format(
        "the gradient of '{}' came twice before finish(); call set_sync(false) before all but the "
        "last backward of a step",
        parameters_[parameter].first));
  came_[parameter] = true;
  if (current_.arrival_order.empty()) start_ = std::chrono::steady_clock::now();
  current_.arrival_order.push_back(parameter);
  current_.last_gradient = now();

  --missing_[layout_.places[parameter].bucket];
  while (num_launched_ < missing_.size() && missing_[num_launched_] == 0) launch_next();
  poke();
}

void GradientReducer::launch_next() {
  const auto& bucket = layout_.buckets[num_launched_];
  for (const auto member : bucket.members)
    if (!came_[member]) adopt_gradient(member);
  pending_[num_launched_] = comm_.all_reduce_async(bucket.flat, Reduce::Sum, bucket.name);
  current_.launches.push_back(now());
  current_.bucket_bytes.push_back(static_cast<std::int64_t>(bucket.flat.nbytes()));
  current_.bytes += current_.bucket_bytes.back();
  ++num_launched_;
}

// Any test lets MPI advance every call under way, so the first unfinished one is enough.
void GradientReducer::poke() {
  for (; num_arrived_ < num_launched_ && pending_[num_arrived_].poke(); ++num_arrived_)
    current_.arrivals.push_back(now());
}

void GradientReducer::finish() {
  if (current_.arrival_order.empty()) start_ = std::chrono::steady_clock::now();
  current_.finish_begin = now();
  while (num_launched_ < layout_.buckets.size()) {
    launch_next();
    poke();
  }
  const double before_wait = now();
  for (std::size_t b = 0; b < pending_.size(); ++b) {
    pending_[b].wait();
    if (b >= num_arrived_) current_.arrivals.push_back(now());
  }
  current_.start = start_;
  current_.finish_end = now();
  current_.exposed_seconds = current_.finish_end - before_wait;
  trace_ = std::exchange(current_, {});

  std::fill(came_.begin(), came_.end(), false);
  for (std::size_t b = 0; b < missing_.size(); ++b) missing_[b] = layout_.buckets[b].members.size();
  num_launched_ = num_arrived_ = 0;
  if (!rebuilt_) rebuild();
}

// Where rank 0 ran no backward in this step, the next one is asked.
void GradientReducer::rebuild() {
  std::vector<std::int64_t> order(trace_.arrival_order.begin(), trace_.arrival_order.end());
  const auto num_came = comm_.ranks().is_root() ? static_cast<std::int64_t>(order.size()) : std::int64_t{0};
  std::int64_t told = num_came;
  comm_.ranks().broadcast(std::span(&told, 1), "gradient order");
  if (told == 0) return;
  order.resize(static_cast<std::size_t>(told));
  comm_.ranks().broadcast(std::span(order), "gradient order");

  std::vector<std::size_t> all(order.begin(), order.end());
  std::vector<bool> listed(parameters_.size(), false);
  for (const auto parameter : all) listed[parameter] = true;
  for (std::size_t i = parameters_.size(); i-- > 0;)
    if (!listed[i]) all.push_back(i);

  const torch::NoGradGuard no_grad;
  const auto old = std::move(layout_.places);
  auto layout = lay_out(parameters_, all, options_);
  for (std::size_t i = 0; i < parameters_.size(); ++i) layout.places[i].view.copy_(old[i].view);
  use(std::move(layout));
  rebuilt_ = true;
}

}  // namespace tessera::dist
