// SPDX-License-Identifier: Apache-2.0
// Walks the members of one JSON array or object as slices of its text, without building them: a table of 100
// 000 structures is taken apart in constant memory, and each part parsed where it is needed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tessera::crystal {

/// What a slice begins with tells what it is. Numbers include Python's NaN and Infinity.
enum class JsonKind { Object, Array, String, Number, Boolean, Null };
JsonKind kind_of_json(std::string_view slice);

/// Calls `member` with the key ("" in an array; as written, between its quotes) and the value's slice, until
/// it returns false. Raises ReadError where `json` is neither object nor array, or ends early.
void for_each_json_member(std::string_view json, const std::string& source,
                          const std::function<bool(std::string_view key, std::string_view value)>& member);

}  // namespace tessera::crystal
