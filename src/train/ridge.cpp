// SPDX-License-Identifier: Apache-2.0
#include "train/ridge.hpp"

#include <fmt/core.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.hpp"

namespace tessera::train {
namespace {

// Directions in which the records differ by less than this share of the most telling one are rounding.
constexpr double kLeastSingularValue = 1e-10;
// A feature whose deviation is less than this share of its mean is constant but for rounding.
constexpr double kLeastDeviation = 1e-12;

std::vector<double> half_decades() {
  std::vector<double> penalties;
  for (int i = -12; i <= 8; ++i) penalties.push_back(std::pow(10.0, i / 2.0));
  return penalties;
}

torch::Tensor tensor_of(std::span<const double> values) {
  return torch::tensor(at::ArrayRef<double>(values.data(), values.size()), torch::kFloat64);
}

std::vector<double> vector_of(const torch::Tensor& values) {
  const auto whole = values.contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

// The records' features, (n, p), standardised, constant ones left out.
struct Standardised {
  torch::Tensor values;
  torch::Tensor mean, deviation;  // (all features)
  torch::Tensor kept;             // (p) places among all features
};

Standardised standardise(const FeatureTable& features, std::span<const std::int64_t> records) {
  std::vector<double> chosen;
  for (const std::int64_t record : records) {
    const auto row = features.row(record);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!std::isfinite(row[i]))
        throw core::DataError(fmt::format("the feature {} of record {} must be a finite number, got {}",
                                          features.names[i], record, row[i]));
    chosen.insert(chosen.end(), row.begin(), row.end());
  }
  const auto all = tensor_of(chosen).reshape({std::ssize(records), std::ssize(features.names)});
  Standardised found;
  found.mean = all.mean(0);
  found.deviation = (all - found.mean).square().mean(0).sqrt();
  found.kept = (found.deviation > kLeastDeviation * found.mean.abs()).nonzero().squeeze(1);
  found.values = ((all - found.mean) / found.deviation).index_select(1, found.kept);
  return found;
}

// The fit of centred targets for every penalty at once: with X = U S Vᵀ, r the rank of X, the fitted values
// are U diag(s² / (s² + λ)) Uᵀ y. The thin decomposition is the primal form or the dual, whichever is
// smaller.
struct Decomposition {
  torch::Tensor u, s, v;  // (n, r), (r), (p, r)

  explicit Decomposition(const torch::Tensor& x) {
    if (x.size(1) == 0) {
      u = torch::zeros({x.size(0), 0}, torch::kFloat64);
      v = torch::zeros({0, 0}, torch::kFloat64);
      s = torch::zeros({0}, torch::kFloat64);
      return;
    }
    const auto [left, singular, right] = torch::linalg_svd(x, /*full_matrices=*/false);
    const auto rank = (singular > kLeastSingularValue * singular[0]).sum().item<std::int64_t>();
    u = left.narrow(1, 0, rank);
    s = singular.narrow(0, 0, rank);
    v = right.narrow(0, 0, rank).t();
  }
  torch::Tensor shrinkage(double lambda) const { return s.square() / (s.square() + lambda); }  // (r)
};

// Places of each group among the records.
std::vector<torch::Tensor> places_by_group(std::span<const std::string> groups) {
  std::map<std::string, std::vector<std::int64_t>> places;
  for (std::size_t i = 0; i < groups.size(); ++i) places[groups[i]].push_back(static_cast<std::int64_t>(i));
  std::vector<torch::Tensor> tensors;
  for (const auto& [name, of_group] : places) tensors.push_back(torch::tensor(of_group));
  return tensors;
}

// Mean squared error of records predicted without their group. For a penalised least-squares fit with hat
// matrix H the errors of a group left out are (1 − H_gg)⁻¹ (y − H y)_g; the intercept is part of H (1/n).
double error_without_own_group(const Decomposition& fit, const torch::Tensor& y, double lambda,
                               const std::vector<torch::Tensor>& groups) {
  const double count = static_cast<double>(y.size(0));
  const auto shrunk = fit.u * fit.shrinkage(lambda);             // (n, r)
  const auto residual = y - shrunk.matmul(fit.u.t().matmul(y));  // (n)
  double sum = 0;
  for (const auto& places : groups) {
    const auto hat = shrunk.index_select(0, places).matmul(fit.u.index_select(0, places).t()) + 1 / count;
    const auto left = torch::eye(places.size(0), torch::kFloat64) - hat;
    sum += torch::linalg_solve(left, residual.index_select(0, places)).square().sum().item<double>();
  }
  return sum / count;
}

double generalised_error(const Decomposition& fit, const torch::Tensor& y, double lambda) {
  const double count = static_cast<double>(y.size(0));
  const auto shrinkage = fit.shrinkage(lambda);
  const auto residual = y - fit.u.matmul(shrinkage * fit.u.t().matmul(y));
  const double freedom = 1 - (shrinkage.sum().item<double>() + 1) / count;
  return residual.square().mean().item<double>() / (freedom * freedom);
}

double choose_penalty(const Decomposition& fit, const torch::Tensor& y, double unit,
                      const std::vector<torch::Tensor>& groups, const std::vector<double>& penalties) {
  double chosen = penalties.back(), least = std::numeric_limits<double>::infinity();
  for (auto penalty = penalties.rbegin(); penalty != penalties.rend(); ++penalty) {
    const double lambda = *penalty * unit;
    const double error = groups.size() > 1 ? error_without_own_group(fit, y, lambda, groups)
                                           : generalised_error(fit, y, lambda);
    if (error < least) {  // never of a NaN
      least = error;
      chosen = *penalty;
    }
  }
  return chosen;
}

}  // namespace

double Ridge::predict(std::span<const double> given) const {
  double value = intercept;
  for (std::size_t i = 0; i < weight.size(); ++i)
    if (weight[i] != 0) value += weight[i] * (given[i] - mean[i]);
  return value;
}

Ridge fit_ridge(const FeatureTable& features, std::span<const std::int64_t> records,
                std::span<const double> targets, std::span<const std::string> groups,
                const RidgeOptions& options) {
  TESSERA_ASSERT(records.size() == targets.size() && records.size() == groups.size());
  if (records.empty()) throw core::InputError("a ridge regression needs records to learn from, got none");
  const torch::NoGradGuard no_gradients;
  const auto x = standardise(features, records);
  const auto all = tensor_of(targets);
  const auto y = all - all.mean();
  const Decomposition fit(x.values);
  const double unit = static_cast<double>(std::max<std::int64_t>(1, x.kept.size(0)));

  Ridge ridge;
  ridge.features = x.kept.size(0);
  ridge.intercept = all.mean().item<double>();
  ridge.penalty = choose_penalty(fit, y, unit, places_by_group(groups),
                                 options.penalties.empty() ? half_decades() : options.penalties);
  const auto weight = fit.v.matmul(fit.s / (fit.s.square() + ridge.penalty * unit) * fit.u.t().matmul(y));
  const auto scaled = weight / x.deviation.index_select(0, x.kept);
  ridge.mean = vector_of(x.mean);
  ridge.weight = vector_of(torch::zeros_like(x.mean).index_copy(0, x.kept, scaled));
  return ridge;
}

}  // namespace tessera::train
