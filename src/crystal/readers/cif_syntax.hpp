// SPDX-License-Identifier: Apache-2.0
// CIF as syntax only: data blocks, tags and values, each value with its line. The grammar is gemmi's; the
// values are views into the text, so that a file is read without copying it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::crystal {

struct CifValue {
  std::string_view text;  // without quotes
  int line = 0;           // 1-based
  bool quoted = false;

  /// Neither "?" (unknown) nor "." (does not apply).
  bool given() const { return quoted || (text != "?" && text != "."); }
};

/// The values of one tag: a column of a loop, or one value.
struct CifColumn {
  const CifValue* first;
  std::size_t stride;
  std::size_t count;

  const CifValue& operator[](std::size_t row) const { return first[row * stride]; }
};

class CifBlock {
 public:
  /// `tag` in lower case with underscores; the file may write it in any case and with DDLm's dot. Raises
  /// ReadError where the block has it twice, or without a value.
  std::optional<CifColumn> column(std::string_view tag) const;

 private:
  friend class CifBuilder;
  struct Tag {
    std::string_view name;
    int line;
    std::size_t first, stride, count;
  };
  std::string source_;
  std::vector<Tag> tags_;
  std::vector<CifValue> values_;
};

/// The blocks view `text`, which must outlive them. Raises ReadError where it is no CIF.
std::vector<CifBlock> parse_cif(std::string_view text, const std::string& source);

}  // namespace tessera::crystal
