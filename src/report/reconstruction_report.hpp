// SPDX-License-Identifier: Apache-2.0
// The page about reconstructed structures: pictures, errors and curves beside their sample's.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "report/chart.hpp"

namespace tessera::report {

struct ReconstructionRow {
  std::string name;
  std::array<double, 5> errors{};   // of fraction, S2, autocovariance, lineal path, cluster correlation
  double overlap = 0, seconds = 0;  // NaN where there is none
};

struct ReconstructionFacts {
  std::string title;
  std::string config;        // as TOML
  std::string overview_png;  // the file's bytes: sample, reconstructions, baseline
  std::vector<ReconstructionRow> rows = {};
  std::vector<LineChart> charts = {};
};

/// The whole HTML document.
std::string make_reconstruction_report(const ReconstructionFacts& facts);

}  // namespace tessera::report
