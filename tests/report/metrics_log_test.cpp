// SPDX-License-Identifier: Apache-2.0
#include "report/metrics_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <limits>

#include "core/file.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::report {
namespace {

const std::vector<std::string> kColumns{"epoch", "step", "train_loss"};
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void write_epochs(MetricsLog& log, int first, int last, double loss = 0.5) {
  for (int epoch = first; epoch <= last; ++epoch) log.append(std::array{1.0 * epoch, 10.0 * epoch, loss});
}

TEST(MetricsLog, WritesTheSameNumbersAsCsvAndJsonLines) {
  const test::TemporaryFolder folder;
  MetricsLog log(folder.path(), kColumns);

  log.append(std::array{1.0, 10.0, 0.1});
  log.append(std::array{2.0, 20.0, kNaN});

  EXPECT_EQ(core::read_file(folder.path() / "metrics.csv"), "epoch,step,train_loss\n1,10,0.1\n2,20,\n");
  EXPECT_EQ(core::read_file(folder.path() / "metrics.jsonl"),
            "{\"epoch\": 1, \"step\": 10, \"train_loss\": 0.1}\n"
            "{\"epoch\": 2, \"step\": 20, \"train_loss\": null}\n");
}

TEST(MetricsLog, ResumedItHasNoStepTwice) {
  const test::TemporaryFolder folder;
  {
    MetricsLog log(folder.path(), kColumns);
    write_epochs(log, 1, 4);
  }
  MetricsLog log(folder.path(), kColumns, 20);
  write_epochs(log, 3, 3, 0.25);

  EXPECT_EQ(core::read_file(folder.path() / "metrics.csv"),
            "epoch,step,train_loss\n1,10,0.5\n2,20,0.5\n3,30,0.25\n");
  EXPECT_EQ(core::read_file(folder.path() / "metrics.jsonl"),
            "{\"epoch\": 1, \"step\": 10, \"train_loss\": 0.5}\n"
            "{\"epoch\": 2, \"step\": 20, \"train_loss\": 0.5}\n"
            "{\"epoch\": 3, \"step\": 30, \"train_loss\": 0.25}\n");
}

TEST(MetricsLog, DropsTheRowAKillLeftTorn) {
  const test::TemporaryFolder folder;
  {
    MetricsLog log(folder.path(), kColumns);
    write_epochs(log, 1, 2);
  }
  // A torn number reads as a whole smaller one, and its step may lie before the checkpoint's.
  std::ofstream(folder.path() / "metrics.csv", std::ios::app) << "3,3";
  std::ofstream(folder.path() / "metrics.jsonl", std::ios::app) << "{\"epoch\": 3, \"st";

  const MetricsLog log(folder.path(), kColumns, 1000);

  EXPECT_EQ(core::read_file(folder.path() / "metrics.csv"), "epoch,step,train_loss\n1,10,0.5\n2,20,0.5\n");
  EXPECT_THAT(core::read_file(folder.path() / "metrics.jsonl"), testing::EndsWith("0.5}\n"));
}

TEST(MetricsLog, KeepsRowsByNameWhenTheColumnsChanged) {
  const test::TemporaryFolder folder;
  {
    MetricsLog log(folder.path(), kColumns);
    write_epochs(log, 1, 1);
  }

  const MetricsLog log(folder.path(), {"epoch", "step", "learning_rate", "train_loss"}, 10);

  EXPECT_EQ(core::read_file(folder.path() / "metrics.csv"),
            "epoch,step,learning_rate,train_loss\n1,10,,0.5\n");
}

TEST(MetricsLog, AFreshRunReplacesTheOldLog) {
  const test::TemporaryFolder folder;
  {
    MetricsLog log(folder.path(), kColumns);
    write_epochs(log, 1, 3);
  }

  const MetricsLog log(folder.path(), kColumns);

  EXPECT_EQ(core::read_file(folder.path() / "metrics.csv"), "epoch,step,train_loss\n");
  EXPECT_EQ(core::read_file(folder.path() / "metrics.jsonl"), "");
}

}  // namespace
}  // namespace tessera::report
