// SPDX-License-Identifier: Apache-2.0
// Epochs until stopping and until promoting trials has found a setting that good, on real trainings: those of
// a study that went through all of its trials, drawn at random again and again, in virtual time.
//   bench_pruning STUDY SEARCHES WORKERS MIN_RESOURCE REDUCTION_FACTOR
// A training's value is that of its best epoch. Prints a line of key=value figures for the values of the
// best, the third and the fifth of the trainings: the mean epochs of so many searches (of 1 000 trials at
// most: how many found one), and in how many of them promotion needed fewer.
#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "search/shared_study.hpp"
#include "search/virtual_trainings.hpp"

namespace {

using namespace tessera;

constexpr std::size_t kTrials = 1000;  // of a search, at most

// The lower the better.
std::vector<test::Curve> curves_of(const search::Study& study) {
  const double sign = study.direction == search::Direction::kMinimize ? 1 : -1;
  std::vector<test::Curve> curves;
  for (const auto& trial : study.trials) {
    if (trial.state != search::TrialState::kComplete) continue;
    auto& curve = curves.emplace_back();
    for (const auto& [epoch, value] : search::reports(study, trial)) curve.push_back(sign * value);
  }
  return curves;
}

std::vector<test::Curve> drawn(const std::vector<test::Curve>& curves, std::uint64_t seed) {
  core::RandomStream stream(seed, "trials");
  std::vector<test::Curve> trials;
  for (std::size_t i = 0; i < kTrials; ++i) trials.push_back(curves[stream.below(curves.size())]);
  return trials;
}

int run(const std::filesystem::path& folder, std::uint64_t searches, std::size_t workers,
        const search::HalvingOptions& options) {
  const auto curves = curves_of(search::read_study(folder));
  constexpr std::size_t kRanks[] = {1, 3, 5};
  if (curves.size() < 10)
    throw core::InputError(
        fmt::format("{} must hold 10 complete trials, got {}", folder.string(), curves.size()));
  std::vector<double> values;
  for (const auto& curve : curves) values.push_back(test::best_of(curve));
  std::ranges::sort(values);
  const auto stop = search::make_asha_pruner(options);
  const auto promotion = search::make_asha_promotion_pruner(options);
  for (const std::size_t rank : kRanks) {
    const double good = values[rank - 1];
    std::int64_t stop_epochs = 0, promotion_epochs = 0, stop_found = 0, promotion_found = 0, fewer = 0;
    for (std::uint64_t seed = 0; seed < searches; ++seed) {
      const auto trials = drawn(curves, seed);
      const auto by_stop = test::searched(*stop, trials, workers, good);
      const auto by_promotion = test::searched(*promotion, trials, workers, good);
      stop_epochs += by_stop.epochs;
      promotion_epochs += by_promotion.epochs;
      stop_found += by_stop.best <= good;
      promotion_found += by_promotion.best <= good;
      fewer += by_promotion.epochs < by_stop.epochs;
    }
    const auto mean = [&](std::int64_t sum) {
      return static_cast<double>(sum) / static_cast<double>(searches);
    };
    fmt::print(
        "figure=pruning trainings={} as_good_as={} value={:.4f} searches={} workers={} stop_found={} "
        "promotion_found={} "
        "stop_epochs={:.0f} promotion_epochs={:.0f} ratio={:.2f} fewer={}\n",
        curves.size(), rank, std::abs(good), searches, workers, stop_found, promotion_found,
        mean(stop_epochs), mean(promotion_epochs), mean(promotion_epochs) / mean(stop_epochs), fewer);
  }
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::int64_t> numbers;
    for (int i = 2; i < argc; ++i) numbers.push_back(core::parse_integer(argv[i]).value_or(0));
    if (argc != 6 || std::ranges::min(numbers) < 1 || numbers[3] < 2)
      throw core::InputError(
          "bench_pruning must be given STUDY SEARCHES WORKERS MIN_RESOURCE REDUCTION_FACTOR, whole numbers "
          "from "
          "1 on, the last from 2");
    return run(argv[1], static_cast<std::uint64_t>(numbers[0]), static_cast<std::size_t>(numbers[1]),
               {.min_resource = numbers[2], .reduction_factor = numbers[3]});
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return core::exit_code_of(error);
  }
}
