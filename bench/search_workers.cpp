// SPDX-License-Identifier: Apache-2.0
// How busy one coordinator keeps its workers, in virtual time: it is a server with a queue, and a batch of
// answers takes what it really took here, fsync and all. Epochs of 40 to 60 s, one trial in ten three times
// as slow, TPE; and what a replayable study of the same costs.
//   bench_search_workers FOLDER [WORKERS…]
// Prints a line of key=value figures each.
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>

#include "core/error.hpp"
#include "search/virtual_workers.hpp"

namespace {

using namespace tessera;

double score(const search::Settings& settings, std::int64_t epoch) {
  const double a = settings.at("a").value - 2, b = settings.at("b").value - 0.3;
  return a * a + b * b + 1.0 / static_cast<double>(epoch);
}

void run(const std::filesystem::path& folder, int workers, std::int64_t window) {
  std::filesystem::remove_all(folder);
  double now = 1000;
  const auto clock = [&now] { return now; };
  const search::SearchOptions options{.folder = folder, .time_limit_minutes = 15, .window = window};
  const search::Space space({{"a", search::IntDistribution{1, 3, 1, false}, {}},
                             {"b", search::FloatDistribution{0, 1, false, {}}, {}}});
  const auto sampler = search::make_tpe_sampler({.seed = 1});
  const auto pruner = search::make_no_pruner();
  search::SharedStudy study(folder, {.name = "workers", .facts = {}}, {.clock = clock});
  search::Coordinator coordinator({.options = options,
                                   .space = space,
                                   .sampler = *sampler,
                                   .pruner = *pruner,
                                   .study = study,
                                   .clock = clock});
  const auto outcome = test::simulate(coordinator, now,
                                      {.workers = workers,
                                       .epochs = 4,
                                       .epoch_seconds = test::uneven_epoch,
                                       .value = score,
                                       .answer_seconds = [](double real) { return real; }});
  fmt::print("figure=search_workers workers={} window={} trials={} busy={:.3f} coordinator={:.3f}\n", workers,
             window, study.study().trials.size(), outcome.busy_until_told, outcome.coordinator_share);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "bench_search_workers FOLDER [WORKERS…]\n");
    return core::kExitWrongInput;
  }
  try {
    std::vector<int> counts{20, 200, 2000};
    if (argc > 2) counts.clear();
    for (int i = 2; i < argc; ++i) counts.push_back(std::atoi(argv[i]));
    for (const int workers : counts) run(std::filesystem::path(argv[1]) / "study", workers, 0);
    for (const int workers : {4, 20})
      for (const int factor : {1, 2})
        run(std::filesystem::path(argv[1]) / "study", workers, factor * workers);
    return core::kExitDone;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return core::exit_code_of(error);
  }
}
