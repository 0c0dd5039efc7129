// SPDX-License-Identifier: Apache-2.0
// Micrographs of random grey levels, for tests of storage.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/random.hpp"
#include "data/dataset_schema.hpp"
#include "data/image_record.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::data {

using test::message_of;
using test::TemporaryFolder;

inline DatasetSchema made_image_schema(bool masks) {
  DatasetSchema schema;
  schema.kind = kImages;
  schema.targets = {{"strength_mpa", "MPa"}};
  schema.mask_classes = masks ? 2 : 0;
  return schema;
}

inline std::vector<ImageRecord> made_images(int count, int bits, bool masks) {
  std::vector<ImageRecord> records;
  for (int i = 0; i < count; ++i) {
    core::RandomStream random(3, "made image", static_cast<std::uint64_t>(i));
    auto& record = records.emplace_back();
    record.group = "scan" + std::to_string(i / 2);
    record.id = record.group + "-" + std::to_string(1000 + i);
    record.source = "images/" + record.id + ".png";
    record.image.bits = bits;
    if (i % 2) record.image.um_per_px = 0.25;
    record.image.grey = {5 + i, 7 + 2 * i};
    for (auto& level : record.image.grey.values())
      level = static_cast<std::uint16_t>(random.below(std::uint64_t{1} << bits));
    if (masks) {
      record.mask.emplace(5 + i, 7 + 2 * i);
      for (auto& value : record.mask->values()) value = static_cast<std::uint8_t>(random.below(2));
    }
    record.targets = {random.uniform(100, 900)};
  }
  return records;
}

}  // namespace tessera::data
