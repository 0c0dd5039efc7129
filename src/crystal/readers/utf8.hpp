// SPDX-License-Identifier: Apache-2.0
// Names and texts from foreign files may be in any encoding; what we write about them (JSON, CSV, HDF5) is
// UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace tessera::crystal {

/// The text with U+FFFD in place of each byte that belongs to no UTF-8 character (RFC 3629: no overlong
/// forms, no surrogates).
std::string valid_utf8(std::string_view text);

}  // namespace tessera::crystal
