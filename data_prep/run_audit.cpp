// SPDX-License-Identifier: Apache-2.0
#include "data_prep/run_audit.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/manifest.hpp"
#include "data/record_table.hpp"
#include "data/split.hpp"

namespace tessera::data_prep {

namespace fs = std::filesystem;

std::optional<RunLedger> find_ledger(const fs::path& run) {
  for (const char* file : {"run.json", "splits.csv"})
    if (!fs::exists(run / file))
      throw core::InputError(
          fmt::format("{} must be the folder of a training run (with {}), it is not", run.string(), file));
  const fs::path dataset =
      nlohmann::json::parse(core::read_file(run / "run.json")).at("dataset").get<std::string>();
  const fs::path table = dataset / "records.csv";
  if (!fs::exists(table)) return std::nullopt;
  RunLedger ledger{.path = run / "ledger.csv", .ids = {}, .train = {}};
  const auto manifest = data::read_manifest(dataset);
  for (const auto& row : data::parse_records_csv(core::read_file(table), table.string(), manifest.schema))
    ledger.ids.push_back(row.id);
  ledger.train = data::read_split(run / "splits.csv", ledger.ids).train;
  return ledger;
}

}  // namespace tessera::data_prep
