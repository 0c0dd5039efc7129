// SPDX-License-Identifier: Apache-2.0
// A picture inside a page.
#pragma once

#include <string>

namespace tessera::report {

/// The element for a PNG's bytes, with what it shows in words for those who cannot see it.
std::string png_picture(const std::string& bytes, const std::string& description);

}  // namespace tessera::report
