// SPDX-License-Identifier: Apache-2.0
// The image files behind the folders a user named, and which mask belongs to which image.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tessera::data_prep {

struct ImageFile {
  std::filesystem::path path;
  std::string shown;      // from the name of the input on, for people and tables: "train/images/1.png"
  std::string stem;       // valid UTF-8
  std::size_t input = 0;  // which of the inputs it came from
  std::string folder;     // below that input
};

struct ImageFiles {
  std::vector<ImageFile> images, masks;  // in order of input, then of path
};

/// `images` and `masks` are folders, searched with all that is in them, and single files; names that begin
/// with a dot are left out. Of folders in each other the nearest says what a file is; in a folder named as
/// both, masks are those with a mask's suffix. Raises InputError for an input that is missing, or of no known
/// kind, or without any image.
ImageFiles list_image_files(std::span<const std::string> images, std::span<const std::string> masks);

/// Masks by the stem of their image: it is the mask's own, or the mask's without its suffix: _mask, _label,
/// _gt, _seg, _segmentation, _annotation, _truth (with s or not, - for _).
class MaskFinder {
 public:
  explicit MaskFinder(std::span<const ImageFile> masks);

  /// Those that may be the image's: where several folders hold one of its stem, those in the same place below
  /// the same input, the first mask folder going with the first image folder.
  std::vector<const ImageFile*> masks_of(const ImageFile& image) const;

 private:
  std::span<const ImageFile> masks_;
  std::vector<std::pair<std::string, std::size_t>> by_stem_;  // sorted
};

}  // namespace tessera::data_prep
