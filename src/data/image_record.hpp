// SPDX-License-Identifier: Apache-2.0
// One micrograph, or one tile of it, as a dataset holds it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "microstructure/image.hpp"

namespace tessera::data {

struct ImageRecord {
  std::string id;
  std::string source;                        // file (and page, tile) it came from
  std::string group;                         // the parent that a split keeps together
  microstructure::Image image;               // grey levels as stored
  std::optional<microstructure::Mask> mask;  // the class of each pixel, of the image's size
  std::vector<double> targets;               // by the dataset's target names; NaN where missing
};

}  // namespace tessera::data
