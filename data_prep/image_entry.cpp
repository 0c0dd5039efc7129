// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_entry.hpp"

#include <fmt/core.h>

#include <cmath>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::data_prep {
namespace {

constexpr std::size_t kTexts = 5, kNumbers = 6;

const microstructure::Image& page_with(microstructure::ImageReader& reader, const std::string& file,
                                       std::int64_t page, const Tile& tile) {
  const auto& image = reader.read(file, static_cast<std::size_t>(page));
  if (image.grey.height() < tile.y + tile.height || image.grey.width() < tile.x + tile.width)
    throw core::DataError(fmt::format(
        "{}: it must hold {} × {} pixels as when it was listed, and holds {} × {}. Start "
        "again.",
        file, tile.y + tile.height, tile.x + tile.width, image.grey.height(), image.grey.width()));
  return image;
}

}  // namespace

std::string entries_to_text(const std::vector<ImageEntry>& entries) {
  std::string text;
  for (const auto& entry : entries) {
    std::vector<std::string> fields = {entry.id, entry.source, entry.group, entry.image, entry.mask};
    for (const std::int64_t number :
         {entry.image_page, entry.mask_page, std::int64_t{entry.tile.y}, std::int64_t{entry.tile.x},
          std::int64_t{entry.tile.height}, std::int64_t{entry.tile.width}})
      fields.push_back(fmt::format("{}", number));
    for (const double target : entry.targets) fields.push_back(core::csv_number(target));
    text += core::csv_line(fields);
  }
  return text;
}

std::vector<ImageEntry> entries_from_text(std::string_view text) {
  std::vector<ImageEntry> entries;
  for (const auto& row : core::parse_csv(text, "list of images")) {
    const auto& fields = row.fields;
    std::vector<std::int64_t> numbers;
    for (std::size_t i = kTexts; i < std::min(kTexts + kNumbers, fields.size()); ++i)
      if (const auto number = core::parse_integer(fields[i])) numbers.push_back(*number);
    if (numbers.size() != kNumbers)
      throw core::DataError(fmt::format("the list of images is damaged in line {}", row.line));
    auto& entry = entries.emplace_back(ImageEntry{
        .id = fields[0], .source = fields[1], .group = fields[2], .image = fields[3], .mask = fields[4]});
    entry.image_page = numbers[0];
    entry.mask_page = numbers[1];
    entry.tile = {static_cast<int>(numbers[2]), static_cast<int>(numbers[3]), static_cast<int>(numbers[4]),
                  static_cast<int>(numbers[5])};
    for (std::size_t i = kTexts + kNumbers; i < fields.size(); ++i)
      entry.targets.push_back(core::parse_number(fields[i]).value_or(std::nan("")));
  }
  return entries;
}

data::ImageRecord ImageEntryReader::read(const ImageEntry& entry) {
  data::ImageRecord record;
  record.id = entry.id;
  record.source = entry.source;
  record.group = entry.group;
  record.targets = entry.targets;
  const auto& page = page_with(images_, entry.image, entry.image_page, entry.tile);
  record.image = {.grey = cut(page.grey, entry.tile),
                  .bits = page.bits,
                  .um_per_px = reading_.um_per_px.value_or(page.um_per_px)};
  if (!entry.mask.empty()) {
    const auto& mask = page_with(masks_, entry.mask, entry.mask_page, entry.tile);
    record.mask = microstructure::mask_of(cut(mask.grey, entry.tile), reading_.masks);
  }
  return record;
}

}  // namespace tessera::data_prep
