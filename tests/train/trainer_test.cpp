// SPDX-License-Identifier: Apache-2.0
// The whole loop on a small network and made data, on groups of 1, 2 and 3 ranks of the same job.
#include "train/trainer.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

#include "core/clock.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "models/row_batch_norm.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "train/checkpoint.hpp"
#include "train/gradient_step.hpp"

namespace tessera::train {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRecords = 103;  // no multiple of a batch, a rank count or a shard count

/// Three numbers a record; the target is a smooth function of them.
std::vector<float> inputs_of(std::int64_t record) {
  core::RandomStream random(5, "toy", static_cast<std::uint64_t>(record));
  std::vector<float> inputs(3);
  for (auto& x : inputs) x = static_cast<float>(random.uniform(-1, 1));
  return inputs;
}

std::vector<double> toy_targets() {
  std::vector<double> targets;
  for (std::int64_t record = 0; record < kRecords; ++record) {
    const auto x = inputs_of(record);
    targets.push_back(std::sin(3 * x[0]) + x[1] * x[2]);
  }
  return targets;
}

class ToyFeed final : public Feed {
 public:
  explicit ToyFeed(const Task& task) : task_(task) {}
  models::Batch batch(std::span<const std::int64_t> records) override {
    models::Batch batch;
    std::vector<float> values;
    for (const std::int64_t record : records) {
      if (record == broken_record) throw core::DataError("record 7 is broken");
      for (const float x : inputs_of(record)) values.push_back(record == nan_record ? std::nanf("") : x);
    }
    batch.num_samples = std::ssize(records);
    batch.points.position = torch::tensor(values).reshape({batch.num_samples, 3});
    batch.target = task_.targets(records);
    if (nan_targets) batch.target.fill_(std::nanf(""));
    std::this_thread::sleep_for(delay);
    return batch;
  }
  double cost(std::int64_t record) const override { return 1.0 + static_cast<double>(record % 5); }

  std::int64_t broken_record = -1, nan_record = -1;
  bool nan_targets = false;
  std::chrono::milliseconds delay{0};

 private:
  const Task& task_;
};

class ToyNetwork final : public models::Network {
 public:
  explicit ToyNetwork(bool with_norm_and_dropout, std::int64_t outputs = 1) : rich_(with_norm_and_dropout) {
    first_ = register_module("first", torch::nn::Linear(3, 16));
    norm_ = register_module("norm", torch::nn::BatchNorm1d(16));
    last_ = register_module("last", torch::nn::Linear(16, outputs));
  }
  torch::Tensor forward(const models::Batch& batch) override {
    auto hidden = first_(batch.points.position);
    if (rich_)
      hidden = torch::dropout(models::batch_norm_rows(hidden, *norm_, models::Activation::None), dropout,
                              is_training());
    return last_(torch::tanh(hidden));
  }
  models::Features features() const override { return models::Features::Points; }
  const torch::Tensor& running_mean() const { return norm_->running_mean; }

  double dropout = 0.2;

 private:
  bool rich_;
  torch::nn::Linear first_{nullptr}, last_{nullptr};
  torch::nn::BatchNorm1d norm_{nullptr};
};

struct ToyRun {
  std::unique_ptr<Task> task = make_regression_task(toy_targets(), {}, "mse");
  ToyFeed feed{*task};
  std::shared_ptr<ToyNetwork> network;
  TrainingConfig config;
  data::Split splits;

  ToyRun(const fs::path& folder, bool rich) {
    torch::manual_seed(3);
    network = std::make_shared<ToyNetwork>(rich);
    config.run_folder = folder;
    config.train.epochs = 6;
    config.train.global_batch = 16;
    config.train.learning_rate = 0.01;
    config.checkpoint.every_minutes = 0;
    splits.train.resize(83);
    std::iota(splits.train.begin(), splits.train.end(), std::int64_t{0});
    for (std::int64_t record = 83; record < kRecords; ++record) splits.validation.push_back(record);
  }

  TrainingResult train_on(const dist::Communicator& comm) {
    return train({.config = config,
                  .comm = comm,
                  .network = *network,
                  .task = *task,
                  .feed = feed,
                  .splits = splits,
                  .device = torch::kCPU,
                  .record_name = [](std::int64_t record) { return "toy-" + std::to_string(record); },
                  .show_progress = false,
                  .on_start = [this] { ++starts; }});
  }
  int starts = 0;
};

/// One folder for all ranks of a group.
class SharedFolder {
 public:
  explicit SharedFolder(const dist::Communicator& comm) : comm_(comm) {
    if (comm.is_root()) own_ = std::make_unique<test::TemporaryFolder>();
    path_ = comm.broadcast_text(own_ ? own_->path().string() : "", "folder");
  }
  ~SharedFolder() { comm_.barrier("leave the folder"); }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  dist::Communicator comm_;
  std::unique_ptr<test::TemporaryFolder> own_;
  fs::path path_;
};

/// Runs `work` on the first `size` ranks; the others wait. The result is known to all.
template <typename Work>
std::string on_ranks(const dist::Communicator& world, int size, Work&& work) {
  const auto group = world.split(world.rank() < size ? 0 : 1, "group");
  std::string result;
  if (world.rank() < size) result = work(group);
  return world.broadcast_text(result, "result");
}

class Training : public testing::Test {
 protected:
  dist::Communicator world = dist::Communicator::world();
};

TEST_F(Training, LearnsTheToyFunction) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", false);
  run.config.train.epochs = 60;
  run.config.train.learning_rate = 0.03;

  const auto result = run.train_on(world);

  EXPECT_EQ(result.outcome, Outcome::Finished);
  EXPECT_LT(result.best_metric, 0.15);  // predicting the mean gives 0.6
}

TEST_F(Training, SeveralRanksLearnWhatOneRankLearns) {
  SharedFolder folder(world);
  ToyRun serial(folder / ("serial" + std::to_string(world.rank())), false);
  ToyRun parallel(folder / "parallel", false);

  const auto one = serial.train_on(dist::Communicator::serial());
  const auto many = parallel.train_on(world);

  EXPECT_NEAR(many.best_metric, one.best_metric, 1e-4);
  for (const auto& parameter : serial.network->named_parameters())
    EXPECT_TRUE(
        torch::allclose(parameter.value(), parallel.network->named_parameters()[parameter.key()], 1e-4, 1e-5))
        << parameter.key();
}

TEST_F(Training, AccumulationDoesNotChangeTheGradient) {
  SharedFolder folder(world);
  ToyRun whole(folder / "whole", false), pieces(folder / "pieces", false);
  pieces.config.train.accumulation = 4;

  EXPECT_NEAR(whole.train_on(world).best_metric, pieces.train_on(world).best_metric, 1e-4);
}

TEST_F(Training, AccumulationMovesTheStatisticsOnceAStep) {
  SharedFolder folder(world);
  const auto mean_after_one_step = [&](std::int64_t accumulation) {
    ToyRun run(folder / ("accumulation" + std::to_string(accumulation)), true);
    run.network->dropout = 0;
    run.config.train.epochs = 1;
    run.config.train.global_batch = 83;
    run.config.train.accumulation = accumulation;
    run.train_on(world);
    return run.network->running_mean().clone();
  };

  // The mean over the samples, in whatever parts they come.
  EXPECT_TRUE(torch::allclose(mean_after_one_step(1), mean_after_one_step(4), 1e-4, 1e-6));
}

TEST_F(Training, TheSectionsOfAStepAddUpToItsWallTime) {
  ToyRun run("unused", true);
  run.feed.delay = std::chrono::milliseconds(10 + 20 * world.rank());  // the first waits for the last
  dist::TensorCommunicator tensors(world, torch::kCPU);
  dist::NamedTensors parameters;
  for (const auto& parameter : run.network->named_parameters())
    parameters.emplace_back(parameter.key(), parameter.value());
  std::vector<std::int64_t> batch(32);
  std::iota(batch.begin(), batch.end(), std::int64_t{0});
  SectionClock clock;
  const auto expect_whole = [&](GradientStep& step, const char* name) {
    const core::Stopwatch wall;
    clock = {};
    for (std::int64_t i = 0; i < 3; ++i) step.run(i, batch);
    const double seconds = wall.seconds(),
                 sections = clock.seconds(Section::Input) + clock.seconds(Section::Compute) +
                            clock.seconds(Section::Imbalance) + clock.seconds(Section::ExposedCommunication);
    EXPECT_GE(sections, 0.95 * seconds) << name;
    EXPECT_LE(sections, seconds) << name;
    // Three steps of at least one batch each, 20 ms sooner made on the first rank than on the second.
    if (world.is_root() && world.size() > 1) {
      EXPECT_GE(clock.seconds(Section::Imbalance), 0.03) << name;
    }
  };

  {
    dist::GradientReducer reducer(tensors, parameters);
    const auto overlapped =
        make_overlapped_step(*run.network, *run.task, run.feed, world, reducer, clock, {.accumulation = 2});
    expect_whole(*overlapped, "overlapped");
  }
  const auto reproducible = make_reproducible_step(*run.network, *run.task, run.feed, world, clock, {});
  expect_whole(*reproducible, "reproducible");
}

double sum_of(const SectionSeconds& seconds) {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

TEST_F(Training, TheSectionsOfEachRankAddUpToItsWallTime) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", true);
  run.feed.delay = std::chrono::milliseconds(5);
  world.barrier("start");
  const core::Stopwatch wall;
  const auto result = run.train_on(world);
  const double seconds = wall.seconds();

  ASSERT_EQ(std::ssize(result.rank_seconds), world.size());
  const double sections = sum_of(result.rank_seconds[static_cast<std::size_t>(world.rank())]);
  EXPECT_LE(sections, seconds);
  EXPECT_GE(sections, 0.98 * seconds);
}

TEST_F(Training, ATraceShowsTheSectionsOfTheFirstStepsAndTheirBuckets) {
  SharedFolder folder(world);
  for (const bool reproducible : {false, true}) {
    ToyRun run(folder / (reproducible ? "reproducible" : "overlapped"), true);
    run.config.train.reproducible = reproducible;
    run.config.train.trace_steps = 3;
    run.train_on(world);

    const auto file = run.config.run_folder / "trace" / fmt::format("rank-{:05}.json", world.rank());
    const auto events = nlohmann::json::parse(core::read_file(file));
    std::map<std::string, int> count;
    double border = 0, buckets = 0;
    for (const auto& event : events) {
      EXPECT_EQ(event["pid"], world.rank());
      if (event["ph"] != "X") continue;
      const std::string name = event["name"];
      if (name.starts_with("bucket")) {
        ++buckets;
        EXPECT_GE(event["dur"].get<double>(), 0);
        EXPECT_LE(event["ts"].get<double>() + event["dur"].get<double>(), border + 1e6);
        continue;
      }
      ++count[name];
      EXPECT_GE(event["ts"].get<double>(), border - 0.01) << "sections lie one behind the other";
      border = event["ts"].get<double>() + event["dur"].get<double>();
    }
    EXPECT_EQ(count["optimizer"], 3);
    EXPECT_GE(count["compute"], 3);
    EXPECT_EQ(buckets, reproducible ? 0 : 3);
  }
}

TEST_F(Training, ReproducibleWeightsAreTheSameBitsOnOneTwoAndThreeRanks) {
  SharedFolder folder(world);
  std::vector<std::string> hashes;
  for (int size = 1; size <= world.size(); ++size)
    hashes.push_back(on_ranks(world, size, [&](const dist::Communicator& group) {
      ToyRun run(folder / ("ranks" + std::to_string(size)), true);
      run.config.train.reproducible = true;
      run.config.train.optimizer.name = "adamw";
      return run.train_on(group).weights_sha256;
    }));

  for (const auto& hash : hashes) EXPECT_EQ(hash, hashes.front());
}

TEST_F(Training, StoppedInMidEpochAndGoneOnIsUninterruptedToTheBit) {
  for (const bool reproducible : {false, true}) {
    SharedFolder folder(world);
    ToyRun straight(folder / "straight", true);
    straight.config.train.reproducible = reproducible;
    straight.config.train.ema = 0.9;
    const auto expected = straight.train_on(world);

    // A time limit of no time stops after every update: 6 epochs of 6 steps take 36 starts.
    TrainingResult last;
    int starts = 0;
    do {
      ToyRun piece(folder / "pieces", true);
      piece.config.train = straight.config.train;
      piece.config.train.time_limit_minutes = 1e-12;
      last = piece.train_on(world);
    } while (last.outcome == Outcome::StoppedInTime && ++starts < 100);

    EXPECT_GT(starts, 10);
    EXPECT_EQ(last.weights_sha256, expected.weights_sha256) << (reproducible ? "reproducible" : "overlapped");
    EXPECT_EQ(last.best_epoch, expected.best_epoch);
  }
}

TEST_F(Training, OtherRankCountsGoOnToTheSameBitsInReproducibleMode) {
  SharedFolder folder(world);
  const auto train_with = [&](const fs::path& run_folder, int size, bool stop) {
    return on_ranks(world, size, [&](const dist::Communicator& group) {
      ToyRun run(run_folder, true);
      run.config.train.reproducible = true;
      run.config.train.time_limit_minutes = stop ? 1e-12 : 0;
      return run.train_on(group).weights_sha256;
    });
  };
  const auto expected = train_with(folder / "straight", 1, false);

  train_with(folder / "resized", world.size(), true);
  train_with(folder / "resized", 1, true);
  const auto resumed = train_with(folder / "resized", world.size(), false);

  EXPECT_EQ(resumed, expected);
}

TEST_F(Training, ADamagedCheckpointFallsBackAndEndsTheSame) {
  SharedFolder folder(world);
  ToyRun straight(folder / "straight", true);
  const auto expected = straight.train_on(world);
  ToyRun first(folder / "damaged", true);
  first.config.train.epochs = 4;
  first.train_on(world);
  if (world.is_root()) fs::resize_file(folder / "damaged/checkpoints/last/weights.safetensors", 40);
  world.barrier("damaged");

  ToyRun second(folder / "damaged", true);
  const auto result = second.train_on(world);

  EXPECT_EQ(result.weights_sha256, expected.weights_sha256);
}

TEST_F(Training, OneRankReadsTheCheckpointForAll) {
  SharedFolder folder(world);
  ToyRun first(folder / "run", true);
  first.config.train.epochs = 3;
  const auto half = first.train_on(world);

  ToyRun second(folder / "run", true);
  if (!world.is_root()) second.config.run_folder = folder / "a place without a checkpoint";
  const auto whole = second.train_on(world);

  EXPECT_EQ(whole.steps, half.steps);
  EXPECT_EQ(whole.epochs, 6);
}

TEST_F(Training, ACheckpointThatCannotBeWrittenEndsAllRanksWithItsReason) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", true);
  if (world.is_root()) {
    fs::create_directories(folder / "run");
    std::ofstream(folder / "run/checkpoints") << "in the way";
  }
  world.barrier("a file is in the way");

  EXPECT_THAT(test::message_of<core::InputError>([&] { run.train_on(world); }),
              testing::HasSubstr("cannot make the folder"));
}

TEST_F(Training, EarlyStopEndsOnAllRanksTogether) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", false);
  run.config.train.epochs = 50;
  run.config.train.learning_rate = 1e-12;
  run.config.train.early_stop_patience = 3;

  const auto result = run.train_on(world);

  EXPECT_EQ(result.outcome, Outcome::StoppedEarly);
  EXPECT_LT(result.epochs, 50);
}

TEST_F(Training, ANanStopsNamingStepTensorAndRecord) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", false);
  run.feed.nan_record = 7;

  const auto message = test::message_of<core::DataError>([&] { run.train_on(world); });

  EXPECT_THAT(message, testing::HasSubstr("records toy-7."));
  EXPECT_THAT(message, testing::HasSubstr("the gradient of first.weight"));
}

TEST_F(Training, ANanOfOneRecordBlamesNoOtherWhateverIsLearnt) {
  SharedFolder folder(world);
  ToyRun normed(folder / "normed", true), classes(folder / "classes", false);
  normed.feed.nan_record = 7;
  std::vector<double> targets;
  for (std::int64_t record = 0; record < kRecords; ++record)
    targets.push_back(static_cast<double>(record % 4));
  const auto task = make_classification_task(targets, {.first = 0, .classes = 4}, "cross_entropy");
  ToyFeed feed(*task);
  feed.nan_record = 7;
  torch::manual_seed(3);
  ToyNetwork network(false, 4);

  const auto of_norm = test::message_of<core::DataError>([&] { normed.train_on(world); });
  const auto of_classes = test::message_of<core::DataError>([&] {
    train({.config = classes.config,
           .comm = world,
           .network = network,
           .task = *task,
           .feed = feed,
           .splits = classes.splits,
           .device = torch::kCPU,
           .record_name = [](std::int64_t record) { return "toy-" + std::to_string(record); },
           .show_progress = false});
  });

  EXPECT_THAT(of_norm, testing::HasSubstr("; records toy-7."));
  EXPECT_THAT(of_classes, testing::HasSubstr("; records toy-7."));
}

TEST_F(Training, ANanThatNoRecordGivesNamesNone) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", false);
  run.feed.nan_targets = true;

  const auto message = test::message_of<core::DataError>([&] { run.train_on(world); });

  EXPECT_THAT(message, testing::HasSubstr("no record of the batch gives it alone"));
  EXPECT_THAT(message, testing::Not(testing::HasSubstr("toy-")));
}

TEST_F(Training, AnErrorOnOneRankEndsAllRanksWithItsMessage) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", false);
  run.feed.broken_record = 7;  // one rank's share holds it

  const auto message = test::message_of<core::Error>([&] { run.train_on(world); });

  EXPECT_THAT(message, testing::HasSubstr("record 7 is broken"));
}

TEST_F(Training, WithinAnEpochTheSamplesThatAreLeftStayWhatTheyWere) {
  SharedFolder folder(world);
  const auto go_on = [&](const std::string& name, double limit, std::int64_t batch, std::uint64_t seed) {
    ToyRun run(folder / name, false);
    run.config.train.epochs = 1;
    run.config.train.time_limit_minutes = limit;
    run.config.train.global_batch = batch;
    run.config.train.seed = seed;
    return run.train_on(world).outcome;
  };
  EXPECT_EQ(go_on("run", 1e-12, 16, 0), Outcome::StoppedInTime);

  const auto batch = test::message_of<core::InputError>([&] { go_on("run", 0, 8, 0); });
  const auto seed = test::message_of<core::InputError>([&] { go_on("run", 0, 16, 1); });

  EXPECT_THAT(batch, testing::HasSubstr("train.global_batch must stay 16 until the epoch is over, got 8"));
  EXPECT_THAT(batch, testing::HasSubstr("Go on with 16, or start anew"));
  EXPECT_THAT(seed, testing::HasSubstr("train.seed must stay 0"));
  EXPECT_EQ(go_on("run", 0, 16, 0), Outcome::Finished);
}

TEST_F(Training, BetweenEpochsTheBatchMayChange) {
  SharedFolder folder(world);
  ToyRun first(folder / "run", false), second(folder / "run", false);
  first.config.train.epochs = 2;
  second.config.train.global_batch = 8;

  first.train_on(world);

  EXPECT_EQ(second.train_on(world).epochs, 6);
}

TEST_F(Training, AFinishedRunIsLeftAsItIs) {
  SharedFolder folder(world);
  ToyRun first(folder / "run", false), again(folder / "run", false);
  const auto files = [&] {
    return std::distance(fs::directory_iterator(folder / "run"), fs::directory_iterator());
  };
  const auto before = first.train_on(world);
  const auto num_files = files();

  const auto result = again.train_on(world);

  EXPECT_EQ(first.starts, 1);
  EXPECT_EQ(again.starts, 0);
  EXPECT_EQ(files(), num_files);
  EXPECT_EQ(result.steps, 0);
  EXPECT_TRUE(std::isnan(result.samples_per_second));
  EXPECT_EQ(result.weights_sha256, before.weights_sha256);
  EXPECT_EQ(result.best_metric, before.best_metric);
}

TEST_F(Training, APlateauLogsTheRateThatWasUsed) {
  SharedFolder folder(world);
  ToyRun run(folder / "run", false);
  run.config.train.epochs = 3;
  run.config.train.schedule = "plateau";
  run.config.train.plateau_patience = 0;
  run.config.train.learning_rate = 1e-12;  // nothing gets better after the first epoch
  run.train_on(world);

  const auto table = core::read_csv(folder / "run/metrics.csv");
  const auto rate = table.column("learning_rate").value();
  EXPECT_NEAR(std::stod(table.rows[1].fields[rate]), 1e-12, 1e-18);
  EXPECT_NEAR(std::stod(table.rows[2].fields[rate]), 1e-13, 1e-19);
}

TEST_F(Training, AStartThatEndedBeforeItsFirstCheckpointIsVoidedInTensorBoard) {
  SharedFolder folder(world);
  ToyRun broken(folder / "run", false), second(folder / "run", false);
  broken.feed.broken_record = 7;
  test::message_of<core::Error>([&] { broken.train_on(world); });
  second.train_on(world);

  if (world.is_root()) {
    std::vector<fs::path> events;
    for (const auto& entry : fs::directory_iterator(folder / "run"))
      if (entry.path().filename().string().starts_with("events.")) events.push_back(entry.path());
    std::sort(events.begin(), events.end());
    EXPECT_EQ(events.size(), 2u);
    // Event { step: 1, session_log { status: START } }
    EXPECT_THAT(core::read_file(events.back()).substr(0, 100),
                testing::HasSubstr("\x10\x01\x3a\x02\x08\x01"));
  }
}

TEST_F(Training, CurvesHoldEveryEpochOnceAfterAResume) {
  SharedFolder folder(world);
  ToyRun first(folder / "run", false);
  first.config.train.epochs = 3;
  first.train_on(world);
  ToyRun second(folder / "run", false);
  second.train_on(world);

  if (world.is_root()) {
    const std::string csv = core::read_file(folder / "run/metrics.csv");
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 6);
  }
}

}  // namespace
}  // namespace tessera::train
