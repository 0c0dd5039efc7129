// SPDX-License-Identifier: Apache-2.0
// A JSON object that carries the SHA-256 of its own text as its last member, so that a flipped bit in it is
// found like one in a shard.
#pragma once

#include <string>

namespace tessera::data {

/// `object` is indented JSON ending in "\n}"; gives the same with "content_sha256" added and a newline.
std::string seal(std::string object);

/// Raises DataError naming `name` where the text is not as it was sealed.
void check_seal(const std::string& text, const std::string& name);

}  // namespace tessera::data
