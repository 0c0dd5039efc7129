// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them on a page: few digits, a true minus sign, thousands set apart.
#pragma once

#include <cstdint>
#include <string>

namespace tessera::report {

/// About `digits` significant ones: "0.0583", "1 519", "2.1·10⁻⁷"; "–" for NaN.
std::string format_number(double value, int digits = 4);

/// "29 215", with narrow no-break spaces.
std::string format_count(std::int64_t count);

/// "10⁻⁵".
std::string power_of_ten(int exponent);

}  // namespace tessera::report
