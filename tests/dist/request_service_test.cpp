// SPDX-License-Identifier: Apache-2.0
#include "dist/request_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

#include "core/error.hpp"

namespace tessera::dist {
namespace {

using ::testing::SizeIs;

constexpr int kQuestions = 200;

TEST(RequestService, AnswersEveryQuestionOnceAndInOrderWhileTheRootWorksToo) {
  const auto world = Communicator::world();
  std::map<int, std::vector<std::string>> asked;  // on the root, by rank
  RequestService service(world, {.answer = [&](int rank, const std::string& question) {
                           asked[rank].push_back(question);
                           return std::to_string(rank) + ":" + question;
                         }});

  for (int i = 0; i < kQuestions; ++i) {
    const std::string question = std::to_string(i) + std::string(i == 7 ? 1 << 20 : 0, 'x');
    EXPECT_EQ(service.ask(question), std::to_string(world.rank()) + ":" + question);
    // The root's own work goes on meanwhile, collectives and all.
    if (i % 50 == 0) {
      EXPECT_EQ(world.all_reduce<std::int64_t>(1, Reduce::Sum, "work"), world.size());
    }
  }
  service.close();

  if (!world.is_root()) return;
  ASSERT_EQ(std::ssize(asked), world.size());
  for (const auto& [rank, questions] : asked) {
    ASSERT_THAT(questions, SizeIs(kQuestions));
    for (int i = 0; i < kQuestions; ++i)
      EXPECT_TRUE(questions[static_cast<std::size_t>(i)].starts_with(std::to_string(i)));
  }
}

TEST(RequestService, AnswersWhileTheRootIsBusyElsewhere) {
  const auto world = Communicator::world();
  bool root_is_done = false;
  RequestService service(world,
                         {.answer = [&](int, const std::string&) { return root_is_done ? "late" : "soon"; }});

  if (world.is_root()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // a long step
    root_is_done = true;
  } else {
    EXPECT_EQ(service.ask("now?"), "soon");
  }
  service.close();
}

TEST(RequestService, WhereWritingDownTheAnswersFailsEveryAskerIsTold) {
  const auto world = Communicator::world();
  RequestService service(world, {.answer = [](int, const std::string&) { return "written"; },
                                 .together =
                                     [](const auto& answers) {
                                       answers();
                                       throw core::DataError("the journal cannot be written");
                                     }});

  try {
    service.ask("anything");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const core::Error& error) {
    EXPECT_STREQ(error.what(), "the journal cannot be written");
  }
  service.close();
}

TEST(RequestService, WhatTheAnswerThrowsIsThrownWhereItWasAskedAndTheOthersGoOn) {
  const auto world = Communicator::world();
  RequestService service(world, {.answer = [](int, const std::string& question) -> std::string {
                           if (question == "bad") throw core::InputError("the disk is full");
                           return "fine";
                         }});

  if (world.rank() == world.size() - 1) {
    try {
      service.ask("bad");
      ADD_FAILURE() << "nothing was thrown";
    } catch (const core::Error& error) {
      EXPECT_STREQ(error.what(), "the disk is full");
      EXPECT_EQ(error.exit_code(), core::kExitWrongInput);
    }
  }
  EXPECT_EQ(service.ask("good"), "fine");
  service.close();
}

TEST(RequestService, TicksWhileNobodyAsks) {
  const auto world = Communicator::world();
  int ticks = 0;
  RequestService service(world, {.answer = [&](int, const std::string&) { return std::to_string(ticks); },
                                 .tick = [&] { ++ticks; },
                                 .tick_seconds = 0.01});

  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_GE(std::stoi(service.ask("how often?")), 2);
  service.close();
}

TEST(RequestService, NeedsNoMpiForOneRank) {
  const auto alone = Communicator::serial();
  RequestService service(alone, {.answer = [](int, const std::string& question) { return question + "!"; }});
  EXPECT_EQ(service.ask("well"), "well!");
  service.close();
}

}  // namespace
}  // namespace tessera::dist
