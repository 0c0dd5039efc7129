// SPDX-License-Identifier: Apache-2.0
// synth phases → prep images --labels → train → evaluate → predict → report on numbers of images, as a user
// runs them.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using test::value_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ImageLabelWalk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new test::TemporaryFolder;
    run("tessera-synth-phases", "--count 30 --size 32 --feature 6 --seed 3 --out " + at("made"));
    const auto prepared = run("tessera-prep-images", "--images " + at("made/images") + " --labels " +
                                                         at("made/truth.csv") + " --out " + at("dataset"));
    ASSERT_EQ(prepared.exit_code, 0) << prepared.err;
    ASSERT_EQ(value_of(prepared.out, "records"), "30");
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string at(const std::string& name) { return (*folder / name).string(); }
  static ProgramResult run(const std::string& program, const std::string& arguments, int ranks = 0) {
    const std::string command = test::program_path(program) + " " + arguments;
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  static ProgramResult train(const std::string& name, const std::string& more = "", int ranks = 0) {
    const char* source = std::getenv("TESSERA_SOURCE");
    const auto config = fs::path(source ? source : ".") / "jobs/configs/conductivity.toml";
    return run("tessera-train",
               config.string() + " --set data.dataset=" + at("dataset") +
                   " --set data.size=24 --set model.base_width=4 --set model.last_layer=conv2_2 "
                   "--set model.hidden_width=8 --set train.epochs=2 --set train.global_batch=7 "
                   "--set train.schedule=constant --run " +
                   at(name) + " " + more,
               ranks);
  }

  inline static test::TemporaryFolder* folder = nullptr;
};

// Pieces cut and lit at random, and an encoder half of which is trained, at a rate of its own.
const std::string kReproducible =
    "--set train.reproducible=true --set data.crop_area=0.4 --set augmentation.rotate=true "
    "--set augmentation.noise=0.1 --set model.trained=top_block --set model.encoder_rate=0.3 "
    "--set model.dropout=0.2 ";

TEST_F(ImageLabelWalk, ReproducibleWeightsDependOnNoRanksAndNoStop) {
  const auto alone = train("alone", kReproducible), two = train("two", kReproducible, 2),
             begun = train("parts", kReproducible + "--set train.epochs=1");
  const auto record = core::read_file(at("parts/run.json"));
  const auto grey = record.find("\"grey\""), mean = record.find("\"mean\": 0.", grey);
  ASSERT_NE(grey, std::string::npos);
  const auto gone_on = train("parts", kReproducible, 2);

  for (const auto* trained : {&alone, &two, &begun, &gone_on})
    ASSERT_EQ(trained->exit_code, 0) << trained->err;
  EXPECT_EQ(value_of(two.out, "weights_sha256"), value_of(alone.out, "weights_sha256"));
  EXPECT_EQ(value_of(gone_on.out, "weights_sha256"), value_of(alone.out, "weights_sha256"));
  EXPECT_NE(value_of(begun.out, "weights_sha256"), value_of(alone.out, "weights_sha256"));
  EXPECT_THAT(core::read_file(at("parts/run.json")), HasSubstr(record.substr(mean, 20)));
  EXPECT_THAT(core::read_file(at("two/run.json")), HasSubstr(record.substr(mean, 20)));

  // Grey levels stay on the scale the weights were begun with, whatever the records would give by now.
  auto other_scale = core::read_file(at("parts/run.json"));
  const auto digit = other_scale.find("\"mean\": 0.", other_scale.find("\"grey\"")) + 10;
  other_scale[digit] = other_scale[digit] == '9' ? '1' : '9';
  core::write_file_atomically(at("parts/run.json"), other_scale);
  ASSERT_EQ(train("parts", kReproducible + "--set train.epochs=9").exit_code, 0);
  EXPECT_THAT(core::read_file(at("parts/run.json")), HasSubstr(other_scale.substr(digit - 10, 16)));

  const auto other_size = train("parts", kReproducible + "--set data.size=16");
  EXPECT_EQ(other_size.exit_code, 2);
  EXPECT_THAT(other_size.err, HasSubstr("its data.size is\n24\nnow it is\n16"));
}

TEST_F(ImageLabelWalk, FromTrainingToATable) {
  const auto trained = train("run", "--set model.trained=head --set train.ema=0.9", 2);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NE(value_of(trained.out, "validation_mae"), "");

  const auto evaluated = run("tessera-evaluate", at("run") + " --predictions " + at("p.csv"), 2);
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  for (const auto* metric : {"mae", "rmse", "r2", "maxe", "mae_raw"})
    EXPECT_NE(value_of(evaluated.out, metric), "") << metric;
  const auto turned = run("tessera-evaluate", at("run") + " --flips");
  ASSERT_EQ(turned.exit_code, 0) << turned.err;
  EXPECT_NE(value_of(turned.out, "mae"), value_of(evaluated.out, "mae"));

  const auto masks = run("tessera-evaluate", at("run") + " --masks");
  EXPECT_EQ(masks.exit_code, 2);
  EXPECT_THAT(masks.err, HasSubstr("--masks is of runs that learn masks"));

  const auto pictures = core::read_csv(at("run/predictions/test-pictures/pictures.csv"));
  EXPECT_THAT(pictures.header, ElementsAre("picture", "id", "target", "prediction"));
  EXPECT_EQ(pictures.rows.size(), std::min(8ul, std::stoul(value_of(evaluated.out, "records"))));
  for (const auto& picture : pictures.rows)
    EXPECT_TRUE(fs::exists(at("run/predictions/test-pictures/" + picture.fields[0]))) << picture.fields[0];

  // New files are seen as the dataset's images were.
  const auto table = core::read_csv(at("p.csv"));
  ASSERT_EQ(table.rows.size(), std::stoul(value_of(evaluated.out, "records")));
  fs::create_directories(at("new"));
  for (const auto& row : table.rows) fs::copy(at("made/images/" + row.fields[0] + ".png"), at("new"));
  std::ofstream(at("new/broken.png")) << "no picture";
  const auto predicted = run(
      "tessera-predict",
      at("run") + " " + at("new") + " --out " + at("predicted/table.csv") + " --grad-cam " + at("why"), 2);
  ASSERT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_EQ(value_of(predicted.out, "quarantined"), "1");
  EXPECT_THAT(core::read_file(at("predicted/table.csv")), StartsWith("id,prediction\n"));
  EXPECT_THAT(core::read_file(at("predicted/quarantine.csv")), HasSubstr("broken"));
  std::map<std::string, double> predictions;
  for (const auto& row : core::read_csv(at("predicted/table.csv")).rows)
    predictions[row.fields[0]] = std::stod(row.fields[1]);
  ASSERT_EQ(predictions.size(), table.rows.size());
  for (const auto& row : table.rows) {
    EXPECT_NEAR(predictions.at(row.fields[0]), std::stod(row.fields[2]), 1e-5) << row.fields[0];
    EXPECT_TRUE(fs::exists(at("why/" + row.fields[0] + "_grad_cam.png"))) << row.fields[0];
  }

  const auto report = run("tessera-report", at("run") + " --out " + at("report.html"));
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(core::read_file(at("report.html")), AllOf(HasSubstr("validation_mae"), HasSubstr("predicted")));
  EXPECT_THAT(core::read_file(at("report.html")), HasSubstr("places in orange raise it"));
  for (const auto& picture : pictures.rows)
    EXPECT_THAT(core::read_file(at("report.html")), HasSubstr(": " + picture.fields[1] + ", conductivity "));
}

TEST_F(ImageLabelWalk, WhatDoesNotFitIsRefusedWithItsRemedy) {
  const auto pixels = train("refused", "--set 'model={name=\"residual_unet\"}'");
  EXPECT_EQ(pixels.exit_code, 2);
  EXPECT_THAT(pixels.err, HasSubstr("data.target must be \"mask\", got \"conductivity\""));
  const auto unknown = train("refused", "--set data.target=mask");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("was prepared without masks"));
  EXPECT_FALSE(fs::exists(at("refused")));
}

TEST_F(ImageLabelWalk, MasksHaveNoGradCam) {
  run("tessera-synth-micrographs", "--count 12 --size 32 --grain-size 12 --seed 3 --out " + at("grains"));
  run("tessera-prep-images",
      "--images " + at("grains/images") + " --masks " + at("grains/masks") + " --out " + at("boundaries"));
  const char* source = std::getenv("TESSERA_SOURCE");
  const auto config = fs::path(source ? source : ".") / "jobs/configs/grain_boundary.toml";
  const auto trained = run("tessera-train", config.string() + " --set data.dataset=" + at("boundaries") +
                                                " --set train.epochs=1 --set model.depth=2 "
                                                "--set model.base_width=4 --run " +
                                                at("masks"));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;

  const auto refused = run("tessera-predict", at("masks") + " " + at("grains/images") + " --out " +
                                                  at("refused_masks") + " --grad-cam " + at("refused_maps"));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("--grad-cam must be of a run that has learnt a number"),
                                 HasSubstr("has learnt mask")));
  EXPECT_FALSE(fs::exists(at("refused_masks")));
  EXPECT_FALSE(fs::exists(at("refused_maps")));
}

}  // namespace
}  // namespace tessera
