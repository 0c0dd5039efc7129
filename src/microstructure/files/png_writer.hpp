// SPDX-License-Identifier: Apache-2.0
// Pictures for people and other programs: lossless PNG, whole or not there.
#pragma once

#include <filesystem>

#include "microstructure/overlay.hpp"

namespace tessera::microstructure {

/// Grey, of the image's bits. Each raises DataError where the file cannot be written, or there is no pixel.
void write_png(const std::filesystem::path& path, const Image& image);
void write_png(const std::filesystem::path& path, const Raster<std::uint8_t>& grey);
void write_png(const std::filesystem::path& path, const Raster<Rgb>& colours);

}  // namespace tessera::microstructure
