// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tessera::jobs {

struct PredictArguments {
  std::string run, checkpoint = "best", out;
  std::vector<std::string> inputs;
  std::int64_t batch = 64;  // crystals at a time
  bool flips = false;       // images
  std::string grad_cam;     // numbers of images: folder for pictures; "": none
  // Of masks.
  std::int64_t tile = 512, overlap = 128;  // px
  bool probabilities = false;
  double um_per_px = 0;  // 0: as the files say
};

}  // namespace tessera::jobs
