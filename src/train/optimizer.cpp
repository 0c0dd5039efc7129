// SPDX-License-Identifier: Apache-2.0
#include "train/optimizer.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"

namespace tessera::train {
namespace {

using torch::optim::AdamParamState;
using torch::optim::AdamWParamState;
using torch::optim::SGDParamState;

std::vector<torch::optim::OptimizerParamGroup> torch_groups(const std::vector<ParameterGroup>& groups) {
  std::vector<torch::optim::OptimizerParamGroup> result;
  for (const auto& group : groups) {
    std::vector<torch::Tensor> tensors;
    for (const auto& [name, tensor] : group.parameters) tensors.push_back(tensor);
    result.emplace_back(std::move(tensors));
  }
  return result;
}

torch::Tensor take(const models::NamedTensors& state, const std::string& name, const torch::Tensor& like) {
  const auto found = state.find(name);
  if (found == state.end() || found->second.sizes() != like.sizes())
    throw core::DataError(fmt::format("the optimiser state has no tensor {} of the parameter's shape", name));
  return found->second.to(like.device(), like.scalar_type()).clone();
}

std::int64_t take_step(const models::NamedTensors& state, const std::string& name) {
  const auto found = state.find(name);
  if (found == state.end() || found->second.numel() != 1)
    throw core::DataError(fmt::format("the optimiser state has no step count {}", name));
  return found->second.item<std::int64_t>();
}

template <typename State>
void save_moments(models::NamedTensors& saved, const std::string& name, const State& state) {
  saved[name + ".step"] = torch::tensor(state.step(), torch::kInt64);
  saved[name + ".exp_avg"] = state.exp_avg();
  saved[name + ".exp_avg_sq"] = state.exp_avg_sq();
}

template <typename State>
std::unique_ptr<State> load_moments(const models::NamedTensors& saved, const std::string& name,
                                    const torch::Tensor& parameter) {
  auto state = std::make_unique<State>();
  state->step(take_step(saved, name + ".step"));
  state->exp_avg(take(saved, name + ".exp_avg", parameter));
  state->exp_avg_sq(take(saved, name + ".exp_avg_sq", parameter));
  return state;
}

}  // namespace

std::vector<ParameterGroup> group_by_rate(const NamedParameters& parameters,
                                          const std::function<double(const std::string&)>& rate_factor) {
  std::vector<ParameterGroup> groups;
  for (const auto& parameter : parameters) {
    const double factor = rate_factor(parameter.first);
    auto group = std::ranges::find(groups, factor, &ParameterGroup::rate_factor);
    if (group == groups.end()) group = groups.insert(groups.end(), {.rate_factor = factor, .parameters = {}});
    group->parameters.push_back(parameter);
  }
  return groups;
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const OptimizerOptions& options,
                                                        const std::vector<ParameterGroup>& groups) {
  const auto tensors = torch_groups(groups);
  const double decay = options.weight_decay;
  // The rate is set before every step.
  if (options.name == "adam")
    return std::make_unique<torch::optim::Adam>(tensors, torch::optim::AdamOptions(1e-3).weight_decay(decay));
  if (options.name == "adamw")
    return std::make_unique<torch::optim::AdamW>(tensors,
                                                 torch::optim::AdamWOptions(1e-3).weight_decay(decay));
  if (options.name == "sgd" || options.name == "momentum")
    return std::make_unique<torch::optim::SGD>(
        tensors, torch::optim::SGDOptions(1e-3)
                     .momentum(options.name == "momentum" ? options.momentum : 0.0)
                     .weight_decay(decay));
  throw core::InternalError("no optimiser is named " + options.name);
}

void set_learning_rate(torch::optim::Optimizer& optimizer, const std::vector<ParameterGroup>& groups,
                       double rate) {
  auto& own = optimizer.param_groups();
  for (std::size_t i = 0; i < groups.size(); ++i) own[i].options().set_lr(rate * groups[i].rate_factor);
}

models::NamedTensors optimizer_state(const torch::optim::Optimizer& optimizer,
                                     const NamedParameters& parameters) {
  models::NamedTensors saved;
  for (const auto& [name, parameter] : parameters) {
    const auto found = optimizer.state().find(parameter.unsafeGetTensorImpl());
    if (found == optimizer.state().end()) continue;
    if (const auto* adam = dynamic_cast<const AdamParamState*>(found->second.get()))
      save_moments(saved, name, *adam);
    if (const auto* adamw = dynamic_cast<const AdamWParamState*>(found->second.get()))
      save_moments(saved, name, *adamw);
    if (const auto* sgd = dynamic_cast<const SGDParamState*>(found->second.get()))
      if (sgd->momentum_buffer().defined()) saved[name + ".momentum"] = sgd->momentum_buffer();
  }
  return saved;
}

void load_optimizer_state(torch::optim::Optimizer& optimizer, const NamedParameters& parameters,
                          const models::NamedTensors& state) {
  for (const auto& [name, parameter] : parameters) {
    // A parameter that never had a gradient has no state yet.
    const auto first = state.lower_bound(name + ".");
    if (first == state.end() || !first->first.starts_with(name + ".")) continue;
    std::unique_ptr<torch::optim::OptimizerParamState> loaded;
    if (dynamic_cast<torch::optim::Adam*>(&optimizer)) {
      loaded = load_moments<AdamParamState>(state, name, parameter);
    } else if (dynamic_cast<torch::optim::AdamW*>(&optimizer)) {
      loaded = load_moments<AdamWParamState>(state, name, parameter);
    } else {
      auto sgd = std::make_unique<SGDParamState>();
      sgd->momentum_buffer(take(state, name + ".momentum", parameter));
      loaded = std::move(sgd);
    }
    optimizer.state()[parameter.unsafeGetTensorImpl()] = std::move(loaded);
  }
}

}  // namespace tessera::train
