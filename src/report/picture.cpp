// SPDX-License-Identifier: Apache-2.0
#include "report/picture.hpp"

#include <fmt/core.h>

#include "core/hash.hpp"
#include "report/svg_canvas.hpp"

namespace tessera::report {

std::string png_picture(const std::string& bytes, const std::string& description) {
  return fmt::format(
      R"(<img src="data:image/png;base64,{}" alt="{}" style="width:100%;image-rendering:pixelated">)",
      core::base64_of(bytes), escape_markup(description));
}

}  // namespace tessera::report
