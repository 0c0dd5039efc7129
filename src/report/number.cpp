// SPDX-License-Identifier: Apache-2.0
#include "report/number.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace tessera::report {

std::string power_of_ten(int exponent) {
  static constexpr std::array<const char*, 10> kRaised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char digit : fmt::format("{}", std::abs(exponent)))
    text += kRaised[static_cast<std::size_t>(digit - '0')];
  return text;
}

std::string format_count(std::int64_t count) {
  const std::string digits = fmt::format("{}", count < 0 ? -count : count);
  std::string text = count < 0 ? "−" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += "\u202f";
    text += digits[i];
  }
  return text;
}

std::string format_number(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  const std::string sign = value < 0 ? "−" : "";
  if (size >= 1e15 || (size > 0 && size < 1e-4)) {
    const int exponent = static_cast<int>(std::floor(std::log10(size)));
    return sign + fmt::format("{:.3g}", size / std::pow(10.0, exponent)) + "·" + power_of_ten(exponent);
  }
  if (size >= std::pow(10.0, digits - 1)) return format_count(static_cast<std::int64_t>(std::llround(value)));
  return sign + fmt::format("{:.{}g}", size, digits);
}

}  // namespace tessera::report
