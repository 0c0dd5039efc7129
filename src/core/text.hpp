// SPDX-License-Identifier: Apache-2.0
// Small words about text: numbers read whole or not at all, the known word nearest to a misspelt one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::core {

/// The number the whole text spells (surrounding blanks allowed), or nothing. "nan" and "inf" count as
/// numbers.
std::optional<double> parse_number(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> words, std::string_view separator);
std::string lower_case(std::string_view text);

/// The candidate at the least edit distance (Levenshtein 1966), or nothing when none is close enough to be
/// meant.
std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates);

/// "1 h 02 min", "3.4 s": for people.
std::string format_duration(double seconds);

}  // namespace tessera::core
