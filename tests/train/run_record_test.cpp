// SPDX-License-Identifier: Apache-2.0
#include "train/run_record.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "core/file.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::train {
namespace {

using ::testing::HasSubstr;

TEST(RunRecord, TellsNoFigureBeforeThereIsOne) {
  test::TemporaryFolder run;
  write_run_record(run.path(), {});

  const std::string text = core::read_file(run / "run.json");
  EXPECT_THAT(text, HasSubstr("\"samples_per_second\": null"));
  EXPECT_THAT(text, HasSubstr("\"value\": null"));
  EXPECT_TRUE(std::isnan(read_run_record(run.path()).result.best_metric));
}

TEST(RunRecord, ReadsItsResultBack) {
  test::TemporaryFolder run;
  RunRecord record;
  record.result.epochs = 3;
  record.result.best_epoch = 2;
  record.result.best_metric = 0.25;
  record.result.seconds = 12.5;
  record.result.samples_per_second = 80;
  record.result.weights_sha256 = "abc";
  record.result.rank_seconds = {{0.5, 2.5, 10, 3}, {0.25, 2, 13}};
  write_run_record(run.path(), record);

  const TrainingResult read = read_run_record(run.path()).result;

  EXPECT_EQ(read.epochs, 3);
  EXPECT_EQ(read.best_epoch, 2);
  EXPECT_EQ(read.best_metric, 0.25);
  EXPECT_EQ(read.seconds, 12.5);
  EXPECT_EQ(read.samples_per_second, 80);
  EXPECT_EQ(read.weights_sha256, "abc");
  EXPECT_EQ(read.rank_seconds, record.result.rank_seconds);
}

TEST(RunRecord, KeepsTheGreyScaleToTheLastBit) {
  test::TemporaryFolder run;
  RunRecord record;
  write_run_record(run.path(), record);
  EXPECT_FALSE(read_run_record(run.path()).target.grey);

  record.target.grey = {.mean = 0.1f, .deviation = 1.0f / 3};
  write_run_record(run.path(), record);

  const auto read = read_run_record(run.path()).target.grey;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->mean, 0.1f);
  EXPECT_EQ(read->deviation, 1.0f / 3);
}

TEST(RunRecord, AnImportedRunNeedsNoDatasetAndNoTimes) {
  test::TemporaryFolder run;
  core::write_file_atomically(run / "run.json", R"({
    "name": "band_gap", "state": "imported", "task": "regression", "target": "band_gap_ev", "target_unit": "eV",
    "transform": "none", "normaliser": {"mean": 2.5, "standard_deviation": 1.5},
    "classes": {"first": 0, "number": 1}, "loss": "mse", "preparation": {}, "parameters": 96641,
    "epochs_done": 457, "best_epoch": 457, "best_metric": {"name": "validation_mae", "value": null},
    "weights_sha256": "abc"})");

  const RunRecord read = read_run_record(run.path());

  EXPECT_TRUE(read.dataset.empty());
  EXPECT_EQ(read.target.normaliser.mean, 2.5);
  EXPECT_EQ(read.result.epochs, 457);
  EXPECT_TRUE(std::isnan(read.result.best_metric));
  EXPECT_TRUE(std::isnan(read.result.samples_per_second));
}

}  // namespace
}  // namespace tessera::train
