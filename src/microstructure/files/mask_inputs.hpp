// SPDX-License-Identifier: Apache-2.0
// Which masks a user named, the true mask beside each, and their pixels as classes.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "microstructure/files/image_file.hpp"
#include "microstructure/mask_rule.hpp"

namespace tessera::microstructure {

/// One page of one file.
struct MaskInput {
  std::string name;  // below the folder named, "a/1.png"; of several pages "stack.tif-0002"
  std::filesystem::path file;
  std::size_t page = 0;
  std::filesystem::path truth;  // the same page of it; empty where no truth is asked for
};

struct RefusedMask {
  std::string name, reason;
  std::filesystem::path file;
};

struct MaskInputs {
  std::vector<MaskInput> masks;  // by name
  std::vector<RefusedMask> refused;
};

/// `inputs` are image files and folders of them, searched with all that is in them. `truth`, unless empty, is
/// a folder (or file) of true masks: that of the same stem belongs to a mask, a last word such as _mask,
/// _label or _truth left aside on either side. Refused are masks without a truth, and files whose header
/// cannot be read. Raises InputError for an input that is missing or holds no image, and for two true masks
/// of one stem.
MaskInputs find_masks(std::span<const std::string> inputs, const std::string& truth);

/// Adds the grey levels of the mask and its truth, unless they are too many to be classes.
void add_levels(ImageReader& reader, const MaskInput& input, LevelSet& levels);

struct ScaledMask {
  Mask mask;
  double um_per_px = 0;  // as the file says; NaN where it does not
};

/// Raises ImageFileError where the page cannot be read, or has too many grey levels for MaskRule::Values.
ScaledMask read_mask(ImageReader& reader, const std::filesystem::path& file, std::size_t page,
                     const MaskReading& reading);

/// As they travel between ranks.
std::string text_of(std::span<const MaskInput> masks);
std::vector<MaskInput> masks_from_text(const std::string& text);

}  // namespace tessera::microstructure
