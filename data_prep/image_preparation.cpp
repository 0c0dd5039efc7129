// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_preparation.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data_prep/image_shard_maker.hpp"

namespace tessera::data_prep {

using nlohmann::json;

std::string settings_to_json(const ImagePreparation& settings) {
  const auto& sources = settings.sources;
  return json{{"kind", data::kImages},
              {"images", sources.images},
              {"masks", sources.masks},
              {"labels", sources.labels},
              {"group", sources.group},
              {"mask_rule", name_of(sources.mask_rule)},
              {"threshold", sources.threshold},
              {"um_per_px", sources.um_per_px ? json(*sources.um_per_px) : json()},
              {"tile", sources.tile},
              {"overlap", sources.overlap},
              {"shard_records", settings.shard_records}}
      .dump();
}

ImagePreparation image_preparation_from_json(std::string_view text) {
  ImagePreparation settings;
  auto& sources = settings.sources;
  try {
    const auto object = json::parse(text);
    object.at("images").get_to(sources.images);
    object.at("masks").get_to(sources.masks);
    object.at("labels").get_to(sources.labels);
    object.at("group").get_to(sources.group);
    sources.mask_rule = microstructure::mask_rule_from_name(object.at("mask_rule").get<std::string>());
    object.at("threshold").get_to(sources.threshold);
    if (!object.at("um_per_px").is_null()) sources.um_per_px = object.at("um_per_px").get<double>();
    object.at("tile").get_to(sources.tile);
    object.at("overlap").get_to(sources.overlap);
    object.at("shard_records").get_to(settings.shard_records);
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("the settings of the preparation are damaged: {}", error.what()));
  }
  return settings;
}

bool is_image_preparation(std::string_view text) {
  const auto object = json::parse(text, nullptr, false);
  return object.is_object() && object.value("kind", "") == data::kImages;
}

PreparationSummary prepare_images(const dist::Communicator& comm, const ImagePreparation& settings,
                                  const std::filesystem::path& folder, const PreparationOptions& options) {
  const auto sources = find_images(comm, settings.sources);
  comm.together("looking at the sources", [&] {
    if (options.strict && !sources.refused.empty()) refuse_strictly(sources.refused.front());
    if (comm.is_root()) core::make_folder(folder);
  });
  const auto text = settings_to_json(settings);
  const auto maker = comm.together("looking at the labels", [&] {
    return std::make_unique<ImageShardMaker>(sources, text, settings.shard_records, options.strict);
  });
  return prepare_dataset(comm, *maker, sources.refused, text, folder, options);
}

}  // namespace tessera::data_prep
