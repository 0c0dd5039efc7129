// SPDX-License-Identifier: Apache-2.0
// The scripts of slurm/ on a Slurm of two nodes (cluster.sh): jobs over both, put back at the end of their
// time, and gone on with when a node is lost.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/file.hpp"
#include "jobs/walk.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using test::run_program;
using test::text_of;
using ::testing::HasSubstr;
using ::testing::Not;

class Slurm : public test::Walk {
 protected:
  static void SetUpTestSuite() {
    Walk::SetUpTestSuite();
    const auto started = cluster("start");
    if (started.exit_code == 77) why_not = started.out;
    if (started.exit_code != 0 && why_not.empty()) why_not = "cluster.sh failed: " + started.err;
    ::setenv("SLURM_CONF", at("slurm/slurm.conf").c_str(), 1);
  }
  static void TearDownTestSuite() {
    cluster("stop");
    Walk::TearDownTestSuite();
  }
  void SetUp() override {
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }

  static fs::path source() {
    const char* given = std::getenv("TESSERA_SOURCE");
    return fs::absolute(given ? given : ".");
  }
  static ProgramResult cluster(const std::string& verb, const std::string& node = "") {
    return run_program((source() / "tests/slurm/cluster.sh").string() + " " + verb + " " + at("slurm") + " " +
                       node);
  }
  // The number of the job, its output in at(`name`.out).
  static std::string submit(const std::string& script, const std::string& name, const std::string& options,
                            const std::string& arguments) {
    return handed_over("sbatch --parsable --mem-per-cpu=0 --output=" + name + ".out " + options + " " +
                       (source() / "slurm" / script).string() + " " + arguments);
  }
  // The number of the job that `command` prints, whose working folder is at("").
  static std::string handed_over(const std::string& command) {
    // Its nodes share one machine's addresses.
    const auto submitted =
        run_program("cd " + at("") + " && OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_mpi_yield_when_idle=1 " +
                    "OMP_NUM_THREADS=1 TESSERA_BIN=" + test::program_path("") + " " + command);
    EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
    const auto job = test::value_of(submitted.out, "job");
    return job.empty() ? submitted.out.substr(0, submitted.out.find('\n')) : job;
  }
  static std::string training(const std::string& run, const std::string& more) {
    return config() + " --quiet --set data.dataset=" + at("dataset") + " --set train.global_batch=16 " +
           "--set train.reproducible=true --run " + at(run) + " " + more;
  }
  static std::string fact(const std::string& job, const std::string& name) {
    return test::value_of(run_program("scontrol show job -o " + job).out, name);
  }
  static std::int64_t epochs_of(const std::string& run) {
    const std::string metrics = text_of(at(run + "/metrics.csv"));
    return std::max<std::int64_t>(std::ranges::count(metrics, '\n') - 1, 0);
  }
  // False after so many seconds.
  static bool wait_until(double seconds, const std::function<bool()>& there) {
    for (const core::Stopwatch since; since.seconds() < seconds;) {
      if (there()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }
  static bool comes_to(const std::string& job, const std::string& state, double seconds = 60) {
    return wait_until(seconds, [&] { return fact(job, "JobState") == state; });
  }
  // A job put back waits for two minutes, so that what is left of it is gone; here that takes moments.
  static void start_again(const std::string& job) {
    EXPECT_TRUE(comes_to(job, "PENDING")) << fact(job, "JobState");
    std::this_thread::sleep_for(std::chrono::seconds(3));
    wait_until(30, [&] {
      run_program("scontrol update jobid=" + job + " StartTime=now");
      return fact(job, "JobState") != "PENDING";
    });
  }

  inline static std::string why_not;
};

TEST_F(Slurm, TheDoctorSeesBothNodes) {
  const auto seen = run_program(
      "cd " + at("") + " && OMPI_MCA_btl_tcp_if_include=lo srun --nodes=2 --ntasks-per-node=1 --mpi=pmix " +
      test::program_path("tessera-doctor"));
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_THAT(seen.out, HasSubstr("ranks: 2 on 2 nodes, by PMIx"));
  EXPECT_THAT(seen.out, HasSubstr("between nodes (n1, n2): "));
}

// A node that is switched off takes its ranks along, and with them the job; one that an administrator takes
// away ends it too. Each time it is started again, and nothing is lost or done twice.
TEST_F(Slurm, ATrainingOverTwoNodesOutlivesThem) {
  const std::string length = "--set train.epochs=120";
  const auto alone = run("tessera-train", training("alone", length));
  ASSERT_EQ(alone.exit_code, 0) << alone.err;

  const auto job = handed_over(
      test::program_path("tessera-submit") + " train " + training("lost", length) +
      " --nodes 2 --tasks 1 --sbatch mem-per-cpu=0 --sbatch output=lost.out --script lost.sbatch");
  ASSERT_TRUE(wait_until(60, [] { return epochs_of("lost") > 10; })) << text_of(at("lost.out"));
  EXPECT_THAT(run("tessera-status", at("lost")).out,
              HasSubstr("state=running job=" + job + " queue=RUNNING epoch="));
  cluster("kill", "n2");
  EXPECT_TRUE(comes_to(job, "PENDING"));
  EXPECT_THAT(run("tessera-status", at("lost")).out, HasSubstr("queue=PENDING"));
  cluster("node", "n2");
  start_again(job);
  const auto before = epochs_of("lost");
  ASSERT_TRUE(wait_until(60, [&] { return epochs_of("lost") > before + 10; })) << text_of(at("lost.out"));
  run_program("scontrol update nodename=n1 state=down reason=test");
  EXPECT_TRUE(comes_to(job, "PENDING"));
  run_program("scontrol update nodename=n1 state=resume");
  start_again(job);

  ASSERT_TRUE(comes_to(job, "COMPLETED", 120)) << fact(job, "JobState") << text_of(at("lost.out"));
  EXPECT_EQ(fact(job, "Restarts"), "2");
  EXPECT_THAT(text_of(at("lost.out")), HasSubstr("n[1-2], 2 tasks"));
  EXPECT_EQ(test::value_of(text_of(at("lost.out")), "weights_sha256"),
            test::value_of(alone.out, "weights_sha256"));
}

TEST_F(Slurm, AtTheEndOfItsTimeAJobIsPutBackAndGoesOnUntilItIsCancelled) {
  const auto job = submit("train.sbatch", "long", "--ntasks-per-node=2 --time=1 --signal=USR2@5",
                          training("long", "--set train.epochs=1000000"));
  ASSERT_TRUE(comes_to(job, "RUNNING"));
  EXPECT_TRUE(comes_to(job, "PENDING", 90)) << text_of(at("long.out"));
  EXPECT_THAT(text_of(at("long.out")), HasSubstr("stopped in time: back into the queue"));
  EXPECT_FALSE(fs::exists(at(".tessera-requeue-" + job)));
  const auto before = epochs_of("long");
  EXPECT_GT(before, 0);
  start_again(job);
  ASSERT_TRUE(wait_until(60, [&] { return epochs_of("long") > before; })) << text_of(at("long.out"));

  run_program("scancel --signal=TERM " + job);
  EXPECT_TRUE(comes_to(job, "FAILED")) << fact(job, "JobState");  // as Slurm calls any code but 0
  EXPECT_EQ(fact(job, "ExitCode"), "3:0");
  EXPECT_THAT(text_of(at("long.out")), HasSubstr("stopped in time, not put back"));
  const auto rows = core::parse_csv(text_of(at("long/metrics.csv")), "metrics");
  for (std::size_t row = 1; row < rows.size(); ++row) EXPECT_EQ(rows[row].fields[0], std::to_string(row));
}

TEST_F(Slurm, APreparationIsPutBackWithItsShardsAndGoesOn) {
  const auto crystals = at("more");
  ASSERT_EQ(run("tessera-synth-crystals", "--count 3000 --seed 5 --out " + crystals).exit_code, 0);
  const std::string arguments = "--input " + crystals + " --targets " + crystals + "/targets.csv --out ";
  ASSERT_EQ(run("tessera-prep-crystals", arguments + at("undisturbed")).exit_code, 0);

  const auto job = submit("prep.sbatch", "prep", "--nodes=2 --ntasks-per-node=1",
                          "crystals " + arguments + at("disturbed"));
  ASSERT_TRUE(wait_until(60, [] { return fs::exists(at("disturbed/shard-00000.h5")); }))
      << text_of(at("prep.out"));
  run_program("scancel --signal=USR2 " + job);
  start_again(job);

  ASSERT_TRUE(comes_to(job, "COMPLETED", 120)) << fact(job, "JobState") << text_of(at("prep.out"));
  EXPECT_EQ(fact(job, "Restarts"), "1");
  EXPECT_THAT(text_of(at("prep.out")), HasSubstr("stopped in time: back into the queue"));
  EXPECT_EQ(text_of(at("disturbed/manifest.json")), text_of(at("undisturbed/manifest.json")));
}

TEST_F(Slurm, ASweepAsAnArrayOutlivesANode) {
  const auto sweep = at("sweep.toml");
  core::write_file_atomically(
      sweep, "base = '" + config() + "'\nset = ['data.dataset=\"" + at("dataset") +
                 "\"', 'train.epochs=40', 'train.global_batch=16', 'train.reproducible=true']\n"
                 "[study]\ndir = 'study'\nmetric = 'validation_mae'\n[sampler]\nname = 'grid'\n"
                 "[[parameter]]\nkey = 'model.num_convolutions'\ntype = 'int'\nlow = 1\nhigh = 2\n"
                 "[[parameter]]\nkey = 'model.atom_width'\ntype = 'categorical'\nchoices = [8, 16, 32]\n");
  const std::string arguments = sweep + " --quiet --set study.dir=";
  ASSERT_EQ(run("tessera-search", arguments + at("straight")).exit_code, 0);

  // Two on each node, of which one is lost in the middle and comes back.
  const auto job = submit("array.sbatch", "array-%a", "--array=1-4%4", arguments + at("study"));
  const auto begun = [] { return fs::exists(at("study/trials/3/metrics.csv")); };
  ASSERT_TRUE(wait_until(60, begun)) << text_of(at("array-1.out"));
  cluster("kill", "n2");
  const auto queued = [&](const std::string& more) {
    return run_program("squeue -h -r -o %i -j " + job + more);
  };
  EXPECT_TRUE(wait_until(60, [&] { return std::ranges::count(queued(" -t PENDING").out, '\n') == 2; }));
  cluster("node", "n2");
  std::this_thread::sleep_for(std::chrono::seconds(3));
  run_program("for task in $(squeue -h -r -o %i -t PENDING -j " + job +
              "); do scontrol update jobid=$task StartTime=now; done");
  EXPECT_TRUE(wait_until(120, [&] {
    const auto left = queued("");
    return left.exit_code == 0 && left.out.empty();
  }));

  const auto scores = [](const std::string& study) {
    std::map<std::string, std::string> values;
    if (!fs::exists(at(study + "/trials.csv"))) return values;
    for (const auto& row : core::parse_csv(core::read_file(at(study + "/trials.csv")), "trials"))
      if (row.fields[1] == "complete") values[row.fields[3] + "," + row.fields[4]] = row.fields[2];
    return values;
  };
  EXPECT_EQ(scores("straight").size(), 6U);
  EXPECT_EQ(scores("study"), scores("straight"))
      << run_program("scontrol show job -o; tail -n 20 " + at("array-*.out")).out;
}

}  // namespace
}  // namespace tessera
