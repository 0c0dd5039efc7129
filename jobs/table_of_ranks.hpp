// SPDX-License-Identifier: Apache-2.0
// A table whose rows ranks make in any order, and what they had to refuse, put together in order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/quarantine.hpp"
#include "dist/communicator.hpp"

namespace tessera::jobs {

/// All ranks' rows as lines of CSV, by the place of their input; and what was refused.
struct GatheredTable {
  std::map<std::int64_t, std::string> lines;
  std::vector<data::QuarantineRow> refused;
};

class TableOfRanks {
 public:
  /// Local. A row of the input at `place`, behind those it has.
  void add(std::int64_t place, std::vector<std::string> fields);
  void refuse(const std::string& name, const std::filesystem::path& file, const std::string& reason);

  /// Collective. The same on every rank.
  GatheredTable gather(const dist::Communicator& world) const;

 private:
  std::string rows_, refused_;  // lines of CSV, those of `rows_` with the input's place in front
};

/// For one rank. Raise DataError where a file cannot be written.
void write_table(const std::filesystem::path& out, std::string header, const GatheredTable& table);
/// quarantine.csv beside `out`, with a warning where it is not empty.
void write_quarantine_beside(const std::filesystem::path& out, const GatheredTable& table);

}  // namespace tessera::jobs
