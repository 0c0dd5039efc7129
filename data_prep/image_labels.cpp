// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_labels.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/log.hpp"
#include "core/text.hpp"
#include "crystal/readers/targets.hpp"
#include "data_prep/target_names.hpp"
#include "microstructure/files/image_file.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kIdColumns = {"id", "image"};
// The other columns of records.csv.
constexpr std::array<std::string_view, 8> kTaken = {"record", "id",     "group", "shard",
                                                    "row",    "height", "width", "um_per_px"};

std::string stem_of(const std::string& id) {
  return microstructure::has_image_ending(id) ? fs::path(id).stem().string()
                                              : fs::path(id).filename().string();
}

}  // namespace

ImageLabels::ImageLabels(const fs::path& path) : file_(path.filename().string()) {
  auto table = crystal::read_targets(path, kIdColumns);
  if (!table.skipped.empty())
    core::log::info("{}: no targets, since they are not numbers: {}", file_, core::join(table.skipped, ", "));
  for (const auto& name : table.names) names_.push_back(free_target_name(name, kTaken));
  const auto refuse = [&](const std::string& id, int line, int first_line) {
    refused_.push_back({id, file_, line, fmt::format("duplicate id: the row on line {} stands", first_line)});
  };
  for (const auto& row : table.duplicates) refuse(row.id, row.line, row.first_line);

  // "a.png" and "a" are one image: in the file's order, the first row stands.
  std::vector<std::pair<int, std::string>> ids;
  for (const auto& [id, row] : table.rows) ids.emplace_back(row.line, id);
  std::sort(ids.begin(), ids.end());
  for (const auto& [line, id] : ids) {
    auto& values = table.rows.at(id).values;
    const auto [entry, added] = rows_.try_emplace(stem_of(id), Row{line, std::move(values)});
    if (!added) refuse(id, line, entry->second.line);
  }
}

ImageLabels::Found ImageLabels::find(const std::string& page_id, const std::string& stem) const {
  auto row = rows_.find(page_id);
  if (row == rows_.end()) row = rows_.find(stem);
  if (row == rows_.end()) return {.reason = fmt::format("label missing: {} has no row for this id", file_)};
  const auto& [line, values] = row->second;
  if (std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); }))
    return {.reason = "label missing: every value in its row is empty or NaN", .line = line};
  return {.values = values, .line = line};
}

}  // namespace tessera::data_prep
