// SPDX-License-Identifier: Apache-2.0
// What `tessera inspect` says about what training leaves and takes: run folders, weights, configs. Read from
// their text alone (JSON, TOML, a safetensors header), so that no LibTorch is loaded.
#pragma once

#include <filesystem>
#include <string>

namespace tessera::data_prep {

/// Each prints to stdout and returns the final line. DataError where the file is not what its name says.
std::string inspect_run(const std::filesystem::path& folder);
std::string inspect_weights(const std::filesystem::path& file);
std::string inspect_config(const std::filesystem::path& file);

}  // namespace tessera::data_prep
