// SPDX-License-Identifier: Apache-2.0
// How far a structure is from a sample, and which way is nearer.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <span>
#include <vector>

#include "reconstruction/descriptors.hpp"

namespace tessera::reconstruction {

struct Term {
  double weight = 1;
  std::shared_ptr<Descriptor> descriptor;
};

/// The sum over terms of weight · |d − d*|² / |d*|², d* of the sample. A volume's d is the mean over the
/// planes across an axis, and the sum runs over the three axes too: each looks like the sample in the mean,
/// not every plane for itself.
class Objective {
 public:
  /// `sample` (phases, rows, columns); `shape` of the variables, (·, rows, columns) or (·, slices, rows,
  /// columns): see shares_of_variables.
  Objective(std::vector<Term> terms, const torch::Tensor& sample, std::vector<std::int64_t> shape);

  /// The value, and the gradient into `gradient`, both as long as the variables.
  double evaluate(std::span<const double> variables, std::span<double> gradient);

  /// For descriptors that hold something, here.
  void hold(std::span<const double> variables);
  bool must_be_held() const;

 private:
  torch::Tensor leaf_of(std::span<const double> variables) const;
  double plane(const torch::Tensor& shares);
  double volume(const torch::Tensor& shares);

  std::vector<Term> terms_;
  std::vector<torch::Tensor> targets_;  // of each term, (1, numbers)
  std::vector<double> factors_;         // weight / |d*|²
  std::vector<std::int64_t> shape_;
};

}  // namespace tessera::reconstruction
