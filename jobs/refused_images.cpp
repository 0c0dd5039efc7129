// SPDX-License-Identifier: Apache-2.0
#include "jobs/refused_images.hpp"

#include "core/csv.hpp"

namespace tessera::jobs {

std::vector<data::QuarantineRow> gather_refused(const microstructure::MaskInputs& found,
                                                const std::string& refused_here,
                                                const dist::Communicator& world) {
  std::vector<data::QuarantineRow> rows;
  for (const auto& [name, reason, file] : found.refused) rows.push_back({name, file.string(), 0, reason});
  for (const auto& part : world.all_gather_text(refused_here, "gather refused images"))
    for (const auto& row : core::parse_csv(part, "refused"))
      rows.push_back({row.fields[0], row.fields[1], 0, row.fields[2]});
  return rows;
}

}  // namespace tessera::jobs
