// SPDX-License-Identifier: Apache-2.0
// What is wrong with one crystal's text. It carries the line and the reason apart, as quarantine.csv lists
// them.
#pragma once

#include <fmt/core.h>

#include <string>

#include "core/error.hpp"
#include "crystal/readers/utf8.hpp"

namespace tessera::crystal {

/// Reads "source:line: reason", or "source: reason" where the line is 0 (not known). Both are brought to
/// valid UTF-8: a reason may quote what it found.
class ReadError : public core::DataError {
 public:
  ReadError(const std::string& source, int line, const std::string& reason)
      : core::DataError(valid_utf8(line > 0 ? fmt::format("{}:{}: {}", source, line, reason)
                                            : fmt::format("{}: {}", source, reason))),
        line_(line),
        reason_(valid_utf8(reason)) {}
  int line() const { return line_; }
  const std::string& reason() const { return reason_; }

 private:
  int line_;
  std::string reason_;
};

/// No reader returns more: a larger cell would fill a rank's memory with its graph and mesh.
inline constexpr std::size_t kMaxAtoms = 20'000;

}  // namespace tessera::crystal
