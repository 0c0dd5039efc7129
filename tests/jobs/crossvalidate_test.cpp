// SPDX-License-Identifier: Apache-2.0
// `tessera crossvalidate` as a user calls it: each record held out once, the same on any number of ranks and
// through any number of starts, and figures that follow from the predictions it leaves.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "jobs/walk.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using core::read_file;
using test::program_path;
using test::ProgramResult;
using test::run_program;
using test::value_of;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A table's column by its name.
std::vector<std::string> texts_of(const core::CsvTable& table, const std::string& name) {
  std::vector<std::string> texts;
  const auto column = table.column(name);
  EXPECT_TRUE(column) << name;
  for (const auto& row : table.rows) texts.push_back(row.fields[column.value_or(0)]);
  return texts;
}
std::vector<double> numbers_of(const core::CsvTable& table, const std::string& name) {
  std::vector<double> numbers;
  for (const auto& text : texts_of(table, name)) numbers.push_back(core::parse_number(text).value());
  return numbers;
}
double number_of(const std::string& line, const std::string& key) {
  return core::parse_number(value_of(line, key)).value_or(std::nan(""));
}
double mean_absolute_error(const core::CsvTable& table, const std::string& method) {
  const auto target = numbers_of(table, "target"), prediction = numbers_of(table, method);
  double sum = 0;
  for (std::size_t i = 0; i < target.size(); ++i) sum += std::abs(prediction[i] - target[i]);
  return sum / static_cast<double>(target.size());
}

class Crossvalidate : public test::Walk {
 protected:
  static std::string command_of(const std::string& name, const std::string& more) {
    const std::string folds = more.find("--folds") == std::string::npos ? " --folds 3" : "";
    return program_path("tessera-crossvalidate") + " " + config() + " --set data.dataset=" + at("dataset") +
           " --set train.epochs=8 --set train.global_batch=16 --set model.num_convolutions=1 --set "
           "train.reproducible=true --run " +
           at(name) + folds + " " + more;
  }
  static ProgramResult crossvalidate(const std::string& name, const std::string& more = "", int ranks = 0) {
    const auto command = command_of(name, more);
    return run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  /// What an uninterrupted start of one process predicts, made once.
  static std::string uninterrupted() {
    if (!fs::exists(at("uninterrupted/predictions.csv"))) {
      const auto result = crossvalidate("uninterrupted");
      EXPECT_EQ(result.exit_code, 0) << result.err;
      core::write_file_atomically(at("uninterrupted.line"), result.out);
    }
    return read_file(at("uninterrupted/predictions.csv"));
  }
};

TEST_F(Crossvalidate, HoldsEachRecordOutOnceAndItsFiguresFollowFromThePredictions) {
  uninterrupted();
  const auto line = read_file(at("uninterrupted.line"));
  const auto table = core::read_csv(at("uninterrupted/predictions.csv"));

  EXPECT_EQ(table.header,
            (std::vector<std::string>{"id", "group", "fold", "target", "cgcnn", "mean", "median"}));
  const auto ids = texts_of(table, "id"), groups = texts_of(table, "group"), folds = texts_of(table, "fold");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 90u);
  EXPECT_EQ(ids.size(), 90u);
  std::map<std::string, std::set<std::string>> folds_of_group;
  for (std::size_t i = 0; i < groups.size(); ++i) folds_of_group[groups[i]].insert(folds[i]);
  for (const auto& [group, in] : folds_of_group) EXPECT_EQ(in.size(), 1u) << group;

  EXPECT_EQ(value_of(line, "folds"), "3");
  EXPECT_EQ(value_of(line, "records"), "90");
  EXPECT_EQ(value_of(line, "groups"), std::to_string(folds_of_group.size()));
  EXPECT_NEAR(number_of(line, "mae"), mean_absolute_error(table, "cgcnn"), 1e-5);
  EXPECT_NEAR(number_of(line, "mean_mae"), mean_absolute_error(table, "mean"), 1e-5);
  EXPECT_LT(number_of(line, "mae_low"), number_of(line, "mae"));
  EXPECT_GT(number_of(line, "mae_high"), number_of(line, "mae"));
  EXPECT_EQ(line.back(), '\n');
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST_F(Crossvalidate, ConstantsAreThoseOfTheTrainingRecords) {
  uninterrupted();
  const auto table = core::read_csv(at("uninterrupted/predictions.csv"));
  const auto ids = texts_of(table, "id"), folds = texts_of(table, "fold");
  const auto target = numbers_of(table, "target"), mean = numbers_of(table, "mean"),
             median = numbers_of(table, "median");
  for (const std::string fold : {"0", "1", "2"}) {
    const auto split = core::read_csv(at("uninterrupted/folds/" + fold + "/splits.csv"));
    const auto split_ids = texts_of(split, "id"), parts = texts_of(split, "split");
    std::vector<double> training;
    for (std::size_t i = 0; i < split_ids.size(); ++i) {
      const auto place =
          static_cast<std::size_t>(std::find(ids.begin(), ids.end(), split_ids[i]) - ids.begin());
      if (parts[i] == "train") training.push_back(target[place]);
      EXPECT_EQ(parts[i] == "test", folds[place] == fold) << split_ids[i];
    }
    double sum = 0;
    for (const double value : training) sum += value;
    std::sort(training.begin(), training.end());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (folds[i] != fold) continue;
      EXPECT_NEAR(mean[i], sum / static_cast<double>(training.size()), 1e-12);
      EXPECT_EQ(std::ranges::count_if(training, [&](double value) { return value < median[i]; }),
                std::ranges::count_if(training, [&](double value) { return value > median[i]; }));
    }
  }
}

TEST_F(Crossvalidate, LeavesASummaryAPageAndRunsThatOtherVerbsRead) {
  uninterrupted();
  const auto line = read_file(at("uninterrupted.line"));
  const auto summary = nlohmann::json::parse(read_file(at("uninterrupted/summary.json")));
  EXPECT_EQ(summary["network"], "cgcnn");
  EXPECT_NEAR(summary["methods"]["cgcnn"]["mae_low"].get<double>(), number_of(line, "mae_low"), 1e-5);
  EXPECT_EQ(summary["interval"]["resampled"], "groups");
  ASSERT_EQ(summary["folds"].size(), 3u);

  const auto page = read_file(at("uninterrupted/report.html"));
  EXPECT_THAT(page, AllOf(HasSubstr(value_of(line, "groups") + " whole groups"), HasSubstr("Error by group"),
                          HasSubstr("Fold by fold"), HasSubstr("median of the training records")));

  const auto evaluated = run("tessera-evaluate", at("uninterrupted/folds/1"));
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_NEAR(number_of(evaluated.out, "mae_raw"), summary["folds"][1]["mae"].get<double>(), 1e-5);
  const auto gone_on = run("tessera-train", at("uninterrupted/folds/1/config.toml"));
  EXPECT_EQ(gone_on.exit_code, 0) << gone_on.err;
}

TEST_F(Crossvalidate, IsTheSameOnTwoRanks) {
  const auto result = crossvalidate("two_ranks", "", 2);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_file(at("two_ranks/predictions.csv")), uninterrupted());
}

// Stopped after its first step, then told to by TERM in the second fold.
TEST_F(Crossvalidate, GoneOnWithIsWhatItIsUninterrupted) {
  const auto first = crossvalidate("stopped", "--set train.time_limit_minutes=1e-9");
  EXPECT_EQ(first.exit_code, 3) << first.err;
  EXPECT_EQ(first.out, "folds=3 folds_done=0\n");
  EXPECT_FALSE(fs::exists(at("stopped/predictions.csv")));

  const auto told = run_program("OMP_NUM_THREADS=1 " + command_of("stopped", "") +
                                " & child=$!\nuntil [ -e " + at("stopped/folds/1/ledger.csv") +
                                " ]; do sleep 0.01; done; kill -TERM $child; wait $child");
  EXPECT_EQ(told.exit_code, 3) << told.err;
  EXPECT_THAT(told.out, AnyOf(HasSubstr("folds=3 folds_done=1"), HasSubstr("folds=3 folds_done=2")));
  const auto finished = fs::path(at("stopped/folds/0/run.json"));
  const auto written = fs::last_write_time(finished);

  const auto last = crossvalidate("stopped");

  EXPECT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(read_file(at("stopped/predictions.csv")), uninterrupted());
  EXPECT_EQ(fs::last_write_time(finished), written);
}

TEST_F(Crossvalidate, AsksToBePutBackWhenItsJobEnds) {
  const auto result = run_program("TESSERA_REQUEUE_FILE=" + at("again") +
                                  " OMP_NUM_THREADS=1 timeout --preserve-status -s USR2 3 " +
                                  command_of("job", "--set train.epochs=1000000"));
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_TRUE(fs::exists(at("again")));
}

TEST_F(Crossvalidate, LeavesOneGroupOutAtATime) {
  const auto prepared =
      run("tessera-prep-crystals", "--input " + at("crystals") + "/synth-00000[0-5]-*.cif --targets " +
                                       at("crystals/targets.csv") + " --out " + at("six"));
  ASSERT_EQ(prepared.exit_code, 0) << prepared.err;
  const auto result =
      crossvalidate("one_out", "--folds 0 --set train.epochs=1 --set data.dataset=" + at("six"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(value_of(result.out, "folds"), value_of(result.out, "groups"));
  const auto table = core::read_csv(at("one_out/predictions.csv"));
  std::map<std::string, std::set<std::string>> groups_of_fold;
  const auto groups = texts_of(table, "group"), folds = texts_of(table, "fold");
  for (std::size_t i = 0; i < groups.size(); ++i) groups_of_fold[folds[i]].insert(groups[i]);
  EXPECT_EQ(std::to_string(groups_of_fold.size()), value_of(result.out, "groups"));
  for (const auto& [fold, held_out] : groups_of_fold) EXPECT_EQ(held_out.size(), 1u) << fold;
  EXPECT_THAT(read_file(at("one_out/report.html")), HasSubstr("These figures rest on"));
}

TEST_F(Crossvalidate, RefusesWhatItCannotDoBeforeItTrains) {
  const auto refused = [](const std::string& more, int ranks = 0) {
    const auto result = crossvalidate("refused", more, ranks);
    EXPECT_EQ(result.exit_code, 2) << more << result.err;
    EXPECT_FALSE(fs::exists(at("refused/folds"))) << more;
    return result.err;
  };
  EXPECT_THAT(refused("--folds 1", 2), HasSubstr("2 or more, or 0"));
  EXPECT_THAT(refused("--folds 1000"), HasSubstr("each of 1000 folds must hold out at least one group"));
  EXPECT_THAT(refused("--set data.split.validation=0"), HasSubstr("split.validation must be above 0"));
  EXPECT_THAT(refused("--set data.target=space_group"),
              AllOf(HasSubstr("\"space_group\""), HasSubstr("targets that are a number")));
  EXPECT_THAT(refused("--set baselines.encodr=filters"), HasSubstr("Did you mean baselines.encoder?"));
  EXPECT_THAT(refused("--set model.atom_widht=8"), HasSubstr("Did you mean model.atom_width?"));
  EXPECT_THAT(refused("--set train.epochs=0"), HasSubstr("train.epochs must be 1 to"));
}

TEST_F(Crossvalidate, RefusesToGoOnAsSomethingElse) {
  uninterrupted();
  const auto refused = [](const std::string& more) {
    const auto result = crossvalidate("uninterrupted", more);
    EXPECT_EQ(result.exit_code, 2) << more << result.err;
    return result.err;
  };
  const auto before = uninterrupted();
  EXPECT_THAT(refused("--folds 4"), HasSubstr("holds a cross-validation of other folds"));
  EXPECT_THAT(refused("--folds 2"), HasSubstr("holds a cross-validation of other folds"));
  EXPECT_THAT(refused("--set data.split.seed=5"), HasSubstr("holds a cross-validation of other folds"));
  EXPECT_THAT(refused("--set train.learning_rate=1e-4"),
              HasSubstr("was begun with train.learning_rate = 0.002, which must stay"));
  EXPECT_EQ(uninterrupted(), before);
}

TEST_F(Crossvalidate, OfLogarithmsTellsErrorsInTheTargetsOwnUnit) {
  const auto result = crossvalidate(
      "logarithm", "--set data.transform=log10 --set data.target=bulk_modulus_gpa --set train.epochs=1");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto table = core::read_csv(at("logarithm/predictions.csv"));
  EXPECT_NEAR(number_of(result.out, "mae") / mean_absolute_error(table, "cgcnn"), 1, 1e-5);
  double low = 1e9, high = 0;
  for (const double value : numbers_of(table, "cgcnn")) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_GT(low, 1);  // GPa; logarithms lie between 0 and 3
  EXPECT_GT(high, 10);
}

/// Made structures of two phases, four of a group, and what is computed of them.
class CrossvalidateImages : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new test::TemporaryFolder;
    run("tessera-synth-phases", "--count 24 --size 48 --seed 2 --out " + at("phases"));
    const auto truth = core::read_csv(at("phases/truth.csv"));
    std::string constant = "id,seven\n";
    for (const auto& id : texts_of(truth, "id")) constant += id + ",7\n";
    core::write_file_atomically(at("constant.csv"), constant);
    prepare("dataset", at("phases/truth.csv"));
    prepare("constant", at("constant.csv"));
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string at(const std::string& name) { return (*folder / name).string(); }
  static void run(const std::string& program, const std::string& arguments) {
    const auto result = run_program("OMP_NUM_THREADS=1 " + program_path(program) + " " + arguments);
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  static void prepare(const std::string& name, const std::string& labels) {
    run("tessera-prep-images",
        "--images " + at("phases/images") + " --labels " + labels + " --out " + at(name));
  }
  static ProgramResult crossvalidate(const std::string& name, const std::string& more, int ranks = 0) {
    std::ofstream(at("config.toml")) << "[data]\ndataset = \"" + at("dataset") +
                                            "\"\ntarget = \"conductivity\"\n"
                                            "[model]\nname = \"vgg_regressor\"\nencoder = \"filters\"\n"
                                            "last_layer = \"scale2\"\nhidden_width = 8\ntrained = \"head\"\n"
                                            "[train]\nepochs = 2\nglobal_batch = 8\nreproducible = true\n"
                                            "[run]\ndir = \"nowhere\"\n";
    const auto command = program_path("tessera-crossvalidate") + " " + at("config.toml") +
                         " --folds 3 --run " + at(name) + " " + more;
    return run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }

  inline static test::TemporaryFolder* folder = nullptr;
};

TEST_F(CrossvalidateImages, RegressionsOnDescriptorsAndOnAnEncoderStandBesideTheNetwork) {
  const auto one = crossvalidate("one", ""), two = crossvalidate("two", "", 2);
  ASSERT_EQ(one.exit_code, 0) << one.err;
  ASSERT_EQ(two.exit_code, 0) << two.err;

  const auto table = core::read_csv(at("one/predictions.csv"));
  EXPECT_EQ(table.header, (std::vector<std::string>{"id", "group", "fold", "target", "vgg_regressor", "mean",
                                                    "median", "ridge_descriptors", "ridge_encoder"}));
  EXPECT_EQ(table.rows.size(), 24u);
  EXPECT_EQ(read_file(at("one/predictions.csv")), read_file(at("two/predictions.csv")));
  for (const std::string method : {"ridge_descriptors", "ridge_encoder"}) {
    EXPECT_NEAR(number_of(one.out, method + "_mae"), mean_absolute_error(table, method), 1e-5);
    // The conductivity follows from how much there is of each phase, above all.
    EXPECT_LT(number_of(one.out, method + "_mae"), 0.5 * number_of(one.out, "mean_mae")) << method;
  }
  const auto summary = nlohmann::json::parse(read_file(at("one/summary.json")));
  EXPECT_GT(summary["folds"][0]["ridge_descriptors_penalty"].get<double>(), 0);
  EXPECT_GT(summary["methods"]["ridge_descriptors"]["r2"].get<double>(), 0.5);
  // A head that saw two epochs is no match for either, and the page says so.
  const auto& against = summary["network_less_best_baseline"];
  EXPECT_THAT(against["baseline"].get<std::string>(), StartsWith("ridge_"));
  EXPECT_GT(against["mae_difference_low"].get<double>(), 0);
  EXPECT_THAT(read_file(at("one/report.html")), HasSubstr("the network is worse than that"));
}

TEST_F(CrossvalidateImages, BaselinesCanBeLeftOut) {
  const auto result = crossvalidate(
      "bare", "--set baselines.descriptors=false --set baselines.encoder=none --set train.epochs=1");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(value_of(result.out, "ridge_descriptors_mae"), "");
  EXPECT_EQ(core::read_csv(at("bare/predictions.csv")).header.back(), "median");
}

TEST_F(CrossvalidateImages, OfEqualTargetsR2IsNotDefined) {
  const auto result = crossvalidate(
      "constant_run", "--set data.target=seven --set train.epochs=1 --set data.dataset=" + at("constant"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(value_of(result.out, "r2"), "undefined");
  EXPECT_EQ(number_of(result.out, "mean_mae"), 0);
  const auto summary = nlohmann::json::parse(read_file(at("constant_run/summary.json")));
  EXPECT_TRUE(summary["methods"]["vgg_regressor"]["r2"].is_null());
  EXPECT_EQ(summary["r2_not_defined"], "all targets are equal");
  EXPECT_THAT(read_file(at("constant_run/report.html")), HasSubstr("R² is not defined"));
}

TEST_F(CrossvalidateImages, AnEncoderThatCannotBeIsSaidBeforeTheTraining) {
  const auto missing =
      crossvalidate("missing", "--set baselines.encoder=vgg19 --set baselines.encoder_folder=" + at("no"), 2);
  EXPECT_EQ(missing.exit_code, 2) << missing.err;
  EXPECT_THAT(missing.err, HasSubstr("there is no such file"));
  EXPECT_FALSE(fs::exists(at("missing/folds")));
  const auto layer = crossvalidate("missing", "--set 'baselines.layers=[\"scale3\"]'");
  EXPECT_EQ(layer.exit_code, 2) << layer.err;
  EXPECT_THAT(layer.err, HasSubstr("it has no layer \"scale3\""));
}

TEST_F(CrossvalidateImages, MasksAreNoNumbers) {
  const auto result = crossvalidate("masks", "--set data.target=mask");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("targets that are a number"), HasSubstr("\"mask\"")));
}

}  // namespace
}  // namespace tessera
