// SPDX-License-Identifier: Apache-2.0
// `--targets FILE.csv`: one row a crystal (or micrograph), found by its id; every numeric column is a target
// of that name.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tessera::crystal {

struct TargetTable {
  struct Row {
    int line = 0;
    std::vector<double> values;  // by names; NaN where the cell is empty, says nan, or is not finite
  };
  struct Duplicate {
    std::string id;
    int line = 0, first_line = 0;
  };

  std::vector<std::string> names;    // numeric columns, in the file's order
  std::vector<std::string> skipped;  // the others: text, or empty all the way
  std::unordered_map<std::string, Row> rows;
  std::vector<Duplicate> duplicates;  // rows after an id's first, in the file's order; the first one stands
};

/// "", nan, NA, None, null: a table's words for no value.
bool is_missing_cell(std::string_view cell);

inline constexpr std::array<std::string_view, 2> kCrystalIdColumns = {"material_id", "id"};

/// The id is the first there is of the columns `id_columns`, or else the first column. Blanks around names
/// and ids do not count; both are valid UTF-8, as the crystals' ids are. A column is numeric if each of its
/// cells is a number or missing
/// ("", nan, NA, None, null) and one at least a number. Raises InputError naming the line: a row of another
/// length, a row without an id, a column named twice, no numeric column.
TargetTable read_targets(const std::filesystem::path& path,
                         std::span<const std::string_view> id_columns = kCrystalIdColumns);

}  // namespace tessera::crystal
