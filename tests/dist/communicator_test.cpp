// SPDX-License-Identifier: Apache-2.0
#include "dist/communicator.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/error.hpp"
#include "dist/mpi_calls.hpp"

namespace tessera::dist {
namespace {

using testing::HasSubstr;

/// The same claims hold without MPI and with it.
class CommunicatorSuite : public testing::TestWithParam<bool> {
 protected:
  const Communicator comm_ = GetParam() ? Communicator::world() : Communicator::serial();
  const std::int64_t size_ = comm_.size();
};

INSTANTIATE_TEST_SUITE_P(SerialAndMpi, CommunicatorSuite, testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "Mpi" : "Serial"; });

TEST_P(CommunicatorSuite, AllReducesEveryTypeAndOperation) {
  const auto check = [&]<typename T>(T) {
    const T first = static_cast<T>(comm_.rank() + 1);
    const T n = static_cast<T>(size_);
    EXPECT_EQ(comm_.all_reduce(first, Reduce::Sum, "sum"), static_cast<T>(n * (n + 1) / 2));
    EXPECT_EQ(comm_.all_reduce(first, Reduce::Min, "min"), T{1});
    EXPECT_EQ(comm_.all_reduce(first, Reduce::Max, "max"), n);
  };
  check(float{});
  check(double{});
  check(std::int32_t{});
  check(std::int64_t{});
  check(std::uint8_t{});
}

TEST_P(CommunicatorSuite, GathersPartsOfDifferentLengthInRankOrder) {
  const std::vector<double> local(static_cast<std::size_t>(comm_.rank()), comm_.rank());  // rank 0 has none

  const auto all = comm_.all_gather(std::span<const double>(local), "parts");

  std::vector<double> expected;
  for (int r = 0; r < comm_.size(); ++r) expected.insert(expected.end(), static_cast<std::size_t>(r), r);
  EXPECT_EQ(all, expected);
}

TEST_P(CommunicatorSuite, SendsTexts) {
  const auto own =
      "rank " + std::to_string(comm_.rank()) + std::string(static_cast<std::size_t>(comm_.rank()), '!');

  const auto all = comm_.all_gather_text(own, "texts");
  const auto last = comm_.broadcast_text(own, "text", comm_.size() - 1);

  EXPECT_EQ(all.at(static_cast<std::size_t>(comm_.rank())), own);
  EXPECT_EQ(all.back(), last);
  EXPECT_EQ(comm_.broadcast_text("", "no text"), "");
}

TEST_P(CommunicatorSuite, SplitsByColorKeepingTheOrder) {
  const auto part = comm_.split(comm_.rank() % 2, "odd and even");

  EXPECT_EQ(part.rank(), comm_.rank() / 2);
  EXPECT_EQ(part.size(), (comm_.size() + 1 - comm_.rank() % 2) / 2);
  EXPECT_EQ(part.all_reduce(1, Reduce::Sum, "count"), part.size());
  EXPECT_EQ(comm_.node().size(), comm_.size());  // the tests run on one node
  EXPECT_EQ(comm_.duplicate().rank(), comm_.rank());
}

TEST_P(CommunicatorSuite, AgreesSilentlyWhenNobodyFailed) {
  EXPECT_NO_THROW(comm_.agree(nullptr, "nothing"));
  EXPECT_EQ(comm_.together("a value", [] { return std::string("kept"); }), "kept");
}

TEST_P(CommunicatorSuite, OneRanksErrorIsEverybodysWithTypeAndExitCode) {
  const int failing = comm_.size() - 1;
  try {
    comm_.together("opening", [&] {
      if (comm_.rank() == failing) throw core::InputError("data must exist, got nothing at /nowhere");
    });
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::InputError& error) {
    EXPECT_EQ(error.exit_code(), core::kExitWrongInput);
    EXPECT_THAT(error.what(), HasSubstr("data must exist, got nothing at /nowhere"));
    if (comm_.rank() != failing) {
      EXPECT_THAT(error.what(), HasSubstr("rank " + std::to_string(failing) + " on " + host_name()));
    }
  }
}

TEST_P(CommunicatorSuite, TellsTheFirstFailingRanksErrorToTheOthers) {
  const int failing = comm_.size() - 1;
  try {
    comm_.together("work", [&] {
      if (comm_.rank() == failing) throw core::Error("stopped", core::kExitStoppedInTime);
    });
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::Error& error) {
    EXPECT_EQ(error.exit_code(), core::kExitStoppedInTime);
    if (comm_.rank() == failing)
      EXPECT_STREQ(error.what(), "stopped");
    else
      EXPECT_EQ(error.what(), fmt::format("stopped (rank {} on {})", failing, host_name()));
  }
}

TEST_P(CommunicatorSuite, EachKeepsItsOwnErrorWhereAllFail) {
  const auto own = fmt::format("rank {} failed", comm_.rank());
  try {
    comm_.together("work", [&] { throw core::DataError(own); });
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::DataError& error) {
    EXPECT_EQ(error.what(), own);
  }
}

TEST_P(CommunicatorSuite, OtherExceptionsBecomeParallelErrorsElsewhere) {
  try {
    comm_.together("allocating", [&] {
      if (comm_.is_root()) throw std::bad_alloc();
    });
    ADD_FAILURE() << "nothing thrown";
  } catch (const std::bad_alloc&) {
    EXPECT_TRUE(comm_.is_root());
  } catch (const core::ParallelError& error) {
    EXPECT_FALSE(comm_.is_root());
    EXPECT_THAT(error.what(), HasSubstr("bad_alloc"));
  }
}

TEST(Communicator, NamesCallLibraryTextRankAndHostOfAnMpiError) {
  const auto world = Communicator::world();
  try {
    check_mpi(MPI_Bcast(nullptr, -1, MPI_INT, 0, world.mpi()), "MPI_Bcast", "weights");
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::ParallelError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("MPI_Bcast failed in 'weights' on rank " + std::to_string(world.rank())));
    EXPECT_THAT(error.what(), HasSubstr(host_name()));
    EXPECT_THAT(error.what(), HasSubstr("MPI_ERR_COUNT"));
  }
}

TEST(MpiCalls, CutsCountsBeyondTheLimit) {
  std::vector<std::pair<std::int64_t, int>> pieces;
  const auto note = [&](std::int64_t offset, int count) { pieces.emplace_back(offset, count); };

  for_each_piece(7, 3, note);
  for_each_piece(0, 3, note);

  EXPECT_THAT(pieces, testing::ElementsAre(testing::Pair(0, 3), testing::Pair(3, 3), testing::Pair(6, 1),
                                           testing::Pair(0, 0)));
  pieces.clear();
  for_each_piece(std::int64_t{5} << 30, kMaxMpiCount, note);
  EXPECT_THAT(pieces, testing::SizeIs(3));
  EXPECT_THROW(to_int(std::int64_t{1} << 31), core::InternalError);
}

TEST(MpiCalls, GathersAndBroadcastsInPiecesLikeInOne) {
  const auto world = Communicator::world();
  std::vector<std::int64_t> counts;
  std::vector<std::int32_t> expected;
  for (int r = 0; r < world.size(); ++r) {
    counts.push_back(5 + r);
    for (int k = 0; k < 5 + r; ++k) expected.push_back(100 * r + k);
  }
  std::vector<std::int32_t> local(static_cast<std::size_t>(5 + world.rank()));
  std::iota(local.begin(), local.end(), 100 * world.rank());

  for (const std::int64_t limit : {std::int64_t{4}, kMaxMpiCount}) {
    std::vector<std::int32_t> all(expected.size());
    all_gather_parts(local.data(), all.data(), counts, Scalar::Int32, world.mpi(), "parts", limit);
    EXPECT_EQ(all, expected) << "limit " << limit;
  }
}

}  // namespace
}  // namespace tessera::dist
