// SPDX-License-Identifier: Apache-2.0
// synth → prep → train → evaluate → predict → report, and what a user may do wrong on the way.
#include "jobs/walk.hpp"

#include <gmock/gmock.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "crystal/cif_writer.hpp"
#include "crystal/synthetic_crystal.hpp"
#include "crystal/transform.hpp"
#include "support/python.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::program_path;
using test::run_program;
using test::value_of;
using test::Walk;
using ::testing::HasSubstr;

TEST_F(Walk, EveryNetworkTrainsAndLeavesAWholeRun) {
  for (const std::string model : {"cgcnn", "deepcrystet", "mesh_slides", "pointnet"}) {
    // [model] of the configuration is CGCNN's: another network takes its own defaults.
    const auto trained = run("tessera-train", config() + " --set data.dataset=" + at("dataset") +
                                                  " --set train.epochs=1 --run " + at(model) +
                                                  " --set 'model={name=\"" + model + "\"}'");
    ASSERT_EQ(trained.exit_code, 0) << model << ": " << trained.err;
    EXPECT_EQ(value_of(trained.out, "epoch"), "1");
    EXPECT_EQ(value_of(trained.out, "weights_sha256").size(), 64u);
    for (const char* file : {"config.toml", "run.json", "splits.csv", "metrics.csv", "metrics.jsonl",
                             "checkpoints/best/weights.safetensors", "checkpoints/last/weights.safetensors"})
      EXPECT_TRUE(fs::exists(at(model + "/" + file))) << file;
  }
}

TEST_F(Walk, PeriodicMeshesGiveOnePredictionHoweverACrystalIsDescribed) {
  prepare("periodic", at("crystals/targets.csv"), "--mesh periodic --cell given");
  for (const std::string model : {"deepcrystet", "mesh_slides"}) {
    const std::string name = "periodic_" + model;
    const auto trained = train(name, "--set data.dataset=" + at("periodic") + " --set train.epochs=1" +
                                         " --set 'model={name=\"" + model + "\"}'");
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    const crystal::Structure crystal = crystal::make_synthetic_crystal(8, 12).structure;
    fs::create_directories(at("described"));
    const auto describe = [&](const std::string& id, const crystal::Structure& as) {
      core::write_file_atomically(at("described/" + id + ".cif"), crystal::write_cif(as, id));
    };
    describe("a", crystal);
    describe("b", crystal::with_origin_shift(crystal, {.1, .2, .3}));
    describe("c", crystal::supercell(crystal, {2, 1, 1}));
    const auto predicted =
        run("tessera-predict", at(name) + " " + at("described") + " --out " + at("described.csv"));
    ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
    const auto table = core::read_csv(at("described.csv"));
    ASSERT_EQ(table.rows.size(), 3u);
    const double value = std::stod(table.rows[0].fields[1]);
    for (const auto& row : table.rows)
      EXPECT_NEAR(std::stod(row.fields[1]) / value, 1, 1e-4) << row.fields[0];
  }
}

TEST_F(Walk, ClassesAreLearntEvaluatedAndReported) {
  const auto trained = train("classes", "--set data.target=crystal_system --set data.transform=none", 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NE(value_of(trained.out, "validation_accuracy"), "");

  const auto evaluated = run("tessera-evaluate", at("classes"), 3);
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_NE(value_of(evaluated.out, "macro_f1"), "");

  const auto report = run("tessera-report", at("classes") + " --out " + at("classes.html"));
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(core::read_file(at("classes.html")), HasSubstr("<svg"));
}

TEST_F(Walk, EvaluateWritesMetricsAndPredictions) {
  ASSERT_EQ(train("evaluated").exit_code, 0);

  const auto own = run(
      "tessera-evaluate",
      at("evaluated") + " --split validation --json " + at("m.json") + " --predictions " + at("p.csv"), 2);
  const auto other = run("tessera-evaluate", at("evaluated") + " --split all");

  EXPECT_EQ(own.exit_code, 0) << own.err;
  EXPECT_THAT(core::read_file(at("m.json")), HasSubstr("\"mae_raw\""));
  EXPECT_TRUE(core::read_file(at("p.csv")).starts_with("id,target,prediction\n"));
  EXPECT_EQ(value_of(other.out, "records"), "90");
  const auto inspected = run("tessera-inspect", at("evaluated")),
             verified = run("tessera-verify", at("evaluated"));
  EXPECT_EQ(value_of(inspected.out, "epochs_done"), "3") << inspected.err;
  EXPECT_EQ(value_of(verified.out, "damaged"), "0") << verified.err;
}

TEST_F(Walk, PredictionsOfFilesAreThoseOfTheDataset) {
  ASSERT_EQ(train("predicted").exit_code, 0);
  run("tessera-evaluate", at("predicted") + " --split all --predictions " + at("stored.csv"));
  std::ofstream(at("crystals/broken.cif")) << "data_broken\n";
  const auto predicted =
      run("tessera-predict", at("predicted") + " " + at("crystals") + " --out " + at("new.csv"), 2);
  fs::remove(at("crystals/broken.cif"));

  ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_EQ(value_of(predicted.out, "quarantined"), "1");
  EXPECT_THAT(core::read_file(at("quarantine.csv")), HasSubstr("must list its atoms"));
  const auto stored = core::read_file(at("stored.csv")), fresh = core::read_file(at("new.csv"));
  const auto line_of = [](const std::string& text, const std::string& id) {
    const auto begin = text.find(id);
    return text.substr(begin, text.find('\n', begin) - begin);
  };
  for (const std::string id : {"synth-000000", "synth-000041", "synth-000089"}) {
    const auto a = line_of(stored, id), b = line_of(fresh, id);
    EXPECT_NEAR(std::stod(a.substr(a.rfind(',') + 1)), std::stod(b.substr(b.rfind(',') + 1)), 1e-4) << id;
  }
}

TEST_F(Walk, ReproducibleWeightsAreTheSameOnOneToFourRanks) {
  for (const std::string model : {"cgcnn", "deepcrystet"}) {
    std::vector<std::string> hashes;
    for (const int ranks : {1, 2, 3, 4}) {
      const auto trained =
          run("tessera-train",
              config() + " --set data.dataset=" + at("dataset") +
                  " --set train.reproducible=true --set train.global_batch=8 --set train.epochs=8" +
                  " --set 'model={name=\"" + model + "\"}' --run " + at(model + std::to_string(ranks)),
              ranks);
      EXPECT_EQ(trained.exit_code, 0) << trained.err;
      hashes.push_back(value_of(trained.out, "weights_sha256"));
    }
    EXPECT_EQ(hashes[0].size(), 64u);
    EXPECT_THAT(hashes, testing::Each(hashes[0])) << model;
  }
}

TEST_F(Walk, ATerminatedTrainingStopsInTimeAndGoesOnToTheSameWeights) {
  const std::string settings = "--set train.epochs=40 --set train.reproducible=true";
  const auto straight = train("straight", settings, 2);

  // Stopped on one rank as soon as it has a checkpoint, then gone on with on two.
  const auto stopped =
      run_program("OMP_NUM_THREADS=1 " + program_path("tessera-train") + " " + config() +
                  " --set data.dataset=" + at("dataset") + " --set train.global_batch=16 --run " +
                  at("stopped") + " " + settings + " & child=$!; while [ ! -e " +
                  at("stopped/checkpoints/last") + " ]; do sleep 0.01; done; kill -USR2 $child; wait $child");
  const auto resumed = train("stopped", settings, 2);

  ASSERT_EQ(straight.exit_code, 0) << straight.err;
  EXPECT_EQ(stopped.exit_code, 3) << stopped.err;
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(value_of(resumed.out, "weights_sha256"), value_of(straight.out, "weights_sha256"));
}

TEST_F(Walk, MistakesAreNamedBeforeAnythingIsWritten) {
  const auto refused = [&](const std::string& more) {
    const auto result = train("mistakes", more, 2);
    EXPECT_EQ(result.exit_code, 2) << more << "\n" << result.err;
    EXPECT_FALSE(fs::exists(at("mistakes"))) << more;
    return result.err;
  };

  EXPECT_THAT(refused("--set train.epoch=3"), HasSubstr("Did you mean train.epochs?"));
  EXPECT_THAT(refused("--set model.num_convolution=3"), HasSubstr("Did you mean model.num_convolutions?"));
  EXPECT_THAT(refused("--set model.name=cgnn"), HasSubstr("cgcnn"));
  EXPECT_THAT(refused("--set data.target=bulk_modulus"), HasSubstr("bulk_modulus_gpa"));
  EXPECT_THAT(refused("--set data.dataset=/nowhere"), HasSubstr("/nowhere"));
  EXPECT_THAT(refused("--set train.learning_rate=-1"), HasSubstr("train.learning_rate must be"));
}

TEST_F(Walk, ARunIsNotMixedWithAnotherExperiment) {
  ASSERT_EQ(train("kept").exit_code, 0);

  const auto other = train("kept", "--set model.num_convolutions=4");
  const auto split = train("kept", "--set data.split.seed=1");
  const auto fresh = train("kept", "--fresh");
  const auto overwritten = train("kept", "--fresh --overwrite --set model.num_convolutions=1");

  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("another experiment"));
  EXPECT_EQ(split.exit_code, 2);
  EXPECT_THAT(split.err, HasSubstr("its [data.split] is"));
  EXPECT_EQ(fresh.exit_code, 2);
  EXPECT_THAT(fresh.err, HasSubstr("--overwrite"));
  EXPECT_EQ(overwritten.exit_code, 0) << overwritten.err;
}

TEST_F(Walk, ADamagedShardIsNamedWhenItIsRead) {
  fs::copy(at("dataset"), at("damaged"), fs::copy_options::recursive);
  fs::resize_file(at("damaged/shard-00000.h5"), 5000);

  const auto trained = train("on_damaged", "--set data.dataset=" + at("damaged"), 3);

  EXPECT_EQ(trained.exit_code, 1);
  EXPECT_THAT(trained.err, HasSubstr("shard-00000.h5"));
  EXPECT_THAT(trained.err, HasSubstr("verify"));
}

TEST_F(Walk, AFullDiskIsNamedAndNothingIsLost) {
  const std::string small = at("small");
  fs::create_directory(small);
  if (::mount("none", small.c_str(), "tmpfs", 0, "size=1200k") != 0)
    GTEST_SKIP() << "no tmpfs can be mounted here (root only)";

  const auto full = train("small/run", "--set checkpoint.keep=5", 2);
  const auto remounted = ::mount("none", small.c_str(), "tmpfs", MS_REMOUNT, "size=50m");
  const auto resumed = train("small/run", "--set checkpoint.keep=5", 2);
  ::umount(small.c_str());

  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  EXPECT_THAT(full.err, HasSubstr("small/run"));
  ASSERT_EQ(remounted, 0);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("going on from checkpoint"));
}

TEST_F(Walk, PythonReadsTheWeightsAndTheCurves) {
  ASSERT_EQ(train("python").exit_code, 0);
  const auto weights = test::run_python("safetensors", R"(
import sys
from safetensors import safe_open
with safe_open(sys.argv[1] + "/checkpoints/best/weights.safetensors", framework="numpy") as file:
    print(file.get_tensor("convs.0.fc_full.weight").shape)
)",
                                        {at("python")});
  const auto curves = test::run_python("tensorboard", R"(
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
print(len(events.Scalars("validation/mae")), len(events.Scalars("train/loss")))
)",
                                       {at("python")});
  if (!weights || !curves)
    GTEST_SKIP() << "python3 has no safetensors or tensorboard: ./dev test installs them";

  EXPECT_EQ(weights->output, "(128, 169)\n");
  EXPECT_THAT(curves->output, testing::EndsWith("3 3\n"));
}

}  // namespace
}  // namespace tessera
