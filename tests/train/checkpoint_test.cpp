// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TrainingState state_at(std::int64_t step) {
  TrainingState state;
  state.step = step;
  state.epoch = step / 10;
  state.step_in_epoch = step % 10;
  state.best_metric = 0.25;
  state.schedule.plateau_scale = 0.5;
  state.weights["w"] = torch::full({2}, static_cast<float>(step));
  state.state["optimizer.w.step"] = torch::tensor(step, torch::kInt64);
  return state;
}

void replace_in(const fs::path& file, const std::string& old, const std::string& by) {
  std::string text = core::read_file(file);
  const auto at = text.find(old);
  ASSERT_NE(at, std::string::npos) << file;
  std::ofstream(file, std::ios::binary) << text.replace(at, old.size(), by);
}

void flip_byte(const fs::path& file) {
  std::string content = core::read_file(file);
  content.back() = static_cast<char>(content.back() ^ 1);
  std::ofstream(file, std::ios::binary) << content;
}

std::string newest_name(const fs::path& run) {
  const auto newest = newest_valid_checkpoint(run);
  return newest ? newest->name() : "none";
}

TEST(Checkpoint, ReadsBackAsItWas) {
  test::TemporaryFolder run;
  const std::string hash = save_checkpoint(run.path(), state_at(25), true, 2);

  const TrainingState read = load_checkpoint(run.path(), "best");

  EXPECT_EQ(read.step, 25);
  EXPECT_EQ(read.epoch, 2);
  EXPECT_EQ(read.step_in_epoch, 5);
  EXPECT_DOUBLE_EQ(read.best_metric, 0.25);
  EXPECT_DOUBLE_EQ(read.schedule.plateau_scale, 0.5);
  EXPECT_TRUE(torch::equal(read.weights.at("w"), torch::full({2}, 25.0f)));
  EXPECT_EQ(models::sha256_of(read.weights), hash);
}

TEST(Checkpoint, KeepsTheNewestAndTheBest) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(10), true, 2);
  for (const std::int64_t step : {20, 30, 40}) save_checkpoint(run.path(), state_at(step), false, 2);

  EXPECT_TRUE(fs::exists(run / "checkpoints/step-00000010"));
  EXPECT_FALSE(fs::exists(run / "checkpoints/step-00000020"));
  EXPECT_EQ(load_checkpoint(run.path(), "last").step, 40);
  EXPECT_EQ(load_checkpoint(run.path(), "best").step, 10);
}

TEST(Checkpoint, ADamagedNewestFallsBackToTheOneBefore) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(10), false, 3);
  save_checkpoint(run.path(), state_at(20), false, 3);
  flip_byte(run / "checkpoints/step-00000020/weights.safetensors");

  EXPECT_EQ(newest_name(run.path()), "step-00000010");
  EXPECT_THAT(test::message_of<core::DataError>([&] { load_checkpoint(run.path(), "last"); }),
              HasSubstr("weights.safetensors is damaged: its SHA-256"));
}

TEST(Checkpoint, AMissingFileOrBrokenJsonIsDamageToo) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(10), false, 3);
  save_checkpoint(run.path(), state_at(20), false, 3);
  save_checkpoint(run.path(), state_at(30), false, 3);
  fs::remove(run / "checkpoints/step-00000030/state.safetensors");
  std::ofstream(run / "checkpoints/step-00000020/state.json") << "{\"step\": ";

  EXPECT_EQ(newest_name(run.path()), "step-00000010");
}

TEST(Checkpoint, AChangedNumberInItsStateIsDamage) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(10), false, 3);
  save_checkpoint(run.path(), state_at(20), false, 3);
  replace_in(run / "checkpoints/step-00000020/state.json", "\"step\": 20", "\"step\": 22");

  EXPECT_EQ(newest_name(run.path()), "step-00000010");
}

TEST(Checkpoint, AnotherFormatIsRefusedAndNotPassedOver) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(10), false, 3);
  core::write_file_atomically(run / "checkpoints/step-00000010/state.json",
                              R"({"format": 1, "step": 10, "sha256": {}})");

  EXPECT_THAT(test::message_of<core::InputError>([&] { newest_valid_checkpoint(run.path()); }),
              HasSubstr("must have checkpoint format 2, got 1"));
}

TEST(Checkpoint, ADamagedNewerOneGoesAndTheOneJustWrittenStays) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(20), true, 1);
  flip_byte(run / "checkpoints/step-00000020/weights.safetensors");

  save_checkpoint(run.path(), state_at(15), false, 1);

  EXPECT_EQ(load_checkpoint(run.path(), "last").step, 15);
  EXPECT_FALSE(fs::exists(run / "checkpoints/step-00000020"));
}

TEST(Checkpoint, LinksAKillLeftBehindAreSetRight) {
  test::TemporaryFolder run;
  TrainingState best = state_at(20);
  best.best_epoch = 2;
  save_checkpoint(run.path(), state_at(10), true, 2);
  save_checkpoint(run.path(), best, false, 2);
  core::replace_symlink(run / "checkpoints/last", "step-00000010");  // killed before either link

  EXPECT_TRUE(settle_links(run.path(), "step-00000020", best));

  EXPECT_EQ(load_checkpoint(run.path(), "last").step, 20);
  EXPECT_EQ(load_checkpoint(run.path(), "best").step, 20);
}

TEST(Checkpoint, ALostBestIsTold) {
  test::TemporaryFolder run;
  TrainingState resumed = state_at(10);
  resumed.best_epoch = 3;
  save_checkpoint(run.path(), resumed, false, 2);
  EXPECT_FALSE(settle_links(run.path(), "step-00000010", resumed));

  save_checkpoint(run.path(), state_at(20), true, 2);
  EXPECT_TRUE(settle_links(run.path(), "step-00000020", state_at(20)));
  flip_byte(run / "checkpoints/best/weights.safetensors");
  EXPECT_FALSE(settle_links(run.path(), "step-00000010", resumed));
}

TEST(Checkpoint, AnUnfinishedFolderIsNoCheckpointAndIsSwept) {
  test::TemporaryFolder run;
  core::make_folder(run / "checkpoints/step-00000099.partial");

  EXPECT_FALSE(newest_valid_checkpoint(run.path()));
  save_checkpoint(run.path(), state_at(10), false, 2);
  EXPECT_FALSE(fs::exists(run / "checkpoints/step-00000099.partial"));
}

TEST(Checkpoint, ItsWeightsAreReadWithoutTheOptimisersState) {
  test::TemporaryFolder run;
  save_checkpoint(run.path(), state_at(10), true, 2);
  fs::remove(run / "checkpoints/step-00000010/state.safetensors");

  EXPECT_TRUE(torch::equal(load_checkpoint_weights(run.path(), "best").at("w"), torch::full({2}, 10.0f)));
  flip_byte(run / "checkpoints/step-00000010/weights.safetensors");
  EXPECT_THAT(test::message_of<core::DataError>([&] { load_checkpoint_weights(run.path(), "best"); }),
              HasSubstr("weights.safetensors is damaged: its SHA-256"));
}

TEST(Checkpoint, AMissingOneIsTheUsersToMend) {
  test::TemporaryFolder run;

  EXPECT_THAT(test::message_of<core::InputError>([&] { load_checkpoint(run.path(), "best"); }),
              HasSubstr("train the run first"));
}

}  // namespace
}  // namespace tessera::train
