// SPDX-License-Identifier: Apache-2.0
// What `tessera inspect` says about crystal datasets and their shards.
#pragma once

#include <filesystem>
#include <string>

namespace tessera::data_prep {

/// Each prints to stdout and returns the final line. DataError where the dataset or shard is damaged.
std::string inspect_dataset(const std::filesystem::path& folder);
std::string inspect_shard(const std::filesystem::path& file);

}  // namespace tessera::data_prep
