// SPDX-License-Identifier: Apache-2.0
// tessera search as a user runs it: a sweep over trainings, stopped, killed, joined, gone on with, and
// reported.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using test::value_of;
using ::testing::HasSubstr;

class SearchWalk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new test::TemporaryFolder;
    run("tessera-synth-micrographs", "--count 24 --size 32 --grain-size 12 --seed 3 --out " + at("made"));
    run("tessera-prep-images",
        "--images " + at("made/images") + " --masks " + at("made/masks") + " --out " + at("data"));
    const char* source = std::getenv("TESSERA_SOURCE");
    const auto base = fs::absolute(fs::path(source ? source : ".") / "jobs/configs/grain_boundary.toml");
    std::ofstream(at("sweep.toml"))
        << "base = '" << base.string() << "'\n"
        << "set = ['data.dataset=\"" << at("data") << "\"', 'model.base_width=4', "
        << "'data.split.by=\"hash\"', 'train.epochs=3', 'train.reproducible=true']\n"
        << kSweep;
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string at(const std::string& name) { return (*folder / name).string(); }
  static ProgramResult run(const std::string& program, const std::string& arguments, int ranks = 0) {
    const std::string command = test::program_path(program) + " " + arguments;
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  static ProgramResult search(const std::string& study, const std::string& more = "", int ranks = 0) {
    return run("tessera-search", at("sweep.toml") + " --quiet --set study.dir=" + at(study) + " " + more,
               ranks);
  }
  // Value by settings, of the complete trials.
  static std::map<std::string, std::string> values(const std::string& study) {
    std::map<std::string, std::string> values;
    for (const auto& row : core::parse_csv(core::read_file(at(study + "/trials.csv")), "trials"))
      if (row.fields[1] == "complete") values[row.fields[3] + "," + row.fields[4]] = row.fields[2];
    return values;
  }

  static constexpr const char* kSweep =
      "[study]\ndir = 'study'\nmetric = 'validation_iou'\ndirection = 'maximize'\n[sampler]\nname = 'grid'\n"
      "[[parameter]]\nkey = 'model.depth'\ntype = 'int'\nlow = 2\nhigh = 3\n"
      "[[parameter]]\nkey = 'model.skip'\ntype = 'categorical'\nchoices = ['add', 'none']\n";
  inline static test::TemporaryFolder* folder = nullptr;
};

TEST_F(SearchWalk, FindsTheSameByOneWorkerByTwoAndByOneOfTwoRanks) {
  const auto alone = search("alone");
  ASSERT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_EQ(value_of(alone.out, "complete"), "4");
  EXPECT_EQ(value_of(alone.out, "epochs"), "12");
  ASSERT_EQ(values("alone").size(), 4U);

  EXPECT_EQ(search("two", "", 2).exit_code, 0);
  EXPECT_EQ(values("two"), values("alone"));
  EXPECT_EQ(search("pair", "--set study.ranks_per_trial=2", 2).exit_code, 0);
  EXPECT_EQ(values("pair"), values("alone"));

  // Its best settings are ready to train, and its page and trials stand.
  const auto best = run("tessera-train", at("alone/best.toml") + " --set train.epochs=1 --run " + at("best"));
  EXPECT_EQ(best.exit_code, 0) << best.err;
  const auto report = run("tessera-report", at("alone"));
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(core::read_file(at("alone/report.html")), HasSubstr("By pairs of settings"));
  EXPECT_EQ(run("tessera-evaluate", at("alone/trials/0")).exit_code, 0);
}

TEST_F(SearchWalk, StoppedInTimeAndKilledItGoesOnWithoutLossOrRepeat) {
  ASSERT_EQ(search("straight").exit_code, 0);

  // A time limit of no time: each start reports one epoch of one trial and parks it.
  int starts = 0;
  ProgramResult piece;
  do piece = search("pieces", "--set study.time_limit_minutes=1e-9", 1);
  while (piece.exit_code == 3 && ++starts < 5);
  EXPECT_GT(starts, 3);
  // Killed in mid-trial: what it had is taken up again by the same command, at once, since its process is
  // dead.
  test::run_program("timeout -s KILL 1.5 " + test::program_path("tessera-search") + " " + at("sweep.toml") +
                    " --quiet --set study.dir=" + at("pieces"));
  const auto end = search("pieces");
  EXPECT_EQ(end.exit_code, 0) << end.err;

  EXPECT_EQ(values("pieces"), values("straight"));
}

TEST_F(SearchWalk, TwoJobsShareAStudyWhenTheySaySo) {
  const std::string one = test::program_path("tessera-search") + " " + at("sweep.toml") +
                          " --quiet --join --set study.dir=" + at("joined");
  const auto both = test::run_program(one + " & " + one + "; wait");

  ASSERT_EQ(both.exit_code, 0) << both.err;
  EXPECT_EQ(search("joined").exit_code, 0);  // nothing is left to do
  EXPECT_EQ(values("joined").size(), 4U);
  EXPECT_EQ(core::parse_csv(core::read_file(at("joined/trials.csv")), "trials").size(),
            5U);  // with its header
}

// One rank of a job of two is killed while another job works beside it: Open MPI ends its job, and the other
// takes up what that one had under way, from its checkpoint.
TEST_F(SearchWalk, AKilledRankEndsItsJobAndTheOtherJobGoesOnForIt) {
  const std::string longer = " --set train.epochs=12";  // than it takes to be killed
  ASSERT_EQ(search("unharmed", longer).exit_code, 0);
  for (const char* which : {"head", "tail"}) {
    const std::string study = std::string("harmed_") + which;
    const std::string job =
        test::under_mpirun(2, test::program_path("tessera-search") + " " + at("sweep.toml") + longer +
                                  " --quiet --join --set study.dir=" + at(study));
    const auto both = test::run_program(
        job + " & first=$!; for i in $(seq 600); do grep -qs intermediate_value " + at(study) +
        "/journal.log && break; sleep 0.05; done; victim=$(pgrep -f '^[^ ]*tessera-search.*" + at(study) +
        "' | " + which + " -n 1); " + job +
        " & second=$!; kill -KILL $victim; wait $first; echo first=$?; wait $second; "
        "echo second=$?");

    EXPECT_GT(std::stoi("0" + value_of(both.out, "first")), 0) << both.out << both.err;
    EXPECT_EQ(value_of(both.out, "second"), "0") << both.out << both.err;
    EXPECT_EQ(values(study), values("unharmed"));
  }
}

TEST_F(SearchWalk, WhatCannotBeSearchedIsRefusedBeforeAnythingStarts) {
  const auto refusal = [](const std::string& more) {
    const auto refused = search("refused", more);
    EXPECT_EQ(refused.exit_code, 2) << more;
    EXPECT_FALSE(fs::exists(at("refused"))) << more;
    return refused.err;
  };
  EXPECT_THAT(refusal("--set parameter[0].key=model.dept"), HasSubstr("model.dept"));
  EXPECT_THAT(refusal("--set parameter[0].high=50"), HasSubstr("model.depth"));
  EXPECT_THAT(refusal("--set study.metric=validation_mae"),
              HasSubstr("study.metric must be one of validation_iou"));
  EXPECT_THAT(refusal("--set data.dataset=nowhere"), HasSubstr("nowhere"));
  EXPECT_THAT(refusal("--set train.time_limit_minutes=1"), HasSubstr("study.trial_time_limit_minutes"));
  EXPECT_THAT(refusal("--set parameter[0].key=run.dir"), HasSubstr("which the study sets"));
  EXPECT_THAT(refusal("--set study.ranks_per_trial=2"), HasSubstr("study.ranks_per_trial must divide"));

  ASSERT_EQ(search("other").exit_code, 0);
  const auto other = search("other", "--set parameter[0].high=4");
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("holds another study: model.depth"));
}

}  // namespace
}  // namespace tessera
