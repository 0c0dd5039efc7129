// SPDX-License-Identifier: Apache-2.0
#include "search/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <set>
#include <thread>

#include "child_process.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "described_study.hpp"
#include "support/expect_error.hpp"

namespace tessera::search {
namespace {

namespace fs = std::filesystem;
using test::message_of;
using testing::AllOf;
using testing::HasSubstr;

constexpr double kNever = 1e9;  // a test that would have to wait for a lock's grace hangs
const std::string kTime = "2026-11-23T07:00:00.000000+00:00";

Trial trial_named(const std::string& name) {
  Trial trial;
  trial.started = kTime;
  trial.settings["x"] = {FloatDistribution{0, 1, false, {}}, 0.5};
  trial.user_attributes["name"] = "\"" + name + "\"";
  return trial;
}

class JournalTest : public testing::Test {
 protected:
  Journal journal(const std::string& worker = "w") const { return Journal(path, "s", worker); }
  Journal journal_with_study() const {
    Journal made = journal();
    made.transact([](JournalBatch& batch) { batch.create_study(Direction::kMinimize); });
    return made;
  }
  // Of the trials that are there, in their order.
  std::vector<std::string> names() const {
    Journal reader = journal("reader");
    reader.refresh();
    std::vector<std::string> names;
    for (const auto& trial : reader.study()->trials) {
      EXPECT_EQ(trial.number, std::ssize(names));
      names.push_back(trial.user_attributes.at("name"));
    }
    return names;
  }
  void append(const std::string& text) const {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
  }

  test::TemporaryFolder folder;
  fs::path path = folder / "journal.log";
};

// One trial after the other, each in one batch with the end of the one before, until `keep_on` says no.
void add_trials(Journal& journal, const std::string& name, const std::function<bool(int)>& keep_on) {
  for (int i = 0; keep_on(i); ++i)
    journal.transact([&](JournalBatch& batch) {
      const auto number = batch.create_trial(trial_named(name + std::to_string(i)));
      batch.report(number, 1, 0.25);
      batch.set_state(number, TrialState::kComplete, 0.5, kTime);
    });
}

TEST_F(JournalTest, WhatOneAppendsTheOtherReads) {
  Journal writer = journal(), reader = journal("r");
  reader.refresh();
  EXPECT_FALSE(reader.study());
  writer.transact([](JournalBatch& batch) {
    EXPECT_FALSE(batch.study());
    batch.create_study(Direction::kMaximize);
    EXPECT_EQ(batch.study()->direction, Direction::kMaximize);
    const auto number = batch.create_trial(trial_named("a"));
    EXPECT_EQ(number, 0);
    batch.set_param(number, "y", {IntDistribution{1, 4, 1, false}, 3});
    batch.report(number, 1, 0.5);
    batch.set_trial_system_attribute(number, "k", "[1]");
    EXPECT_EQ(batch.study()->trials[0].intermediate.at(1), 0.5);
  });
  reader.refresh();
  EXPECT_EQ(reader.study(), writer.study());
  writer.transact([](JournalBatch& batch) { batch.set_state(0, TrialState::kComplete, 1.0, kTime); });
  reader.refresh();
  EXPECT_EQ(reader.study(), writer.study());
  EXPECT_EQ(reader.study()->trials[0].value, 1.0);
  reader.transact([](JournalBatch& batch) { batch.create_trial(trial_named("b")); });
  writer.transact([](JournalBatch& batch) { EXPECT_EQ(batch.study()->trials.size(), 2u); });
}

TEST_F(JournalTest, WorkThatThrowsAppendsNothing) {
  Journal writer = journal_with_study();
  const std::string before = core::read_file(path);
  EXPECT_THROW(writer.transact([](JournalBatch& batch) {
    batch.create_trial(trial_named("a"));
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(core::read_file(path), before);
  writer.refresh();
  EXPECT_TRUE(writer.study()->trials.empty());
  add_trials(writer, "b", [](int i) { return i < 2; });
  EXPECT_EQ(names(), (std::vector<std::string>{"\"b0\"", "\"b1\""}));
}

// Cut at every byte, as a killed writer or machine leaves it: what stood whole is there once, and the next
// trial comes behind it.
TEST_F(JournalTest, GoesOnWhereverItWasCut) {
  Journal writer = journal_with_study();
  add_trials(writer, "t", [](int i) { return i < 2; });
  const std::string whole = core::read_file(path);
  const auto head = static_cast<std::size_t>(whole.find('\n') + 1);
  testing::internal::CaptureStderr();
  for (std::size_t length = head; length <= whole.size(); ++length) {
    const auto lines = whole.substr(0, length).rfind('\n') + 1;
    JournalReplay expected("s");
    for (const auto line : core::split(core::trim(std::string_view(whole).substr(0, lines)), '\n'))
      expected.apply(line);

    fs::remove(path);  // another file, else what the last round left might still be open somewhere
    append(whole.substr(0, length));
    Journal again = journal("again");
    again.refresh();
    ASSERT_EQ(again.study(), expected.study()) << length;
    again.transact([&](JournalBatch& batch) {
      ASSERT_EQ(batch.study(), expected.study()) << length;
      batch.create_trial(trial_named("next"));
    });
    const auto now = names();
    ASSERT_EQ(now.size(), expected.study()->trials.size() + 1) << length;
    ASSERT_EQ(now.back(), "\"next\"");
    ASSERT_EQ(core::read_file(path).substr(0, lines), whole.substr(0, lines));
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("removed '{\"op_code\":4"), HasSubstr("torn")));
}

TEST_F(JournalTest, ABadLineIsNamed) {
  Journal writer = journal_with_study();
  append("{\"op_code\":4,\"stud\n");
  append(R"({"op_code":10})"
         "\n");
  EXPECT_THAT(
      message_of<core::DataError>([&] { journal().refresh(); }),
      AllOf(HasSubstr("journal.log:2 must be"), HasSubstr(R"({"op_code":4,"stud)"), HasSubstr("remove")));
  EXPECT_THROW(writer.transact([](JournalBatch&) {}), core::DataError);
}

// What Optuna leaves when it appends behind a torn line, which it does not look at.
TEST_F(JournalTest, AnUnreadableLastLineWaitsAndIsRemovedUnderTheLock) {
  Journal writer = journal_with_study();
  append(R"({"op_co{"op_code":4,"worker_id":"p","study_id":0,"datetime_start":null})"
         "\n");
  Journal reader = journal("r");
  reader.refresh();
  EXPECT_TRUE(reader.study()->trials.empty());
  testing::internal::CaptureStderr();
  add_trials(writer, "a", [](int i) { return i < 1; });
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("torn: removed '{\"op_co{"));
  reader.refresh();
  EXPECT_EQ(reader.study(), writer.study());
  EXPECT_EQ(names(), std::vector<std::string>{"\"a0\""});
}

TEST_F(JournalTest, AnotherFileInItsPlaceIsRefused) {
  Journal writer = journal_with_study();
  const std::string text = core::read_file(path);
  core::write_file_atomically(path, text + text);
  EXPECT_THAT(message_of<core::DataError>([&] { writer.refresh(); }), HasSubstr("journal.log was replaced"));
}

TEST_F(JournalTest, AFullDiskLeavesItAsItWas) {
  Journal writer = journal_with_study();
  const std::string before = core::read_file(path);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{before.size() + 100, limit.rlim_max};
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto message =
      message_of<core::DataError>([&] { add_trials(writer, "a", [](int i) { return i < 1; }); });
  ::setrlimit(RLIMIT_FSIZE, &limit);
  ::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, AllOf(HasSubstr("cannot write " + path.string()), HasSubstr("as it did before")));
  EXPECT_EQ(core::read_file(path), before);
  add_trials(writer, "b", [](int i) { return i < 1; });
  EXPECT_EQ(names(), std::vector<std::string>{"\"b0\""});
}

TEST_F(JournalTest, AFolderThatCannotBeWrittenIsNamed) {
  append("");
  Journal inside_a_file(path / "journal.log", "s", "w");
  EXPECT_THAT(message_of<core::InputError>([&] { inside_a_file.transact([](JournalBatch&) {}); }),
              AllOf(HasSubstr("journal.log/journal.log"), HasSubstr("Not a directory")));
  if (::geteuid() == 0) return;  // root may write anywhere
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(message_of<core::InputError>([&] { journal().transact([](JournalBatch&) {}); }),
              HasSubstr("Permission denied"));
  fs::permissions(folder.path(), fs::perms::owner_all);
}

// Three of our processes and, where it is installed, one of Optuna's append to one journal.
TEST_F(JournalTest, ManyProcessesLoseNothing) {
  journal_with_study();
  constexpr int kEach = 40, kOfOptuna = 12;
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (const std::string name : {"a", "b", "c"})
    children.push_back(std::make_unique<ChildProcess>([&] {
      Journal mine = journal(name);
      add_trials(mine, name, [](int i) { return i < kEach; });
    }));
  const auto optuna = test::run_python("optuna", R"(
import sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
backend = optuna.storages.journal.JournalFileBackend(sys.argv[1])
study = optuna.load_study(study_name="s", storage=optuna.storages.JournalStorage(backend),
                          sampler=optuna.samplers.RandomSampler())
for i in range(int(sys.argv[2])):
    trial = study.ask()
    trial.set_user_attr("name", f"p{i}")
    trial.suggest_float("x", 0, 1)
    trial.report(0.25, 1)
    study.tell(trial, 0.5)
)",
                                       {path.string(), std::to_string(kOfOptuna)});
  for (const auto& child : children) EXPECT_EQ(child->wait(), 0);
  std::set<std::string> expected;
  for (int i = 0; i < kEach; ++i)
    for (const std::string name : {"a", "b", "c"}) expected.insert("\"" + name + std::to_string(i) + "\"");
  if (optuna) {
    ASSERT_EQ(optuna->exit_code, 0) << optuna->output;
    for (int i = 0; i < kOfOptuna; ++i) expected.insert("\"p" + std::to_string(i) + "\"");
  }
  const auto all = names();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()), expected);
  EXPECT_EQ(all.size(), expected.size());
  if (!optuna) GTEST_SKIP() << "without Optuna's process: ./dev test installs optuna";
  Journal reader = journal("r");
  reader.refresh();
  EXPECT_EQ(described_by_optuna(path, "s")->output, described(*reader.study()));
}

TEST_F(JournalTest, ThreadsOfOneProcessMayEachHaveTheirOwn) {
  journal_with_study();
  std::vector<std::thread> threads;
  for (const std::string name : {"a", "b"})
    threads.emplace_back([this, name] {
      Journal mine = journal(name);
      add_trials(mine, name, [](int i) { return i < 10; });
    });
  for (auto& thread : threads) thread.join();
  const auto all = names();
  EXPECT_EQ(all.size(), 20u);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 20u);
}

// Killed wherever it happens to stand, often under the lock, which the next takes without waiting for its
// grace: what a writer was told is written is there, once.
TEST_F(JournalTest, KilledWritersLoseNothing) {
  journal_with_study();
  std::vector<std::string> acknowledged;
  testing::internal::CaptureStderr();
  for (int round = 0; round < 12; ++round) {
    const std::string name = "r" + std::to_string(round) + "-";
    const Pipe done;
    ChildProcess child([&] {
      Journal mine(path, "s", name, {kNever});
      add_trials(mine, name, [&](int i) { return i == 0 || done.send('d'); });
    });
    for (int i = 0; i <= round % 4; ++i) {
      ASSERT_EQ(done.receive(), 'd');
      acknowledged.push_back("\"" + name + std::to_string(i) + "\"");
    }
    child.kill();
  }
  Journal last(path, "s", "last", {kNever});
  add_trials(last, "last", [](int i) { return i < 1; });
  testing::internal::GetCapturedStderr();
  const auto all = names();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  EXPECT_THAT(all, testing::IsSupersetOf(acknowledged));
}

// Optuna reads the file whenever we have appended, and makes of it what we make of it.
TEST_F(JournalTest, OptunaReadsWhatWeWrite) {
  Journal writer = journal_with_study();
  for (const double value : {0.1, 1e-300, std::numeric_limits<double>::infinity()}) {
    writer.transact([&](JournalBatch& batch) {
      Trial trial = trial_named("é \\u00e9 \\\"quoted\\\"");
      trial.settings["c"] = {CategoricalDistribution{{std::string("a\"b"), false, std::int64_t{3}, 2.5}}, 1};
      trial.settings["l"] = {FloatDistribution{1e-7, 1, true, {}}, 0.001};
      trial.settings["q"] = {FloatDistribution{0, 1, false, 0.25}, 0.75};
      const auto number = batch.create_trial(trial);
      batch.set_param(number, "i", {IntDistribution{1, 64, 1, true}, 8});
      batch.report(number, 1, std::numeric_limits<double>::quiet_NaN());
      batch.report(number, 2, value);
      batch.set_trial_system_attribute(number, "k", R"({"a":[null,true],"b":-Infinity})");
      batch.set_state(number, TrialState::kComplete, value, kTime);
      trial.state = TrialState::kWaiting;
      trial.started.clear();
      const auto waiting = batch.create_trial(trial);
      batch.create_trial(trial);
      batch.set_state(waiting, TrialState::kRunning, {}, kTime);
      batch.set_study_user_attribute("n", "1");
      batch.set_study_system_attribute("s", "{\"a\":1}");
    });
    const auto read = described_by_optuna(path, "s");
    if (!read) GTEST_SKIP() << "./dev test installs optuna";
    Journal reader = journal("r");
    reader.refresh();
    ASSERT_EQ(read->output, described(*reader.study()));
  }
}

}  // namespace
}  // namespace tessera::search
