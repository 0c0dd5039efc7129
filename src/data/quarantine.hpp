// SPDX-License-Identifier: Apache-2.0
// quarantine.csv: the inputs that were left out, each with where it stands and why.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tessera::data {

struct QuarantineRow {
  std::string id;
  std::string source;
  int line = 0;  // 0 where unknown
  std::string reason;
  auto operator<=>(const QuarantineRow&) const = default;
};

/// Columns `id,source,line,reason`, in order of id.
std::string quarantine_csv(std::vector<QuarantineRow> rows);

/// Raises InputError where the file is missing, DataError naming the line where it is wrong.
std::vector<QuarantineRow> read_quarantine(const std::filesystem::path& path);

}  // namespace tessera::data
