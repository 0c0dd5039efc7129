// SPDX-License-Identifier: Apache-2.0
#include "report/scaling_report.hpp"

#include <gmock/gmock.h>

namespace tessera::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ScalingFacts one_and_two_ranks() {
  return {.title = "Scaling of k",
          .facts = {{"nodes", "1: node1"}},
          .runs = {
              {"strong", 1, 256, 1000, 10, {{"compute", {8}}, {"imbalance", {0}}, {"other", {2}}}},
              {"strong", 2, 256, 1800, 6, {{"compute", {4, 5}}, {"imbalance", {1, 0}}, {"other", {0.94, 1}}}},
              {"weak", 2, 512, 1900, 11, {{"compute", {8, 8}}, {"imbalance", {0, 0}}, {"other", {3, 3}}}}}};
}

TEST(ScalingReport, EfficiencyIsTheRateOverRanksTimesTheRateOfOne) {
  const auto scaling = one_and_two_ranks();
  EXPECT_DOUBLE_EQ(parallel_efficiency(scaling.runs[0], scaling), 1);
  EXPECT_DOUBLE_EQ(parallel_efficiency(scaling.runs[1], scaling), 0.9);
  EXPECT_DOUBLE_EQ(parallel_efficiency(scaling.runs[2], scaling), 0.95);
  EXPECT_DOUBLE_EQ(accounted_share(scaling.runs[1]), 0.99);
}

TEST(ScalingReport, TheTableHasARowARunAndAColumnASection) {
  EXPECT_EQ(
      scaling_csv(one_and_two_ranks()),
      "mode,ranks,global_batch,samples_per_second,efficiency,wall_seconds,accounted,compute,imbalance,other\n"
      "strong,1,256,1000,1.0000,10.0000,1.0000,8.0000,0.0000,2.0000\n"
      "strong,2,256,1800,0.9000,6.0000,0.9900,4.5000,0.5000,0.9700\n"
      "weak,2,512,1900,0.9500,11.0000,1.0000,8.0000,0.0000,3.0000\n");
}

TEST(ScalingReport, ThePageShowsEfficiencySharesAndTheSlowestRank) {
  const auto page = make_scaling_report(one_and_two_ranks());
  EXPECT_THAT(page, AllOf(HasSubstr("strong, 2 ranks"), HasSubstr("0.900"), HasSubstr("node1"),
                          HasSubstr("slowest rank"), Not(HasSubstr("nan"))));
  EXPECT_THAT(page, HasSubstr("75.0")) << "compute of the strong run on 2 ranks, in % of its wall time";
}

TEST(RankTable, NamesTheSlowestRankOfEachSection) {
  const Table table = rank_table({{"compute", {2, 5, 3}}, {"checkpoint", {0, 0, 0}}, {"input", {}}});
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"compute", "2", "3", "5", "1"}));
}

}  // namespace
}  // namespace tessera::report
