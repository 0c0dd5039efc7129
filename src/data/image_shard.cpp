// SPDX-License-Identifier: Apache-2.0
#include "data/image_shard.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "data/shard_arrays.hpp"

namespace tessera::data {
namespace {

constexpr std::int64_t kMaxSide = 1 << 20;

// What the schema promises of a record: a bug of the caller otherwise.
void check_record(const ImageRecord& record, const DatasetSchema& schema) {
  const auto& grey = record.image.grey;
  const bool mask_fits =
      record.mask.has_value() == (schema.mask_classes > 0) &&
      (!record.mask ||
       (record.mask->height() == grey.height() && record.mask->width() == grey.width() &&
        std::ranges::all_of(record.mask->values(), [&](auto value) { return value < schema.mask_classes; })));
  const bool levels_fit =
      record.image.bits == 16 ||
      (record.image.bits == 8 && std::ranges::all_of(grey.values(), [](auto value) { return value < 256; }));
  if (grey.empty() || !mask_fits || !levels_fit || record.targets.size() != schema.targets.size())
    throw core::InternalError(fmt::format("record {} does not have what its shard's schema says", record.id));
}

}  // namespace

std::string encode_shard(std::span<const ImageRecord> records, const DatasetSchema& schema) {
  std::vector<std::string> ids, sources, groups;
  Integers heights, widths, bits, offsets{0};
  std::vector<double> scales, targets;
  std::vector<std::uint16_t> grey, classes;
  for (const auto& record : records) {
    check_record(record, schema);
    ids.push_back(record.id);
    sources.push_back(record.source);
    groups.push_back(record.group);
    heights.push_back(record.image.grey.height());
    widths.push_back(record.image.grey.width());
    bits.push_back(record.image.bits);
    scales.push_back(record.image.um_per_px);
    const auto& pixels = record.image.grey.values();
    grey.insert(grey.end(), pixels.begin(), pixels.end());
    offsets.push_back(rows(grey.size()));
    if (record.mask)
      classes.insert(classes.end(), record.mask->values().begin(), record.mask->values().end());
    targets.insert(targets.end(), record.targets.begin(), record.targets.end());
  }
  const Shape one_each{rows(records.size())};
  auto file = Hdf5File::create("new shard");
  auto& root = file.root();
  write_heading(root, kImages);
  root.set("mask_classes", schema.mask_classes);
  describe(root.write("id", ids), "name of the record", "");
  describe(root.write("source", sources), "file (and page, tile) it came from", "");
  describe(root.write("group", groups), "parent that a split keeps together", "");
  describe(root.write("height", one_each, heights), "rows of the image", "px");
  describe(root.write("width", one_each, widths), "columns of the image", "px");
  describe(root.write("bits", one_each, bits), "grey levels are 0 to 2^bits - 1", "");
  describe(root.write("um_per_px", one_each, scales), "size of a pixel, NaN where unknown", "micrometre");
  auto image = root.create_group("image");
  write_offsets(image, "offsets", offsets);
  describe(image.write("grey", {rows(grey.size())}, grey), "grey levels as stored, row by row", "");
  if (schema.mask_classes > 0)
    describe(root.create_group("mask").write("class", {rows(classes.size())}, classes), "class of each pixel",
             "");
  write_targets(root, targets, schema.targets);
  return file.finish();
}

ImageShard decode_image_shard(const std::string& bytes, const std::string& name) {
  auto file = Hdf5File::open(name, bytes);
  const auto& root = file.root();
  check_heading(root, kImages, name);
  ImageShard shard;
  shard.schema.kind = kImages;
  shard.schema.mask_classes = root.integer("mask_classes");
  if (shard.schema.mask_classes < 0 || shard.schema.mask_classes > 255)
    refuse(root, fmt::format("mask_classes must be 0 to 255, got {}", shard.schema.mask_classes));
  auto ids = root.dataset("id").texts();
  const Shape one_each{rows(ids.size())};
  for (const auto* texts : {"id", "source", "group"}) require_shape(root.dataset(texts), one_each);
  auto sources = root.dataset("source").texts(), groups = root.dataset("group").texts();
  const auto heights = read_integers(root, "height", one_each, 1, kMaxSide),
             widths = read_integers(root, "width", one_each, 1, kMaxSide),
             bits = read_integers(root, "bits", one_each, 8, 16);
  require_shape(root.dataset("um_per_px"), one_each);
  const auto scales = root.dataset("um_per_px").doubles();
  const auto image = root.group("image");
  const auto offsets = read_offsets(image, "offsets", one_each[0], 1);
  require_shape(image.dataset("grey"), {offsets.back()});
  const auto grey = image.dataset("grey").words();
  std::vector<std::uint16_t> classes;
  if (shard.schema.mask_classes > 0) {
    const auto dataset = root.group("mask").dataset("class");
    require_shape(dataset, {offsets.back()});
    classes = dataset.words();
    for (const auto value : classes)
      if (value >= shard.schema.mask_classes)
        refuse(dataset, fmt::format("classes must be below {}, got {}", shard.schema.mask_classes, value));
  }
  auto targets = read_targets(root.group("targets"), one_each[0]);
  shard.schema.targets = std::move(targets.columns);

  shard.records.resize(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& record = shard.records[i];
    if (offsets[i + 1] - offsets[i] != heights[i] * widths[i])
      refuse(image, fmt::format("record {} has {} pixels, {} x {} expected", i, offsets[i + 1] - offsets[i],
                                heights[i], widths[i]));
    record.id = std::move(ids[i]);
    record.source = std::move(sources[i]);
    record.group = std::move(groups[i]);
    record.image.bits = static_cast<int>(bits[i]);
    record.image.um_per_px = scales[i];
    const auto height = static_cast<int>(heights[i]), width = static_cast<int>(widths[i]);
    record.image.grey = {height, width};
    std::copy(grey.begin() + offsets[i], grey.begin() + offsets[i + 1], record.image.grey.values().begin());
    if (shard.schema.mask_classes > 0) {
      record.mask.emplace(height, width);
      std::transform(classes.begin() + offsets[i], classes.begin() + offsets[i + 1],
                     record.mask->values().begin(),
                     [](auto value) { return static_cast<std::uint8_t>(value); });
    }
    record.targets = std::move(targets.of_record[i]);
  }
  return shard;
}

std::size_t memory_of(const ImageRecord& record) {
  return sizeof(record) + record.id.size() + record.source.size() + record.group.size() +
         record.image.grey.size() * sizeof(std::uint16_t) + (record.mask ? record.mask->size() : 0) +
         record.targets.size() * sizeof(double);
}

}  // namespace tessera::data
