// SPDX-License-Identifier: Apache-2.0
// What a rank did when, in Chrome's trace event format (Google, "Trace Event Format"): a JSON array that
// chrome://tracing and ui.perfetto.dev show; the arrays of several ranks, joined, are shown together.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tessera::report {

struct TraceSpan {
  std::string track;  // a row of the picture: "training", "communication"
  std::string name;
  double start = 0;  // s, from a moment that all ranks share
  double seconds = 0;
  std::vector<std::pair<std::string, double>> arguments;  // shown on a click
};

/// Raises DataError where the file cannot be written.
void write_chrome_trace(const std::filesystem::path& path, int rank, const std::string& host,
                        std::span<const TraceSpan> spans);

}  // namespace tessera::report
