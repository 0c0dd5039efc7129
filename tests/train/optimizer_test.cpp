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

// "b" at a tenth of the rate.
std::vector<ParameterGroup> two_groups(const NamedParameters& parameters) {
  return group_by_rate(parameters, [](const std::string& name) { return name == "b" ? 0.1 : 1.0; });
}

void update(torch::optim::Optimizer& optimizer, const NamedParameters& parameters, int step) {
  set_learning_rate(optimizer, two_groups(parameters), 0.1);
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
  auto optimizer = make_optimizer(options, two_groups(straight));
  for (int step = 0; step < 3; ++step) update(*optimizer, straight, step);
  NamedParameters resumed;
  for (const auto& [name, parameter] : straight)
    resumed.emplace_back(name, parameter.detach().clone().requires_grad_());
  auto other = make_optimizer(options, two_groups(resumed));
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

TEST(Optimizer, AGroupLearnsAtItsShareOfTheRate) {
  const auto parameters = two_parameters();
  const auto a = parameters[0].second.detach().clone(), b = parameters[1].second.detach().clone();
  const auto groups = two_groups(parameters);
  auto optimizer = make_optimizer({.name = "sgd"}, groups);
  for (const auto& [name, parameter] : parameters) parameter.mutable_grad() = torch::ones_like(parameter);

  set_learning_rate(*optimizer, groups, 0.5);
  optimizer->step();

  EXPECT_TRUE(torch::allclose(parameters[0].second, a - 0.5));
  EXPECT_TRUE(torch::allclose(parameters[1].second, b - 0.05));
}

TEST(Optimizer, ParametersOfOneFactorShareAGroupWhereverTheyStand) {
  const auto tensor = torch::zeros({1});
  const auto groups = group_by_rate({{"e.1", tensor}, {"h.1", tensor}, {"e.2", tensor}},
                                    [](const std::string& name) { return name[0] == 'e' ? 0.1 : 1.0; });

  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].rate_factor, 0.1);
  EXPECT_EQ(groups[0].parameters[1].first, "e.2");
  EXPECT_EQ(groups[1].parameters[0].first, "h.1");
}

TEST(Optimizer, StateOfAnotherShapeIsRefusedByName) {
  const auto parameters = two_parameters();
  auto optimizer = make_optimizer({.name = "momentum"}, two_groups(parameters));

  const auto message = test::message_of<core::DataError>([&] {
    load_optimizer_state(*optimizer, parameters, {{"a.momentum", torch::zeros({9})}});
  });

  EXPECT_THAT(message, testing::HasSubstr("a.momentum"));
}

}  // namespace
}  // namespace tessera::train
