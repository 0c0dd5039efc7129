// SPDX-License-Identifier: Apache-2.0
#include "data_prep/mask_levels.hpp"

#include <fmt/core.h>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/mask_rule.hpp"

namespace tessera::data_prep {
namespace {

using microstructure::kMaxMaskLevels;

microstructure::LevelSet levels_of(microstructure::ImageReader& reader, const std::string& mask) {
  microstructure::LevelSet levels;
  for (std::size_t page = 0; page < reader.headers(mask).size(); ++page) {
    levels.add(reader.read(mask, page).grey);
    if (reader.was_coloured())
      throw microstructure::ImageFileError(mask,
                                           "mask with other values: a mask of classes must be grey, and this "
                                           "one is coloured; as levels, two colours "
                                           "might become one class. Save each class as its own grey level.");
  }
  if (levels.count() > kMaxMaskLevels)
    throw microstructure::ImageFileError(
        mask, fmt::format(
                  "mask with other values: at most {} grey levels can be classes, and it has {}. A JPEG or a "
                  "smoothed mask has levels that nobody drew: save it as PNG with one level for each class, "
                  "or take --mask-rule dark or bright.",
                  kMaxMaskLevels, levels.count()));
  return levels;
}

// One CSV row a mask: its name, the reason against it, its levels.
std::string row_of(microstructure::ImageReader& reader, const std::string& mask) {
  std::vector<std::string> fields = {mask, ""};
  try {
    for (const auto level : levels_of(reader, mask).levels()) fields.push_back(fmt::format("{}", level));
  } catch (const microstructure::ImageFileError& error) {
    fields[1] = error.reason();
  }
  return core::csv_line(fields);
}

}  // namespace

MaskLevels find_mask_levels(const dist::Communicator& comm, const std::vector<std::string>& masks) {
  const auto rows_here = comm.together(
      "reading the masks' levels",
      [&] {
        std::string rows;
        microstructure::ImageReader reader;
        for (auto i = static_cast<std::size_t>(comm.rank()); i < masks.size();
             i += static_cast<std::size_t>(comm.size()))
          rows += row_of(reader, masks[i]);
        return rows;
      },
      dist::Patience::Unlimited);
  std::map<std::string, std::vector<std::string>> by_mask;  // in one order, whoever read them
  for (const auto& rows : comm.all_gather_text(rows_here, "levels of the masks"))
    for (const auto& row : core::parse_csv(rows, "levels of the masks")) by_mask[row.fields[0]] = row.fields;

  MaskLevels found;
  microstructure::LevelSet all;
  for (const auto& [mask, fields] : by_mask) {
    if (!fields[1].empty()) found.refused[mask] = fields[1];
    for (std::size_t i = 2; i < fields.size(); ++i)
      all.add(static_cast<std::uint16_t>(*core::parse_integer(fields[i])));
    if (all.count() > kMaxMaskLevels)
      throw core::InputError(fmt::format(
          "the masks must have at most {} grey levels together, and have {} with {}. Give every mask the "
          "same level for the same class, or take --mask-rule dark or bright.",
          kMaxMaskLevels, all.count(), mask));
  }
  found.levels = all.levels();
  return found;
}

}  // namespace tessera::data_prep
