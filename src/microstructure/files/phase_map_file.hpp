// SPDX-License-Identifier: Apache-2.0
// Phase maps out of image files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

inline constexpr int kMostPhases = 16;

/// The pages of one file are its slices, one above the other; phase p is where the grey level is `levels[p]`,
/// so that files which lack a phase agree with the others. Without `levels`, those of the file in rising
/// order. Raises ImageFileError as list_pages and ImageReader::read do, where the pages differ in size, above
/// 2^31 − 1 cells, where a grey level is none of `levels`, and where there are more than kMostPhases of them:
/// a picture that is no segmentation.
PhaseMap read_phase_map(const std::filesystem::path& path, std::span<const std::uint16_t> levels = {});

}  // namespace tessera::microstructure
