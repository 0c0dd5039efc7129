// SPDX-License-Identifier: Apache-2.0
// A run gone on with, looked at and used: what is kept, what is refused, what is named when it is damaged.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "jobs/walk.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using core::read_file;
using test::program_path;
using test::ProgramResult;
using test::run_program;
using test::under_mpirun;
using test::value_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Resume : public test::Walk {
 protected:
  /// Every file of a run by its path there.
  static std::map<std::string, std::string> files_of(const std::string& run) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(at(run)))
      if (entry.is_regular_file())
        files[fs::relative(entry.path(), at(run)).string()] = core::sha256_of_file(entry.path());
    return files;
  }
  static void replace_in(const std::string& file, const std::string& old, const std::string& by) {
    std::string text = read_file(at(file));
    const auto place = text.find(old);
    ASSERT_NE(place, std::string::npos) << file << " has no " << old;
    std::ofstream(at(file), std::ios::binary) << text.replace(place, old.size(), by);
  }
  static std::string first_train_record(const std::string& run) {
    const std::string split = read_file(at(run + "/splits.csv"));
    const auto end = split.find(",train");
    const auto begin = split.rfind('\n', end) + 1;
    return split.substr(begin, end - begin);
  }
  /// The member `key` of run.json, as text up to the end of its line.
  static std::string recorded(const std::string& run, const std::string& key) {
    const std::string text = read_file(at(run + "/run.json"));
    const auto place = text.find("\"" + key + "\":");
    return text.substr(place, text.find('\n', place) - place);
  }
};

TEST_F(Resume, ReproducibleWeightsDoNotFollowTheNumberOfThreads) {
  const auto hash_on = [&](int ranks) {
    const std::string command = "env -u OMP_NUM_THREADS " + program_path("tessera-train") + " " + config() +
                                " --set data.dataset=" + at("dataset") +
                                " --set train.epochs=3 --set train.reproducible=true --run " +
                                at("threads" + std::to_string(ranks));
    const auto trained = run_program(ranks > 1 ? under_mpirun(ranks, command) : command);
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
    return value_of(trained.out, "weights_sha256");
  };

  EXPECT_EQ(hash_on(1), hash_on(2));
}

TEST_F(Resume, TheNormaliserStaysThatOfTheWeights) {
  ASSERT_EQ(train("normalised").exit_code, 0);
  const auto before = recorded("normalised", "mean");
  std::ifstream targets(at("crystals/targets.csv"));
  std::ofstream fewer(at("fewer.csv"));
  int number = 0;
  for (std::string line; std::getline(targets, line);)
    if (number++ % 3 != 1) fewer << line << "\n";
  fewer.close();
  prepare("fewer", at("fewer.csv"));

  const auto resumed = train("normalised", "--set data.dataset=" + at("fewer") + " --set train.epochs=5");

  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(value_of(resumed.out, "epoch"), "5");
  EXPECT_EQ(recorded("normalised", "mean"), before);
}

TEST_F(Resume, FeaturesMadeInAnotherWayAreRefusedAndWarnedOf) {
  const std::string network = "--set 'model={name=\"pointnet\"}' ";
  prepare("primitive", at("crystals/targets.csv"), "--cell primitive");
  ASSERT_EQ(train("features", network).exit_code, 0);
  ASSERT_EQ(train("graphs").exit_code, 0);
  const auto before = files_of("features");
  const std::string other = "--set train.epochs=5 --set data.dataset=" + at("primitive");

  const auto refused = train("features", network + other, 2);
  const auto after = files_of("features");
  const auto evaluated = run("tessera-evaluate", at("features") + " --data " + at("primitive"));
  const auto graphs = train("graphs", other);  // a graph is the same in every cell
  const auto own = run("tessera-evaluate", at("features"));

  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("dataset's preparation"), HasSubstr("\"cell\":\"refined\""),
                                 HasSubstr("\"cell\":\"primitive\"")));
  EXPECT_EQ(after, before);
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_THAT(evaluated.err, AllOf(HasSubstr("\"cell\":\"refined\""), HasSubstr("\"cell\":\"primitive\"")));
  EXPECT_EQ(graphs.exit_code, 0) << graphs.err;
  EXPECT_THAT(own.err, Not(HasSubstr("prepared with")));
}

TEST_F(Resume, ARefusalLeavesEveryFileAsItWas) {
  // Stopped after one of its epoch's four steps.
  ASSERT_EQ(train("begun", "--set train.time_limit_minutes=1e-9").exit_code, 3);
  const auto before = files_of("begun");
  const auto refused = [&](const std::string& more) {
    const auto result = train("begun", more, 2);
    EXPECT_EQ(result.exit_code, 2) << more << result.err;
    EXPECT_EQ(files_of("begun"), before) << more;
    return result.err;
  };

  EXPECT_THAT(refused("--set train.optimizer=sgd"),
              HasSubstr("its train.optimizer is\nadam\nnow it is\nsgd"));
  EXPECT_THAT(refused("--set train.global_batch=8"), HasSubstr("train.global_batch must stay 16"));
  EXPECT_THAT(refused("--set train.seed=1"), HasSubstr("train.seed must stay 0"));
  EXPECT_EQ(train("begun").exit_code, 0);
}

TEST_F(Resume, ASettingThatCameLaterStandsForWhatWasDoneWithoutIt) {
  ASSERT_EQ(train("earlier").exit_code, 0);
  auto config = core::read_file(at("earlier/config.toml"));
  const auto begin = config.find("atom_width = "), end = config.find('\n', begin) + 1;
  ASSERT_NE(begin, std::string::npos);
  core::write_file_atomically(at("earlier/config.toml"), config.erase(begin, end - begin));

  const auto another = train("earlier", "--set train.epochs=4 --set model.atom_width=16");
  EXPECT_EQ(another.exit_code, 2);
  EXPECT_THAT(another.err, HasSubstr("another experiment: its [model] is"));
  const auto same = train("earlier", "--set train.epochs=4");
  EXPECT_EQ(same.exit_code, 0) << same.err;
}

TEST_F(Resume, AFinishedRunTypedAgainChangesNothing) {
  const auto first = train("twice");
  const auto before = files_of("twice");

  const auto again = train("twice", "", 2);

  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(files_of("twice"), before);
  EXPECT_EQ(again.out, first.out);
}

TEST_F(Resume, ARecordThatAKillLeftRunningIsEnded) {
  ASSERT_EQ(train("killed").exit_code, 0);
  const auto compute = recorded("killed", "compute");
  replace_in("killed/run.json", "\"state\": \"finished\"", "\"state\": \"running\"");

  EXPECT_EQ(train("killed").exit_code, 0);

  EXPECT_THAT(recorded("killed", "state"), HasSubstr("finished"));
  EXPECT_EQ(recorded("killed", "compute"), compute);
}

TEST_F(Resume, VerifyNamesEveryDamageOfARun) {
  ASSERT_EQ(train("whole", "--set checkpoint.keep=5").exit_code, 0);
  const auto verify = [&](const std::string& name) { return run("tessera-verify", at(name)); };
  const auto damaged = [&](const std::string& name, auto&& damage) {
    fs::copy(at("whole"), at(name), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    damage(at(name));
    const auto result = verify(name);
    EXPECT_EQ(result.exit_code, 1) << name;
    return result.err;
  };
  const std::string last = "/checkpoints/step-00000012";

  const auto whole = verify("whole");
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_EQ(value_of(whole.out, "checked"), "12");  // three checkpoints of three files, two links, the ledger
  EXPECT_THAT(
      damaged("number",
              [&](auto) { replace_in("number" + last + "/state.json", "\"step\": 12", "\"step\": 17"); }),
      HasSubstr("step-00000012/state.json has another content_sha256"));
  EXPECT_THAT(damaged("weights", [&](auto run) { fs::resize_file(run + last + "/weights.safetensors", 99); }),
              HasSubstr("step-00000012/weights.safetensors has another SHA-256"));
  const auto gone = damaged("gone", [&](auto run) { fs::remove_all(run + last); });
  EXPECT_THAT(gone, HasSubstr("checkpoints/last points at step-00000012, which is not there"));
  EXPECT_THAT(damaged("unlinked", [&](auto run) { fs::remove(run + "/checkpoints/best"); }),
              HasSubstr("checkpoints/best is missing"));
  // Records of the second epoch's first step: taken in the first step of the first epoch's place too.
  EXPECT_THAT(
      damaged("ledger",
              [&](auto run) {
                std::string text = read_file(run + "/ledger.csv");
                const auto line = text.find("\n1,0,") + 1, end = text.find('\n', line);
                const auto blank = text.rfind(' ', end);
                std::ofstream(run + "/ledger.csv") << text.erase(blank, end - blank);
              }),
      AllOf(HasSubstr("ledger.csv is not what was trained on: epoch 1: record"), HasSubstr("was not used")));
}

TEST_F(Resume, PredictionsAreMadeInThePrecisionOfTheTraining) {
  ASSERT_EQ(train("half", "--set train.precision=bf16").exit_code, 0);
  fs::copy(at("half"), at("full"), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  replace_in("full/config.toml", "bf16", "float32");
  const auto predict = [&](const std::string& name) {
    const auto result = run("tessera-predict", at(name) + " " + at("crystals/synth-000000-*.cif") +
                                                   " --out " + at(name + ".csv"));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(at(name + ".csv"));
  };

  EXPECT_NE(predict("half"), predict("full"));
}

TEST_F(Resume, AuditTellsWhichRecordWasInWhichStep) {
  ASSERT_EQ(train("audited").exit_code, 0);
  const auto whole = run("tessera-audit", at("audited") + " --record " + first_train_record("audited"));
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.out, AllOf(HasSubstr("epoch=1 step="), HasSubstr("epoch=3 step="),
                               HasSubstr("whole_epochs=3 steps=12 "), HasSubstr(" faults=0\n")));

  const std::string text = read_file(at("audited/ledger.csv"));
  std::ofstream(at("audited/ledger.csv")) << text.substr(text.find('\n') + 1);
  const auto cut = run("tessera-audit", at("audited"));
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.err, AllOf(HasSubstr("epoch 0 step 1 follows where epoch 0 step 0 was due"),
                             HasSubstr("was not used")));
  EXPECT_EQ(run("tessera-audit", at("dataset")).exit_code, 2);
}

// As a batch script starts it: before the end of its job, or told so by USR2, it saves and asks to be put
// back; told by TERM it only saves.
TEST_F(Resume, StoppedInTimeItSaysWhetherToPutTheJobBack) {
  const auto stopped = [](const std::string& name, const std::string& environment,
                          const std::string& around) {
    const auto piece =
        run_program("OMP_NUM_THREADS=1 TESSERA_REQUEUE_FILE=" + at(name + ".again") + " " + environment +
                    " " + around + " " + program_path("tessera-train") + " " + config() +
                    " --set data.dataset=" + at("dataset") + " --set train.epochs=1000000 --run " + at(name));
    EXPECT_EQ(piece.exit_code, 3) << piece.err;
    EXPECT_TRUE(fs::exists(at(name + "/checkpoints/last"))) << name;
    return fs::exists(at(name + ".again"));
  };
  EXPECT_TRUE(stopped("job_end", "SLURM_JOB_END_TIME=$(($(date +%s) + 12))", ""));
  EXPECT_TRUE(stopped("told", "", "timeout --preserve-status -s USR2 3"));
  EXPECT_FALSE(stopped("ended", "", "timeout --preserve-status -s TERM 3"));
}

TEST_F(Resume, ABatchOfNoCrystalsIsRefused) {
  for (const std::string batch : {"0", "-3"}) {
    const auto result =
        run("tessera-predict", "nowhere " + at("crystals") + " --out x.csv --batch " + batch, 2);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr("--batch must be 1 or more, got " + batch));
  }
}

}  // namespace
}  // namespace tessera
