// SPDX-License-Identifier: Apache-2.0
#include "dist/stop_request.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <limits>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::dist {
namespace {

using ::testing::HasSubstr;

TEST(JobEnd, LeavesTwiceTheSlowestStepAndSave) {
  double now = 1000;
  JobEnd end(2000, [&] { return now; });
  now = 1020;
  EXPECT_FALSE(end.is_near_after_step());  // a step of 20 s
  end.saved(40);
  end.saved(5);
  for (now = 1030; now < 1880; now += 10) EXPECT_FALSE(end.is_near_after_step()) << now;
  now = 1880;
  EXPECT_FALSE(end.is_near_after_step());
  now = 1881;
  EXPECT_TRUE(end.is_near_after_step());
}

TEST(JobEnd, LeavesTenSecondsWhereStepsAreShort) {
  double now = 1000;
  JobEnd end(2000, [&] { return now; });
  for (; now <= 1990; now += 0.5) EXPECT_FALSE(end.is_near_after_step());
  EXPECT_TRUE(end.is_near_after_step());
}

TEST(JobEnd, IsTheOneOfTheBatchScript) {
  ::unsetenv("SLURM_JOB_END_TIME");
  EXPECT_FALSE(JobEnd::of_this_job().is_near_after_step());
  ::setenv("SLURM_JOB_END_TIME", "1700000000", 1);  // 2023
  EXPECT_TRUE(JobEnd::of_this_job().is_near_after_step());
  ::setenv("SLURM_JOB_END_TIME", "Unknown", 1);
  EXPECT_THAT(test::message_of<core::InputError>([] { JobEnd::of_this_job(); }),
              HasSubstr("SLURM_JOB_END_TIME must be seconds since 1970, it is \"Unknown\""));
  ::unsetenv("SLURM_JOB_END_TIME");
}

TEST(StopRequest, TellsTheBatchScriptWhereThereIsOne) {
  const test::TemporaryFolder folder;
  ::unsetenv("TESSERA_REQUEUE_FILE");
  ask_for_requeue();
  ::setenv("TESSERA_REQUEUE_FILE", (folder / "again").c_str(), 1);
  ask_for_requeue();
  EXPECT_TRUE(std::filesystem::exists(folder / "again"));
  ::unsetenv("TESSERA_REQUEUE_FILE");
}

}  // namespace
}  // namespace tessera::dist
