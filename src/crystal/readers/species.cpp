// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/species.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "crystal/element.hpp"

namespace tessera::crystal {
namespace {

std::string_view letters_in_front(std::string_view text) {
  const auto letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  return text.substr(
      0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), letter) - text.begin()));
}

// The first `length` letters as a symbol, whatever their case.
std::optional<std::uint8_t> element_of_letters(std::string_view letters, std::size_t length) {
  if (letters.size() < length || length == 0) return std::nullopt;
  std::string symbol(letters.substr(0, length));
  symbol[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(symbol[0])));
  if (length == 2) symbol[1] = static_cast<char>(std::tolower(static_cast<unsigned char>(symbol[1])));
  if (symbol == "D" || symbol == "T") return std::uint8_t{1};
  const std::optional<int> number = element_from_symbol(symbol);
  if (!number) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

}  // namespace

std::optional<std::uint8_t> element_of_species(std::string_view species) {
  const std::string_view letters = letters_in_front(species);
  return letters.size() > 2 ? std::nullopt : element_of_letters(letters, letters.size());
}

std::optional<std::uint8_t> element_of_label(std::string_view label) {
  const std::string_view letters = letters_in_front(label);
  if (letters.starts_with("Wat")) return std::nullopt;  // water, not tungsten
  const auto one = element_of_letters(letters, 1);
  const auto two = element_of_letters(letters, 2);
  const bool two_capitals = letters.size() > 1 && std::isupper(static_cast<unsigned char>(letters[1]));
  if (one && two && two_capitals) return std::nullopt;
  return two ? two : one;
}

}  // namespace tessera::crystal
