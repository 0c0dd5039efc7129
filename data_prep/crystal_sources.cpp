// SPDX-License-Identifier: Apache-2.0
#include "data_prep/crystal_sources.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/log.hpp"
#include "core/text.hpp"
#include "crystal/readers/targets.hpp"
#include "data_prep/target_names.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<const char*, 2> kOwnTargets = {"space_group", "crystal_system"};
// Those, and the other columns of records.csv.
constexpr std::array<std::string_view, 9> kTaken = {
    "space_group", "crystal_system", "record", "id", "shard", "row", "atoms", "faces", "edges"};

void log_skipped(const std::vector<std::string>& columns, const std::string& where) {
  if (!columns.empty())
    core::log::info("{}: no targets, since they are not numbers: {}", where, core::join(columns, ", "));
}

// From the input's own name on: shards and tables do not depend on where their sources lay. (The manifest
// keeps the absolute paths, for a repair.)
void shorten_sources(crystal::SourceIndex& index, const std::vector<std::string>& inputs) {
  const auto shorten = [&](std::string& source) {
    for (const auto& input : inputs) {
      const auto folder = fs::path(input).parent_path().string() + "/";
      if (!source.starts_with(input)) continue;
      source.erase(0, folder.size());
      break;
    }
  };
  for (auto& entry : index.entries) {
    shorten(entry.source);
    if (entry.own_targets) shorten(entry.own_targets->source);
  }
}

bool lacks_targets(const crystal::SourceEntry& entry) {
  return std::all_of(entry.targets.begin(), entry.targets.end(), [](double v) { return std::isnan(v); });
}

// After all targets came together: a crystal whose input has targets, and none for it, cannot be learnt from.
void refuse_without_targets(crystal::SourceIndex& index) {
  for (auto& entry : index.entries) {
    if (!entry.reason.empty() || !entry.own_targets) continue;
    if (!entry.own_targets->fault.empty())
      entry.reason = entry.own_targets->fault;
    else if (lacks_targets(entry))
      entry.reason = "target missing: every value in its row is empty or NaN";
    else
      continue;
    entry.source = entry.own_targets->source;
    entry.line = entry.own_targets->line;
  }
}

// Puts the table's values before the entries' own; an entry it knows nothing of gets a reason.
void merge_targets(crystal::SourceIndex& index, const crystal::TargetTable& table, const std::string& path) {
  std::vector<std::size_t> kept;  // columns of the entries' own
  auto names = table.names;
  for (std::size_t i = 0; i < index.target_names.size(); ++i) {
    if (std::find(table.names.begin(), table.names.end(), index.target_names[i]) != table.names.end())
      continue;
    kept.push_back(i);
    names.push_back(index.target_names[i]);
  }
  index.target_names = std::move(names);
  for (auto& entry : index.entries) {
    const auto row = table.rows.find(entry.id);
    std::vector<double> values(table.names.size(), kMissing);
    if (row != table.rows.end()) values = row->second.values;
    for (const auto column : kept) values.push_back(entry.targets[column]);
    entry.targets = std::move(values);
    if (!entry.reason.empty()) continue;
    if (row == table.rows.end())
      entry.reason = fmt::format("target missing: {} has no row for this id", path);
    else if (lacks_targets(entry)) {
      entry.reason = "target missing: every value in its row is empty or NaN";
      entry.source = path;
      entry.line = row->second.line;
    }
  }
}

void log_targets(const crystal::SourceIndex& index, const crystal::TargetTable& table,
                 const std::string& path) {
  log_skipped(table.skipped, path);
  std::size_t found = 0, missing = 0;
  for (const auto& entry : index.entries) {
    found += table.rows.contains(entry.id);
    if (!entry.reason.empty()) continue;
    for (const double value : entry.targets) missing += std::isnan(value);
  }
  if (found < table.rows.size())
    core::log::info("{}: {} of {} rows have no crystal among the inputs", path, table.rows.size() - found,
                    table.rows.size());
  if (missing > 0) core::log::info("{} single target values are missing; their crystals stay", missing);
}

CrystalSources index_here(const PreparationSettings& settings, const fs::path& spool) {
  CrystalSources sources;
  auto& index = sources.index;
  const std::vector<fs::path> inputs(settings.inputs.begin(), settings.inputs.end());
  index = crystal::index_sources(inputs, spool);
  log_skipped(index.skipped_columns, "inputs");
  shorten_sources(index, settings.inputs);
  if (!settings.targets.empty()) {
    const auto table = crystal::read_targets(settings.targets);
    const auto path = fs::path(settings.targets).filename().string();
    merge_targets(index, table, path);
    log_targets(index, table, path);
    for (const auto& row : table.duplicates)
      sources.refused.push_back(
          {row.id, path, row.line, fmt::format("duplicate id: the row on line {} stands", row.first_line)});
  }
  refuse_without_targets(index);
  for (auto& name : index.target_names) name = free_target_name(name, kTaken);

  for (const auto& entry : index.entries)
    if (!entry.reason.empty()) sources.refused.push_back({entry.id, entry.source, entry.line, entry.reason});
  std::erase_if(index.entries, [](const auto& entry) { return !entry.reason.empty(); });
  return sources;
}

}  // namespace

CrystalSources find_crystals(const dist::Communicator& comm, const PreparationSettings& settings,
                             const fs::path& spool) {
  const auto find = [&] { return comm.is_root() ? index_here(settings, spool) : CrystalSources{}; };
  auto sources = comm.together("finding the crystals", find, dist::Patience::Unlimited);
  const auto text = comm.broadcast_text(comm.is_root() ? crystal::index_to_text(sources.index) : "",
                                        "index of the crystals");
  if (!comm.is_root()) sources.index = crystal::index_from_text(text);
  return sources;
}

std::vector<data::TargetColumn> target_columns(const crystal::SourceIndex& index) {
  std::vector<data::TargetColumn> columns;
  for (const auto& name : index.target_names) columns.push_back({name, unit_of_target(name)});
  for (const auto* name : kOwnTargets) columns.push_back({name, ""});
  return columns;
}

}  // namespace tessera::data_prep
