// SPDX-License-Identifier: Apache-2.0
// tessera report --scaling, as a user calls it.
#include <gmock/gmock.h>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "jobs/walk.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Scaling : public Walk {};

TEST_F(Scaling, TimesOneTwoAndThreeRanksAndAccountsForTheirTime) {
  const auto report = run("tessera",
                          "report --scaling " + config() + " --set data.dataset=" + at("dataset") +
                              " --set train.global_batch=15 --epochs 20 --out " + at("scaling"),
                          3);
  ASSERT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(report.out, HasSubstr("ranks=3 weak_efficiency="));

  const auto table = core::read_csv(at("scaling/scaling.csv"));
  std::vector<std::string> runs;
  for (const auto& row : table.rows) {
    runs.push_back(row.fields[0] + " " + row.fields[1] + " of " + row.fields[2]);
    EXPECT_GT(std::stod(row.fields[3]), 0);
    // Of the wall time, measured around the training; these last about a second, and run.json comes after
    // them.
    const double wall = std::stod(row.fields[5]), accounted = std::stod(row.fields[6]);
    EXPECT_GT(accounted, 0.98 - 0.05 / wall) << runs.back();
    EXPECT_LE(accounted, 1.0001) << runs.back();
  }
  EXPECT_EQ(runs, (std::vector<std::string>{"strong 1 of 15", "strong 2 of 15", "strong 3 of 15",
                                            "weak 2 of 30", "weak 3 of 45"}));
  EXPECT_THAT(core::read_file(at("scaling/report.html")), HasSubstr("Where the time went"));
  for (const char* rank : {"0", "1", "2"})
    EXPECT_TRUE(fs::exists(at("scaling/strong-3/trace/rank-0000" + std::string(rank) + ".json")));
  EXPECT_FALSE(fs::exists(at("scaling/warm-up")));
}

TEST_F(Scaling, RefusesWhatCannotBeTimed) {
  const auto none =
      run("tessera", "report --scaling " + config() + " --epochs 0 --set data.dataset=" + at("dataset"));
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("--epochs must be at least 1, got 0"));
  const auto elsewhere = run("tessera-report", config() + " --scaling");
  EXPECT_EQ(elsewhere.exit_code, 2);
  EXPECT_THAT(elsewhere.err, HasSubstr("start it as `tessera report --scaling`"));
}

}  // namespace
}  // namespace tessera::test
