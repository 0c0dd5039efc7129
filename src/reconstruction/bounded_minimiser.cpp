// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/bounded_minimiser.hpp"

#include <fmt/core.h>

#include <cmath>
#include <string_view>

#include "core/error.hpp"

// The Fortran routine, by reverse communication: `task` says what it wants next. Texts' lengths come last.
extern "C" void setulb_(const std::int32_t* n, const std::int32_t* m, double* x, const double* l,
                        const double* u, const std::int32_t* nbd, double* f, double* g, const double* factr,
                        const double* pgtol, double* wa, std::int32_t* iwa, char* task,
                        const std::int32_t* iprint, char* csave, std::int32_t* lsave, std::int32_t* isave,
                        double* dsave, std::size_t task_length, std::size_t csave_length);

namespace tessera::reconstruction {
namespace {

constexpr std::size_t kText = 60, kLogicals = 4, kIntegers = 44, kReals = 29;
constexpr std::int32_t kBothBounds = 2;

}  // namespace

BoundedMinimiser::BoundedMinimiser(std::vector<double> start, double low, double high, int memory)
    : BoundedMinimiser(State{.point = std::move(start),
                             .gradient = {},
                             .reals = {},
                             .integers = {},
                             .texts = std::string(2 * kText, ' ')},
                       low, high, memory) {
  const std::size_t n = state_.point.size(), m = static_cast<std::size_t>(memory);
  state_.gradient.resize(n);
  state_.reals.resize(kReals + (2 * m + 5) * n + 11 * m * m + 8 * m);
  state_.integers.resize(kLogicals + kIntegers + 3 * n);
  state_.texts.replace(0, 5, "START");
}

BoundedMinimiser::BoundedMinimiser(State state, double low, double high, int memory)
    : state_(std::move(state)),
      low_(state_.point.size(), low),
      high_(state_.point.size(), high),
      bounded_(state_.point.size(), kBothBounds),
      memory_(memory) {}

bool BoundedMinimiser::iterate(const Function& function) {
  const auto n = static_cast<std::int32_t>(state_.point.size());
  // It never stops by itself before rounding stops it: how long is worth while the caller says.
  constexpr double kFactor = 0, kGradientTolerance = 0;
  constexpr std::int32_t kSilent = -1;
  char* task = state_.texts.data();
  while (true) {
    setulb_(&n, &memory_, state_.point.data(), low_.data(), high_.data(), bounded_.data(), &state_.value,
            state_.gradient.data(), &kFactor, &kGradientTolerance, state_.reals.data() + kReals,
            state_.integers.data() + kLogicals + kIntegers, task, &kSilent, task + kText,
            state_.integers.data(), state_.integers.data() + kLogicals, state_.reals.data(), kText, kText);
    const std::string_view wanted(task, kText);
    if (wanted.starts_with("FG")) {
      state_.value = function(state_.point, state_.gradient);
      ++state_.evaluations;
    } else if (wanted.starts_with("NEW_X")) {
      ++state_.iterations;
      return true;
    } else if (wanted.starts_with("ERROR")) {
      throw core::InternalError(fmt::format("L-BFGS-B: {}", wanted.substr(0, wanted.find_last_not_of(' '))));
    } else {
      return false;  // CONVERGENCE, or ABNORMAL_TERMINATION_IN_LNSRCH
    }
  }
}

}  // namespace tessera::reconstruction
