// SPDX-License-Identifier: Apache-2.0
#include "data_prep/preparation_settings.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace tessera::data_prep {

using nlohmann::json;

std::string settings_to_json(const PreparationSettings& settings) {
  auto object = json::parse(crystal::feature_options_to_json(settings.features));
  object["inputs"] = settings.inputs;
  object["targets"] = settings.targets;
  object["shard_records"] = settings.shard_records;
  return object.dump();
}

PreparationSettings settings_from_json(std::string_view text) {
  PreparationSettings settings;
  settings.features = crystal::feature_options_from_json(text);
  try {
    const auto object = json::parse(text);
    object.at("inputs").get_to(settings.inputs);
    object.at("targets").get_to(settings.targets);
    object.at("shard_records").get_to(settings.shard_records);
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("the settings of the preparation are damaged: {}", error.what()));
  }
  return settings;
}

}  // namespace tessera::data_prep
