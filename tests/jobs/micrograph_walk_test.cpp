// SPDX-License-Identifier: Apache-2.0
// synth → prep → train → evaluate → predict → measure → report on micrographs, as a user runs them.
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
using ::testing::StartsWith;

class MicrographWalk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new test::TemporaryFolder;
    run("tessera-synth-micrographs", "--count 24 --size 48 --grain-size 16 --seed 3 --out " + at("made"));
    const auto prepared =
        run("tessera-prep-images", "--images " + at("made/images") + " --masks " + at("made/masks") +
                                       " --shard-records 7 --out " + at("dataset"));
    ASSERT_EQ(prepared.exit_code, 0) << prepared.err;
    ASSERT_EQ(value_of(prepared.out, "records"), "24");
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string at(const std::string& name) { return (*folder / name).string(); }
  static ProgramResult run(const std::string& program, const std::string& arguments, int ranks = 0) {
    const std::string command = test::program_path(program) + " " + arguments;
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  static ProgramResult train(const std::string& name, const std::string& more = "", int ranks = 0) {
    const char* source = std::getenv("TESSERA_SOURCE");
    const auto config = fs::path(source ? source : ".") / "jobs/configs/grain_boundary.toml";
    return run(
        "tessera-train",
        config.string() + " --set data.dataset=" + at("dataset") +
            " --set train.epochs=2 --set model.depth=2 --set model.base_width=4 --set data.crop=32 --run " +
            at(name) + " " + more,
        ranks);
  }

  inline static test::TemporaryFolder* folder = nullptr;
};

TEST_F(MicrographWalk, ReproducibleWeightsDoNotDependOnTheRanks) {
  std::set<std::string> hashes;
  for (const int ranks : {1, 2, 3}) {
    const auto trained =
        train("reproducible" + std::to_string(ranks),
              "--set train.reproducible=true --set augmentation.rotate=true --set augmentation.noise=0.1 "
              "--set augmentation.elastic=1.0",
              ranks);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    hashes.insert(value_of(trained.out, "weights_sha256"));
  }
  EXPECT_EQ(hashes.size(), 1u);
}

TEST_F(MicrographWalk, StoppedAndGoneOnWithIsTheSame) {
  const std::string settings = "--set train.reproducible=true --set train.schedule=constant ";
  const auto whole = train("whole", settings), begun = train("parts", settings + "--set train.epochs=1"),
             gone_on = train("parts", settings, 2);
  ASSERT_EQ(begun.exit_code, 0) << begun.err;
  ASSERT_EQ(gone_on.exit_code, 0) << gone_on.err;
  EXPECT_EQ(value_of(gone_on.out, "weights_sha256"), value_of(whole.out, "weights_sha256"));
}

TEST_F(MicrographWalk, FromTrainingToMasksAndFigures) {
  const auto trained = train("run", "--set train.precision=bf16", 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NE(value_of(trained.out, "validation_iou"), "");

  const auto evaluated = run("tessera-evaluate", at("run") + " --predictions " + at("p.csv"), 2);
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  for (const auto* metric : {"iou", "dice", "precision", "recall", "boundary_f1_2px", "cldice",
                             "betti0_error", "betti1_error", "length_error_percent"})
    EXPECT_NE(value_of(evaluated.out, metric), "") << metric;
  EXPECT_THAT(core::read_file(at("p.csv")), StartsWith("id,target,prediction\n"));

  fs::create_directories(at("new"));
  for (const auto& entry : fs::directory_iterator(at("made/images"))) {
    fs::copy(entry.path(), at("new"));
    if (std::distance(fs::directory_iterator(at("new")), {}) == 3) break;
  }
  std::ofstream(at("new/broken.png")) << "no picture";
  const auto predicted = run("tessera-predict",
                             at("run") + " " + at("new") +
                                 " --tile 32 --overlap 8 --flips --um-per-px "
                                 "0.5 --out " +
                                 at("predicted"),
                             2);
  ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_EQ(value_of(predicted.out, "predictions"), "3");
  EXPECT_EQ(value_of(predicted.out, "quarantined"), "1");
  const auto table = core::read_csv(at("predicted/measure.csv"));
  ASSERT_EQ(table.rows.size(), 3u);
  const auto stem = fs::path(table.rows[0].fields[0]).stem().string();
  EXPECT_TRUE(fs::exists(at("predicted/" + stem + "_mask.png")));
  EXPECT_TRUE(fs::exists(at("predicted/" + stem + "_overlay.png")));

  // What predict says of its masks is what measure says of the files.
  const auto measured = run("tessera-measure", at("predicted/" + stem + "_mask.png") +
                                                   " --um-per-px 0.5 --out " + at("measure.csv"));
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  const auto again = core::read_csv(at("measure.csv"));
  for (std::size_t column = 1; column < table.rows[0].fields.size(); ++column)
    EXPECT_EQ(again.rows[0].fields[column], table.rows[0].fields[column]) << column;

  const auto report = run("tessera-report", at("run") + " --out " + at("report.html"));
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(core::read_file(at("report.html")),
              ::testing::AllOf(HasSubstr("validation_iou"), HasSubstr("worst: "),
                               HasSubstr("data:image/png;base64,")));
}

TEST_F(MicrographWalk, GoesOnFromOtherWeights) {
  // Steps of no length: the loss of the first epoch is that of the weights it began with.
  const std::string still =
      "--set train.epochs=1 --set train.reproducible=true --set train.learning_rate=1e-12 ";
  const std::string weights = at("taught/checkpoints/last/weights.safetensors");
  ASSERT_EQ(
      train("taught", "--set train.epochs=20 --set train.reproducible=true --set train.learning_rate=2e-2")
          .exit_code,
      0);
  ASSERT_EQ(train("untaught", still).exit_code, 0);
  const auto second = train("second", still + "--set train.initial_weights=" + weights);
  ASSERT_EQ(second.exit_code, 0) << second.err;
  const auto loss = [](const std::string& name) {
    const auto table = core::read_csv(at(name + "/metrics.csv"));
    return std::stod(table.rows.at(0).fields.at(*table.column("train_loss")));
  };
  EXPECT_LT(loss("second"), loss("untaught") - 0.02);
  const auto other = train("third", "--set model.depth=3 --set train.initial_weights=" + weights);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("taught/checkpoints/last/weights.safetensors"));
}

TEST_F(MicrographWalk, ARunIsMeasuredAsItIsEvaluated) {
  ASSERT_EQ(train("measured").exit_code, 0);
  const auto measure = [] { return run("tessera-measure", at("measured") + " --out " + at("measured.csv")); };
  const auto unready = measure();
  EXPECT_EQ(unready.exit_code, 2);
  EXPECT_THAT(unready.err, HasSubstr("`tessera evaluate " + at("measured") + " --masks`"));

  const auto evaluated = run("tessera-evaluate", at("measured") + " --masks", 2).out;
  const auto measured = measure().out;

  EXPECT_EQ(value_of(measured, "images"), value_of(evaluated, "records"));
  for (const std::string metric : {"iou", "dice", "cldice", "boundary_f1_2px"})
    EXPECT_NEAR(std::stod(value_of(measured, metric)), std::stod(value_of(evaluated, metric)), 1e-4)
        << metric;
}

TEST_F(MicrographWalk, OtherNetworksAndLossesTrain) {
  for (const std::string more :
       {"--set train.loss=topology", "--set train.loss=soft_cldice", "--set train.loss=skeleton_recall",
        "--set 'model={name=\"deeplabv3plus\", backbone=\"mobilenet_v2\"}' --set train.epochs=1"}) {
    const auto trained = train("other", more + " --fresh --overwrite");
    EXPECT_EQ(trained.exit_code, 0) << more << trained.err;
  }
}

TEST_F(MicrographWalk, WhatDoesNotFitIsRefusedWithItsRemedy) {
  const auto network = train("refused", "--set 'model={name=\"cgcnn\"}'");
  EXPECT_EQ(network.exit_code, 2);
  EXPECT_THAT(network.err, HasSubstr("holds micrographs, and the network reads crystals"));
  const auto target = train("refused", "--set data.target=strength");
  EXPECT_EQ(target.exit_code, 2);
  EXPECT_THAT(target.err, HasSubstr("no target \"strength\""));
  const auto loss = train("refused", "--set train.loss=mse");
  EXPECT_EQ(loss.exit_code, 2);
  EXPECT_THAT(loss.err, HasSubstr("train.loss must be one of bce"));
  run("tessera-prep-images", "--images " + at("made/images") + " --out " + at("bare"));
  run("tessera-prep-images", "--images " + at("made/images") + " --masks " + at("made/masks") + " --labels " +
                                 at("made/truth.csv") + " --out " + at("labelled"));
  const auto label = train(
      "refused", "--set data.target=grains --set data.dataset=" + at("labelled") + " --set train.loss=l1");
  EXPECT_EQ(label.exit_code, 2);
  EXPECT_THAT(label.err, HasSubstr("data.target must be \"mask\""));
  const auto bare = train("refused", "--set data.dataset=" + at("bare"));
  EXPECT_EQ(bare.exit_code, 2);
  EXPECT_THAT(bare.err, HasSubstr("was prepared without masks"));
  ASSERT_EQ(train("trained", "--set train.epochs=1").exit_code, 0);
  const auto evaluated = run("tessera-evaluate", at("trained") + " --data " + at("bare"));
  EXPECT_EQ(evaluated.exit_code, 2);
  EXPECT_THAT(evaluated.err, HasSubstr("was prepared without masks"));
}

TEST_F(MicrographWalk, ADatasetIsTheSameForAnyRanksAndRepaired) {
  std::map<std::string, std::string> alone;
  for (const int ranks : {0, 2, 3}) {
    const auto out = at("ranks" + std::to_string(ranks));
    const auto prepared = run("tessera-prep-images",
                              "--images " + at("made/images") + " --masks " + at("made/masks") +
                                  " --tile 32 --overlap 16 --shard-records 20 --out " + out,
                              ranks);
    ASSERT_EQ(prepared.exit_code, 0) << prepared.err;
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(out))
      if (entry.is_regular_file()) files[entry.path().filename()] = core::read_file(entry.path());
    if (alone.empty()) alone = files;
    EXPECT_EQ(files, alone) << ranks;
  }
  const auto shard = at("ranks2/shard-00001.h5");
  fs::resize_file(shard, fs::file_size(shard) / 2);
  EXPECT_EQ(run("tessera-verify", at("ranks2")).exit_code, 1);
  const auto repaired = run("tessera-verify", at("ranks2") + " --repair", 2);
  EXPECT_EQ(value_of(repaired.out, "repaired"), "1") << repaired.err;
  EXPECT_EQ(core::read_file(shard), alone.at("shard-00001.h5"));
}

}  // namespace
}  // namespace tessera
