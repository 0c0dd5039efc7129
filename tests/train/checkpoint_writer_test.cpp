// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint_writer.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <future>
#include <thread>

#include "core/error.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Le;

TrainingState state_at(std::int64_t step) {
  TrainingState state;
  state.step = step;
  state.weights["w"] = torch::full({1000}, static_cast<float>(step));
  return state;
}

std::size_t num_checkpoints(const fs::path& run) {
  std::size_t number = 0;
  if (!fs::exists(run / "checkpoints")) return number;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints"))
    number += entry.is_directory() && !entry.is_symlink();
  return number;
}

TEST(CheckpointWriter, ReturnsWhileTheDiskIsStillAtWork) {
  test::TemporaryFolder run;
  CheckpointWriter writer(run.path(), 2);
  std::promise<void> disk;
  writer.write(state_at(5), true, [&] { disk.get_future().wait(); });
  EXPECT_FALSE(fs::exists(run / "checkpoints/last"));
  EXPECT_EQ(writer.weights_sha256(), "");

  EXPECT_EQ(writer.slowest_seconds(), 0);
  disk.set_value();
  while (writer.slowest_seconds() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));  // unasked
  writer.finish();

  const auto read = load_checkpoint(run.path(), "last");
  EXPECT_EQ(read.step, 5);
  EXPECT_EQ(writer.weights_sha256(), models::sha256_of(read.weights));
}

TEST(CheckpointWriter, TheNextWaitsForTheOneBeforeAndTheirNumberIsBounded) {
  test::TemporaryFolder run;
  CheckpointWriter writer(run.path(), 2);
  bool at_work = false;
  for (std::int64_t step = 1; step <= 6; ++step) {
    writer.write(state_at(step), step == 1, [&] {
      EXPECT_FALSE(std::exchange(at_work, true));
      EXPECT_THAT(num_checkpoints(run.path()), Le(3U));  // two and the best
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      at_work = false;
    });
  }
  writer.finish();
  EXPECT_EQ(num_checkpoints(run.path()), 3U);
  EXPECT_EQ(load_checkpoint(run.path(), "last").step, 6);
  EXPECT_EQ(load_checkpoint(run.path(), "best").step, 1);
}

TEST(CheckpointWriter, AFailureIsToldOnceAndTheNextIsWritten) {
  test::TemporaryFolder run;
  CheckpointWriter writer(run.path(), 2);
  writer.write(state_at(1), false, [] { throw core::DataError("the disk is full"); });
  while (!writer.has_failed()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_THAT(test::message_of<core::DataError>([&] { writer.write(state_at(2), false, [] {}); }),
              HasSubstr("the disk is full"));
  EXPECT_FALSE(writer.has_failed());

  writer.write(state_at(3), false, [] {});
  writer.finish();
  EXPECT_EQ(load_checkpoint(run.path(), "last").step, 3);
}

TEST(CheckpointWriter, ItsEndWaitsForTheDisk) {
  test::TemporaryFolder run;
  {
    CheckpointWriter writer(run.path(), 2);
    writer.write(state_at(1), false, [] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); });
  }
  EXPECT_EQ(load_checkpoint(run.path(), "last").step, 1);
}

}  // namespace
}  // namespace tessera::train
