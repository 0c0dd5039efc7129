// SPDX-License-Identifier: Apache-2.0
// Image files to a dataset.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "data_prep/image_sources.hpp"
#include "data_prep/preparation.hpp"

namespace tessera::data_prep {

/// Everything that decides the dataset's content. It stands in the manifest, so that a repair can prepare the
/// same again, and a folder refuses to mix two preparations.
struct ImagePreparation {
  ImageSettings sources;
  std::int64_t shard_records = 256;  // images or tiles a shard is made from
};

std::string settings_to_json(const ImagePreparation& settings);
/// Raises DataError where something is missing.
ImagePreparation image_preparation_from_json(std::string_view json);
/// Whether a preparation's settings are of images.
bool is_image_preparation(std::string_view json);

/// Collective. Raises InputError for inputs that cannot be read at all, else as prepare_dataset.
PreparationSummary prepare_images(const dist::Communicator& comm, const ImagePreparation& settings,
                                  const std::filesystem::path& folder, const PreparationOptions& options);

}  // namespace tessera::data_prep
