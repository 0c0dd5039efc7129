// SPDX-License-Identifier: Apache-2.0
// What stopping and what promoting trials costs on real trainings: those of a study that went through all of
// its trials, taken in many orders, in virtual time.
//   bench_pruning STUDY ORDERS WORKERS MIN_RESOURCE REDUCTION_FACTOR
// Prints a line of key=value figures: epochs until each has the same best value (the worse of the two that
// they end at), summed over the orders, in how many of them promotion needed fewer, and as many, and the
// median of the best values that the two end at.
#include <fmt/core.h>

#include <cstdlib>

#include "core/error.hpp"
#include "core/random.hpp"
#include "search/shared_study.hpp"
#include "search/virtual_trainings.hpp"
#include "timing.hpp"

namespace {

using namespace tessera;

std::vector<test::Curve> curves_of(const search::Study& study) {
  const double sign = study.direction == search::Direction::kMinimize ? 1 : -1;
  std::vector<test::Curve> curves;
  for (const auto& trial : study.trials) {
    if (trial.state != search::TrialState::kComplete) continue;
    auto& curve = curves.emplace_back();
    for (const auto& [epoch, value] : trial.intermediate) curve.push_back(sign * value);
  }
  return curves;
}

int run(const std::filesystem::path& folder, std::uint64_t orders, std::size_t workers,
        const search::HalvingOptions& options) {
  auto curves = curves_of(search::read_study(folder));
  std::size_t epochs = 0;
  for (const auto& curve : curves) epochs += curve.size();
  std::int64_t stop = 0, promotion = 0, fewer = 0, equal = 0;
  std::vector<double> stop_best, promotion_best;
  for (std::uint64_t order = 0; order < orders; ++order) {
    core::RandomStream stream(order, "order");
    for (std::size_t i = curves.size(); i > 1; --i) std::swap(curves[i - 1], curves[stream.below(i)]);
    const auto found = test::epochs_to_the_same(options, curves, workers);
    stop += found.by_stop.epochs;
    promotion += found.by_promotion.epochs;
    fewer += found.by_promotion.epochs < found.by_stop.epochs;
    equal += found.by_promotion.epochs == found.by_stop.epochs;
    stop_best.push_back(std::abs(found.stop_best));
    promotion_best.push_back(std::abs(found.promotion_best));
  }
  const auto mean = [&](std::int64_t sum) { return static_cast<double>(sum) / static_cast<double>(orders); };
  fmt::print(
      "figure=pruning trials={} epochs_of_all={} orders={} workers={} stop_epochs={:.0f} "
      "promotion_epochs={:.0f} "
      "ratio={:.3f} fewer={} as_many={} stop_best={:.4f} promotion_best={:.4f}\n",
      curves.size(), epochs, orders, workers, mean(stop), mean(promotion), mean(promotion) / mean(stop),
      fewer, equal, bench::median(stop_best), bench::median(promotion_best));
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "bench_pruning STUDY ORDERS WORKERS MIN_RESOURCE REDUCTION_FACTOR\n");
    return core::kExitWrongInput;
  }
  try {
    return run(argv[1], std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10),
               {.min_resource = std::atoll(argv[4]), .reduction_factor = std::atoll(argv[5])});
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return core::exit_code_of(error);
  }
}
