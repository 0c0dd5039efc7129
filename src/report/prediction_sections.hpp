// SPDX-License-Identifier: Apache-2.0
// The parts of a run's report that show single predictions: one function for each kind of task.
#pragma once

#include "report/html_report.hpp"
#include "report/run_folder.hpp"

namespace tessera::report {

/// Parity plot, residuals and the worst records, in the space it was trained in; where that is a logarithm,
/// the pictures in the target's own unit too.
void add_regression(HtmlReport& page, const RunFacts& facts, const Predictions& predictions);

/// Confusion matrix (the most frequent classes where there are many), what is mistaken for what, every class.
void add_classification(HtmlReport& page, const RunFacts& facts, const Predictions& predictions);

}  // namespace tessera::report
