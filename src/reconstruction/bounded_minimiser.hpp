// SPDX-License-Identifier: Apache-2.0
// Smooth functions of many variables, each within bounds: limited-memory BFGS (Byrd, Lu, Nocedal and Zhu
// 1995; the code is theirs, L-BFGS-B 3.0, Morales and Nocedal 2011), in float64.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace tessera::reconstruction {

/// Writes the gradient at `point` into `gradient` and returns the value.
using Function = std::function<double(std::span<const double> point, std::span<double> gradient)>;

class BoundedMinimiser {
 public:
  /// All there is to know between two iterations: one made of it goes on as if nothing had been.
  struct State {
    std::vector<double> point, gradient, reals;
    std::vector<std::int32_t> integers;
    std::string texts;
    double value = 0;
    std::int64_t iterations = 0, evaluations = 0;
  };

  /// Every variable stays in [low, high]. `memory`: how many steps the curvature is told from.
  BoundedMinimiser(std::vector<double> start, double low, double high, int memory = 10);
  BoundedMinimiser(State state, double low, double high, int memory = 10);

  /// The routine counts its working memory in 32 bits.
  static std::int64_t most_variables(int memory = 10) {
    return std::numeric_limits<std::int32_t>::max() / (2 * memory + 6);
  }

  /// One iteration, of as many evaluations as its line search takes. False where no step makes the function
  /// smaller any more.
  bool iterate(const Function& function);

  std::span<const double> point() const { return state_.point; }
  double value() const { return state_.value; }
  const State& state() const { return state_; }

 private:
  State state_;
  std::vector<double> low_, high_;
  std::vector<std::int32_t> bounded_;
  std::int32_t memory_;
};

}  // namespace tessera::reconstruction
