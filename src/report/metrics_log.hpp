// SPDX-License-Identifier: Apache-2.0
// metrics.csv and metrics.jsonl: one row an epoch, the same numbers in both, each row on the disk before the
// next epoch starts. A run that goes on first cuts what lies past its checkpoint: no step stands there twice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/append_file.hpp"

namespace tessera::report {

class MetricsLog {
 public:
  /// One of `columns` must be "step". Without `resumed_after` earlier logs in `folder` are replaced; with it
  /// their rows up to that step stay, matched to the columns by name, and rows a kill left torn are dropped
  /// with a warning. Raises DataError where a file cannot be written.
  MetricsLog(const std::filesystem::path& folder, std::vector<std::string> columns,
             std::optional<std::int64_t> resumed_after = std::nullopt);

  /// One value for each column. NaN stands empty in the CSV and as null in the JSON lines.
  void append(std::span<const double> values);

  const std::vector<std::string>& columns() const { return columns_; }

 private:
  std::string json_line(std::span<const double> values) const;

  std::vector<std::string> columns_;
  std::unique_ptr<AppendFile> csv_;
  std::unique_ptr<AppendFile> json_lines_;
};

}  // namespace tessera::report
