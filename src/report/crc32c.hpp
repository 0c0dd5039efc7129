// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), the checksum of TensorBoard's records.
#pragma once

#include <cstdint>
#include <string_view>

namespace tessera::report {

/// RFC 3720, appendix B.4.
std::uint32_t crc32c(std::string_view bytes);

/// As records store it: rotated and shifted, because a CRC over data that holds CRCs is weak.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace tessera::report
