// SPDX-License-Identifier: Apache-2.0
// The density of settings seen, as Optuna 5 estimates it for TPE (Bergstra et al. 2011; Falkner et al. 2018
// for several parameters together; Watanabe 2023 for the rules):
//   a mixture of one kernel an observation and a prior, each a product over the parameters;
//   weights 1, but from 26 observations on the older ones rise in a line from 1/n to 1; the prior's is 1;
//   numbers: a normal kernel cut at the bounds, at the observation (its logarithm where log), as wide as the
//     larger gap to its neighbours, the outermost as the gap to their only one (end-point rule), between
//     range / min(100, n + 2) (magic clip) and range; the prior in the middle, as wide as the range;
//   whole numbers and steps: the kernel's mass within half a step;
//   choices: 1 at the observed one, 1 / (n + 1) at each, normalised; the prior even.
// Equal observations of one parameter count by age, the oldest as the leftmost; Optuna leaves their order to
// NumPy's sort, which differs between processors.
#pragma once

#include <span>
#include <vector>

#include "core/random.hpp"
#include "search/distribution.hpp"

namespace tessera::search {

class ParzenEstimator {
 public:
  /// `observations`: a list for each distribution, all of one length, the oldest first, values as settings
  /// hold them, inside the distribution.
  ParzenEstimator(std::vector<Distribution> distributions,
                  const std::vector<std::vector<double>>& observations);

  /// One value for each distribution.
  std::vector<double> draw(core::RandomStream& stream) const;

  /// Logarithm of the density (of the probability, for what is discrete) at each point, a value for each
  /// distribution.
  std::vector<double> log_density(std::span<const std::vector<double>> points) const;

 private:
  // One parameter's factor of each of the n + 1 kernels, the prior last.
  struct Column {
    Distribution distribution;
    std::vector<double> center, width;  // in log space where log; choices: center only, the observed place
    double low = 0, high = 0;           // bounds, half a step wider for what is discrete
    bool log = false;
    double half_step = 0;               // 0 for what is continuous and for choices
    std::vector<double> inverse_width;  // continuous: what the exponent needs
    // Discrete: kernels that are alike are one class, whose factor is computed once for a point.
    std::vector<int> class_of;
    std::vector<double> class_center, class_width, class_log_mass;
  };

  void add_numbers(Column& column, const std::vector<double>& observations);
  void add_choices(Column& column, const std::vector<double>& observations);
  std::vector<double> class_log_factors(const Column& column, double value) const;

  std::size_t num_kernels_;
  std::vector<Column> columns_;
  std::vector<double> cumulated_weights_;
  std::vector<double> log_scale_;  // of a kernel: its weight and the norms of its continuous factors
};

/// The widths of kernels at `centers`, by the rule above.
std::vector<double> kernel_widths(std::span<const double> centers, double low, double high);

}  // namespace tessera::search
