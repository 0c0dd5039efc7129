// SPDX-License-Identifier: Apache-2.0
// NaN, Infinity and -Infinity as Python's json module writes them, bare words that the standard (RFC 8259)
// and nlohmann's reader do not know: to be read they are marked, as texts that nobody else's begin like.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tessera::search {

/// The same JSON, each bare word outside of texts a marked text, and back.
std::string with_marked_words(std::string_view json);
std::string with_bare_words(std::string json);

/// The number that a marked text (as parsed, without quotes) stands for; nothing for any other.
std::optional<double> number_of_marked(std::string_view text);

/// The shortest text that Python and JSON read back as the same floating-point number: 1.0, 1e-20, NaN.
std::string number_text(double value);

}  // namespace tessera::search
