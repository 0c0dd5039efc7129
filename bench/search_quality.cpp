// SPDX-License-Identifier: Apache-2.0
// What the samplers find in 100 trials on four known functions, and what a suggestion of TPE costs among many
// finished trials. peers/search_quality.py does the same with Optuna, function by function. Prints key=value
// lines:
//   bench_search_quality quality SEEDS [tpe]      tpe: without the samplers that do not learn
//   bench_search_quality speed
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "search/sampler.hpp"
#include "timing.hpp"

namespace {

using namespace tessera::search;

constexpr int kTrials = 100;

struct Problem {
  std::string name;
  Space space;
  std::function<double(const Settings&)> loss;
};

Parameter real(const std::string& key, double low, double high, bool log = false) {
  return {key, FloatDistribution{low, high, log, {}}, {}};
}

Parameter choice(const std::string& key, std::int64_t count) {
  CategoricalDistribution distribution;
  for (std::int64_t i = 0; i < count; ++i) distribution.choices.emplace_back(i);
  return {key, distribution, {}};
}

double branin(const Settings& s) {
  using std::numbers::pi;
  const double x = s.at("x").value, y = s.at("y").value;
  return std::pow(y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6, 2) +
         10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
}

double hartmann6(const Settings& s) {
  constexpr double kHeight[4] = {1.0, 1.2, 3.0, 3.2};
  constexpr double kWidth[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                   {0.05, 10, 17, 0.1, 8, 14},
                                   {3, 3.5, 1.7, 10, 17, 8},
                                   {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double kPlace[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                   {2329, 4135, 8307, 3736, 1004, 9991},
                                   {2348, 1451, 3522, 2883, 3047, 6650},
                                   {4047, 8828, 8732, 5743, 1091, 381}};
  double sum = 0;
  for (int i = 0; i < 4; ++i) {
    double exponent = 0;
    for (int j = 0; j < 6; ++j)
      exponent += kWidth[i][j] * std::pow(s.at("x" + std::to_string(j)).value - 1e-4 * kPlace[i][j], 2);
    sum -= kHeight[i] * std::exp(-exponent);
  }
  return sum;
}

// Networks of 1 to 4 layers, each with its width; 3 layers of 64, 32, 64, rate 1e-3 and activation 1 are
// best: 0.
double conditional(const Settings& s) {
  const auto depth = static_cast<int>(s.at("depth").value);
  double loss = 0.3 * std::abs(depth - 3) + 0.5 * std::pow(std::log10(s.at("rate").value) + 3, 2) +
                (s.at("activation").value == 1 ? 0 : 0.2);
  for (int i = 0; i < depth; ++i)
    loss += 0.05 * std::pow(std::log2(s.at("width" + std::to_string(i)).value) - (i % 2 ? 5 : 6), 2);
  return loss;
}

// Six choices of five; the best, 0, is (3, 1, 4, 2, 0, 3). The first two count together.
double categorical(const Settings& s) {
  constexpr std::array<int, 6> kBest{3, 1, 4, 2, 0, 3};
  double loss = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    const int away = (static_cast<int>(s.at("c" + std::to_string(i)).value) - kBest[i] + 5) % 5;
    loss += away * 0.1 * static_cast<double>(i + 1);
  }
  const int pair = static_cast<int>(s.at("c0").value + s.at("c1").value);
  return loss + (pair % 5 == 4 ? 0 : 0.5);
}

std::vector<Problem> problems() {
  std::vector<Parameter> six_reals, six_choices;
  for (int i = 0; i < 6; ++i) {
    six_reals.push_back(real("x" + std::to_string(i), 0, 1));
    six_choices.push_back(choice("c" + std::to_string(i), 5));
  }
  std::vector<Parameter> network{
      {"depth", IntDistribution{1, 4}, {}}, real("rate", 1e-5, 1, true), choice("activation", 3)};
  for (int i = 0; i < 4; ++i) {
    Parameter width{"width" + std::to_string(i), IntDistribution{8, 256, 1, true}, Condition{0, {}}};
    for (int depth = i + 1; depth <= 4; ++depth) width.when->values.push_back(depth);
    if (i == 0) width.when.reset();
    network.push_back(width);
  }
  return {{"branin", Space({real("x", -5, 10), real("y", 0, 15)}), branin},
          {"hartmann6", Space(six_reals), hartmann6},
          {"conditional", Space(network), conditional},
          {"categorical", Space(six_choices), categorical}};
}

double best_of(const Problem& problem, const Sampler& sampler) {
  Study study;
  double best = INFINITY;
  for (int number = 0; number < kTrials; ++number) {
    Trial trial;
    trial.number = number;
    trial.settings = sampler.suggest(problem.space, study, number).value();
    trial.state = TrialState::kComplete;
    trial.value = problem.loss(trial.settings);
    best = std::min(best, *trial.value);
    study.trials.push_back(std::move(trial));
  }
  return best;
}

// By linear interpolation, as NumPy has it.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<std::size_t>(place);
  const double above = sorted[std::min(i + 1, sorted.size() - 1)];
  return sorted[i] + (place - static_cast<double>(i)) * (above - sorted[i]);
}

std::unique_ptr<Sampler> sampler_of(const std::string& name, std::uint64_t seed) {
  if (name == "random") return make_random_sampler(seed);
  if (name == "quasi_random") return make_quasi_random_sampler(seed);
  TpeOptions options;
  options.seed = seed;
  options.multivariate = name == "multivariate";
  return make_tpe_sampler(options);
}

void print_quality(std::uint64_t seeds, const std::vector<std::string>& names) {
  for (const Problem& problem : problems())
    for (const std::string& name : names) {
      std::vector<double> best;
      for (std::uint64_t seed = 0; seed < seeds; ++seed)
        best.push_back(best_of(problem, *sampler_of(name, seed)));
      std::ranges::sort(best);
      fmt::print("problem={} sampler={} seeds={} median={:.4f} q1={:.4f} q3={:.4f}\n", problem.name, name,
                 seeds, quantile(best, 0.5), quantile(best, 0.25), quantile(best, 0.75));
    }
}

// Three floats, two whole numbers, a choice: a training's usual ones.
void print_speed() {
  const Space space({real("rate", 1e-5, 1, true),
                     real("momentum", 0, 0.99),
                     real("decay", 1e-8, 1e-2, true),
                     {"depth", IntDistribution{2, 6}, {}},
                     {"width", IntDistribution{8, 512, 1, true}, {}},
                     choice("activation", 4)});
  for (const bool multivariate : {true, false})
    for (const int finished : {100, 1000, 5000, 10000}) {
      const auto start = make_random_sampler(1);
      TpeOptions options;
      options.multivariate = multivariate;
      const auto sampler = make_tpe_sampler(options);
      Study study;
      const auto tell = [&](Settings settings) {
        Trial trial;
        trial.number = std::ssize(study.trials);
        trial.state = TrialState::kComplete;
        trial.settings = std::move(settings);
        trial.value = std::pow(std::log10(trial.settings.at("rate").value) + 3, 2) +
                      trial.settings.at("momentum").value + trial.settings.at("depth").value;
        study.trials.push_back(std::move(trial));
      };
      while (std::ssize(study.trials) < finished)
        tell(*start->suggest(space, study, std::ssize(study.trials)));
      std::vector<double> seconds;
      for (int i = 0; i < 50; ++i)
        seconds.push_back(tessera::bench::seconds_of(
            [&] { tell(*sampler->suggest(space, study, std::ssize(study.trials))); }));
      fmt::print("finished={} sampler={} suggest_ms={:.4f}\n", finished,
                 multivariate ? "multivariate" : "univariate", 1e3 * tessera::bench::median(seconds));
    }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 2 && words[0] == "quality") {
    std::vector<std::string> names{"univariate", "multivariate"};
    if (words.size() == 2) names.insert(names.begin(), {"random", "quasi_random"});
    print_quality(std::stoull(words[1]), names);
  } else if (words.size() == 1 && words[0] == "speed") {
    print_speed();
  } else {
    fmt::print(stderr, "usage: bench_search_quality quality SEEDS [tpe] | speed\n");
    return 2;
  }
  return 0;
}
