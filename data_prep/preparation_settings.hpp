// SPDX-License-Identifier: Apache-2.0
// Everything that decides a crystal dataset's content. It stands in the manifest, so that a repair can
// prepare the same again, and a folder refuses to mix two preparations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crystal/features.hpp"

namespace tessera::data_prep {

struct PreparationSettings {
  std::vector<std::string> inputs;  // absolute paths
  std::string targets;              // absolute path of the CSV; "" without one
  crystal::FeatureOptions features;
  std::int64_t shard_records = 256;  // inputs a shard is made from
};

/// One flat JSON object: the features' settings (see feature_options_from_json) and the others beside them.
std::string settings_to_json(const PreparationSettings& settings);

/// Raises DataError where something is missing.
PreparationSettings settings_from_json(std::string_view json);

}  // namespace tessera::data_prep
