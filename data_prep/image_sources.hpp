// SPDX-License-Identifier: Apache-2.0
// Which micrographs a dataset is made from: every image with its mask, its labels, its group, cut into tiles.
// What cannot be used is known here already, as far as the files' headers tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/quarantine.hpp"
#include "data_prep/image_entry.hpp"
#include "dist/communicator.hpp"

namespace tessera::data_prep {

struct ImageSettings {
  std::vector<std::string> images;  // absolute paths of folders and files
  std::vector<std::string> masks;   // the same; none: images without masks
  std::string labels;               // absolute path of the CSV; "" without one
  std::string group;                // regular expression (ECMAScript); "": each file is its own group
  microstructure::MaskRule mask_rule = microstructure::MaskRule::Dark;
  int threshold = 128;
  std::optional<double> um_per_px;  // in place of what the files tell
  int tile = 0;                     // edge in pixels; 0: whole images
  int overlap = 0;                  // of neighbouring tiles, in pixels
};

struct ImageSources {
  std::vector<ImageEntry> entries;        // usable ones only, sorted by id
  std::vector<std::string> target_names;  // of the labels, in the order of ImageEntry::targets
  ImageReading reading;
  std::vector<data::QuarantineRow> refused;  // on the root only
};

/// Collective. The root lists, reads headers and hands out; under MaskRule::Values all ranks then read the
/// masks for their levels. The group is the first capture group of the expression in the image's stem (or all
/// that it matches, where it has none). What was done with colours and MinIsWhite is logged. Refused are: an
/// unreadable file, an image without a mask or with several, another number of pages or size than its mask's,
/// a mask with other values, an id that is there already, a missing label, a stem without a group.
/// Raises InputError for settings that cannot be met, and as list_image_files and ImageLabels do.
ImageSources find_images(const dist::Communicator& comm, const ImageSettings& settings);

}  // namespace tessera::data_prep
