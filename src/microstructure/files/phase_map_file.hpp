// SPDX-License-Identifier: Apache-2.0
// Phase maps out of image files.
#pragma once

#include <filesystem>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

inline constexpr int kMostPhases = 16;

/// The pages of one file are its slices, one above the other; its grey levels in rising order are phases 0,
/// 1 …. Raises ImageFileError as list_pages and ImageReader::read do, DataError where the pages differ in
/// size, and where there are more than kMostPhases levels: a picture that is no segmentation.
PhaseMap read_phase_map(const std::filesystem::path& path);

}  // namespace tessera::microstructure
