// SPDX-License-Identifier: Apache-2.0
#include "jobs/table_of_ranks.hpp"

#include <utility>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

namespace tessera::jobs {

void TableOfRanks::add(std::int64_t place, std::vector<std::string> fields) {
  fields.insert(fields.begin(), std::to_string(place));
  rows_ += core::csv_line(fields);
}

void TableOfRanks::refuse(const std::string& name, const std::filesystem::path& file,
                          const std::string& reason) {
  refused_ += core::csv_line({name, file.string(), reason});
}

GatheredTable TableOfRanks::gather(const dist::Communicator& world) const {
  GatheredTable table;
  for (const auto& text : world.all_gather_text(rows_, "gather rows"))
    for (auto& row : core::parse_csv(text, "rows")) {
      const std::int64_t place = std::stoll(row.fields[0]);
      row.fields.erase(row.fields.begin());
      table.lines[place] += core::csv_line(row.fields);
    }
  for (const auto& text : world.all_gather_text(refused_, "gather what was refused"))
    for (const auto& row : core::parse_csv(text, "refused"))
      table.refused.push_back({row.fields[0], row.fields[1], 0, row.fields[2]});
  return table;
}

void write_table(const std::filesystem::path& out, std::string header, const GatheredTable& table) {
  for (const auto& [place, lines] : table.lines) header += lines;
  core::write_file_atomically(out, header);
}

void write_quarantine_beside(const std::filesystem::path& out, const GatheredTable& table) {
  const auto file = out.parent_path() / "quarantine.csv";
  core::write_file_atomically(file, data::quarantine_csv(table.refused));
  if (!table.refused.empty())
    core::log::warning("{} images could not be used: {}", table.refused.size(), file.string());
}

}  // namespace tessera::jobs
