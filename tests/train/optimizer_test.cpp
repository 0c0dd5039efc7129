// SPDX-License-Identifier: Apache-2.0
#include "train/optimizer.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::train {
namespace {

NamedParameters two_parameters() {
  torch::manual_seed(1);
  return {{"a", torch::randn({3, 2}).requires_grad_()}, {"b", torch::randn({4}).requires_grad_()}};
}

void update(torch::optim::Optimizer& optimizer, const NamedParameters& parameters, int step) {
  set_learning_rate(optimizer, 0.1);
  optimizer.zero_grad();
  torch::Tensor loss = torch::zeros({});
  for (const auto& [name, parameter] : parameters) loss = loss + (parameter * (step + 1.0)).sin().sum();
  loss.backward();
  optimizer.step();
}

class EveryOptimizer : public testing::TestWithParam<std::string> {};

TEST_P(EveryOptimizer, GoesOnFromSavedStateToTheSameBits) {
  const OptimizerOptions options{.name = GetParam(), .momentum = 0.9, .weight_decay = 0.01};
  auto straight = two_parameters();
  auto optimizer = make_optimizer(options, straight);
  for (int step = 0; step < 3; ++step) update(*optimizer, straight, step);
  NamedParameters resumed;
  for (const auto& [name, parameter] : straight)
    resumed.emplace_back(name, parameter.detach().clone().requires_grad_());
  auto other = make_optimizer(options, resumed);
  models::NamedTensors saved;
  for (const auto& [name, tensor] : optimizer_state(*optimizer, straight)) saved[name] = tensor.clone();
  load_optimizer_state(*other, resumed, saved);

  for (int step = 3; step < 6; ++step) {
    update(*optimizer, straight, step);
    update(*other, resumed, step);
  }

  for (std::size_t i = 0; i < straight.size(); ++i)
    EXPECT_TRUE(torch::equal(straight[i].second, resumed[i].second));
}

INSTANTIATE_TEST_SUITE_P(Optimizer, EveryOptimizer, testing::Values("sgd", "momentum", "adam", "adamw"),
                         [](const auto& name) { return name.param; });

TEST(Optimizer, StateOfAnotherShapeIsRefusedByName) {
  const auto parameters = two_parameters();
  auto optimizer = make_optimizer({.name = "momentum"}, parameters);

  const auto message = test::message_of<core::DataError>([&] {
    load_optimizer_state(*optimizer, parameters, {{"a.momentum", torch::zeros({9})}});
  });

  EXPECT_THAT(message, testing::HasSubstr("a.momentum"));
}

}  // namespace
}  // namespace tessera::train
