// SPDX-License-Identifier: Apache-2.0
// How much each parameter decides whether a trial is among the best tenth: PED-ANOVA (Watanabe, Bansal and
// Hutter 2023), the variance over its values of (density of the best trials) / (density of all), other
// parameters left out; conditional parameters within the trials that have them (condPED-ANOVA, arXiv
// 2601.20800), weighted by how many of the best these are. The rules and the grid of at most 50 values are
// those of Optuna 5's PedAnovaImportanceEvaluator.
#pragma once

#include <map>
#include <string>

#include "search/space.hpp"
#include "search/trial.hpp"

namespace tessera::search {

/// The variance of each parameter that any complete trial has; all 0 where fewer than two trials are complete
/// with a finite value.
std::map<std::string, double> importance(const Study& study);

/// The same as shares of 1; equal ones where all are 0.
std::map<std::string, double> importance_shares(const Study& study);

}  // namespace tessera::search
