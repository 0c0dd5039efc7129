// SPDX-License-Identifier: Apache-2.0
#include "data/sampler.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "data/assignment.hpp"
#include "data/ledger.hpp"
#include "data/made_records.hpp"

namespace tessera::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::int64_t> some_records(std::int64_t count) {
  std::vector<std::int64_t> records;
  for (std::int64_t i = 0; i < count; ++i) records.push_back(3 * i + 1);
  return records;
}

Cursor after(const Sampler& sampler, Cursor at) {
  return at.step + 1 < sampler.steps_per_epoch() ? Cursor{at.epoch, at.step + 1} : Cursor{at.epoch + 1, 0};
}

std::vector<std::vector<std::int64_t>> take(Sampler& sampler, Cursor& at, int steps) {
  std::vector<std::vector<std::int64_t>> batches;
  for (int i = 0; i < steps; ++i, at = after(sampler, at)) batches.push_back(sampler.batch(at));
  return batches;
}

TEST(Sampler, CutsAnEpochIntoBatchesOfEqualSize) {
  Sampler sampler(some_records(33), 16, 4);

  EXPECT_EQ(sampler.steps_per_epoch(), 3);
  for (std::int64_t step = 0; step < 3; ++step) EXPECT_EQ(sampler.batch({0, step}).size(), 11u);
}

TEST(Sampler, UsesEveryRecordOnceAnEpoch) {
  for (std::int64_t batch : {1, 7, 32, 33, 100}) {
    Sampler sampler(some_records(33), batch, 4);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<std::int64_t> used;
      for (std::int64_t step = 0; step < sampler.steps_per_epoch(); ++step) {
        const auto records = sampler.batch({epoch, step});
        EXPECT_FALSE(records.empty());
        used.insert(used.end(), records.begin(), records.end());
      }
      EXPECT_NE(used, some_records(33));
      std::sort(used.begin(), used.end());
      EXPECT_EQ(used, some_records(33));
    }
  }
}

TEST(Sampler, ShufflesEachEpochAnew) {
  Sampler sampler(some_records(50), 50, 4);
  EXPECT_NE(sampler.batch({0, 0}), sampler.batch({1, 0}));
  EXPECT_EQ(sampler.batch({0, 0}), Sampler(some_records(50), 50, 4).batch({0, 0}));
  EXPECT_NE(sampler.batch({0, 0}), Sampler(some_records(50), 50, 5).batch({0, 0}));
}

TEST(Sampler, GoesOnFromAnyCursorAsIfNeverStopped) {
  Sampler sampler(some_records(23), 5, 9);
  Cursor begin;
  const auto whole = take(sampler, begin, 15);
  for (int stop = 0; stop < 15; ++stop) {
    Sampler resumed(some_records(23), 5, 9);
    Cursor at{stop / 5, stop % 5};
    EXPECT_EQ(take(resumed, at, 15 - stop),
              (std::vector<std::vector<std::int64_t>>(whole.begin() + stop, whole.end())));
  }
}

// What the ranks take together is the global batch, in the order of its virtual shards, for any rank count.
TEST(Sampler, GivesTheSameSamplesToAnyNumberOfRanks) {
  Sampler sampler(some_records(61), 16, 2);
  for (std::int64_t step = 0; step < sampler.steps_per_epoch(); ++step) {
    const auto batch = sampler.batch({0, step});
    const std::vector<double> costs(batch.begin(), batch.end());
    const auto shards = assign_by_cost(costs, 8);
    std::vector<std::int64_t> single;
    for (std::int64_t size : {1, 2, 3, 4, 7}) {
      std::vector<std::int64_t> together;
      for (std::int64_t rank = 0; rank < size; ++rank)
        for (auto position : positions_of_rank(shards, rank, size))
          together.push_back(batch[static_cast<std::size_t>(position)]);
      if (size == 1) single = together;
      EXPECT_EQ(together, single);
      EXPECT_TRUE(std::is_permutation(together.begin(), together.end(), batch.begin(), batch.end()));
    }
  }
}

TEST(Sampler, RefusesNothingToTrainOn) {
  EXPECT_THAT(message_of<core::InputError>([] { Sampler({}, 4, 0); }), HasSubstr("no records"));
  EXPECT_THAT(message_of<core::InputError>([] { Sampler({1}, 0, 0); }),
              HasSubstr("global_batch must be 1 or more"));
}

class LedgerOfARun : public ::testing::Test {
 protected:
  // Trains `steps` steps from `at`; gives the cursor after the last.
  Cursor train(Cursor at, int steps) {
    Ledger ledger(path_, at);
    for (int i = 0; i < steps; ++i, at = after(sampler_, at)) ledger.add(at, sampler_.batch(at));
    ledger.sync();
    return at;
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "ledger.csv";
  std::vector<std::int64_t> records_ = some_records(23);
  Sampler sampler_{records_, 5, 9};  // 5 steps an epoch
};

TEST_F(LedgerOfARun, ShowsEverySampleOnceOverKillsAndResumes) {
  const Cursor checkpoint = train({}, 7);
  train(checkpoint, 6);  // killed after that; its steps are taken again
  std::ofstream(path_, std::ios::app) << "2,3,17 2";
  train(checkpoint, 8);

  const auto audit = audit_ledger(path_, records_);

  EXPECT_THAT(audit.faults, IsEmpty());
  EXPECT_EQ(audit.whole_epochs, 3);
  EXPECT_EQ(audit.num_samples, 69);
}

TEST_F(LedgerOfARun, IsMadeAnewFromTheBeginning) {
  train({}, 9);
  train({}, 5);
  const auto audit = audit_ledger(path_, records_);
  EXPECT_EQ(audit.whole_epochs, 1);
  EXPECT_EQ(audit.num_samples, 23);
}

TEST_F(LedgerOfARun, TellsOfSamplesUsedTwiceOrNotAtAll) {
  {
    Ledger ledger(path_, {});
    for (std::int64_t step = 0; step < 5; ++step) {
      auto batch = sampler_.batch({0, step});
      if (step == 2) batch[0] = sampler_.batch({0, 0})[0];
      ledger.add({0, step}, batch);
    }
    ledger.add({1, 0}, sampler_.batch({1, 0}));
  }
  const auto lost = sampler_.batch({0, 2})[0], doubled = sampler_.batch({0, 0})[0];
  EXPECT_THAT(audit_ledger(path_, records_).faults,
              ::testing::UnorderedElementsAre(fmt::format("epoch 0: record {} was not used", lost),
                                              fmt::format("epoch 0: record {} was used 2 times", doubled)));
}

TEST_F(LedgerOfARun, TellsOfGapsAndStrangers) {
  {
    Ledger ledger(path_, {});
    ledger.add({0, 0}, sampler_.batch({0, 0}));
    ledger.add({0, 2}, std::vector<std::int64_t>{999});
  }
  EXPECT_THAT(audit_ledger(path_, records_).faults,
              ElementsAre(HasSubstr("epoch 0 step 2 follows where epoch 0 step 1 was due"),
                          HasSubstr("record 999 is not one to train on")));
  EXPECT_THROW(audit_ledger(folder_ / "none.csv", records_), core::InputError);
  EXPECT_THAT(message_of<core::DataError>([&] { Ledger(folder_ / "no" / "l.csv", {}); }), HasSubstr("l.csv"));
}

}  // namespace
}  // namespace tessera::data
