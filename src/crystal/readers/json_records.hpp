// SPDX-License-Identifier: Apache-2.0
// The records of a JSON file of crystals, whichever of the usual layouts it has: a table as Matbench and
// matminer write it (index, columns, data), Materials Project documents (a list, or under "data"), one
// Structure dict. Structures are left as slices of the text; only ids and numbers are read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tessera::crystal {

enum class SourceFormat { Cif, Poscar, StructureJson, CifInJson, PoscarInJson };

struct JsonRecord {
  std::string id;
  std::string place;           // "data[17]"; "" for the only structure of a file
  std::string reason;          // not empty: the record cannot be read, and why
  std::string_view structure;  // its slice of the text
  SourceFormat format = SourceFormat::StructureJson;
  std::vector<double> numbers;  // by number_names, NaN where missing
};

struct JsonRecords {
  std::vector<std::string> number_names;  // columns that hold nothing but numbers and nulls
  std::vector<std::string> skipped;       // the other columns
  std::vector<JsonRecord> records;
};

/// The id is the column material_id, id, or else the table's index, the document's position, `stem` for a
/// single structure. The structure is the column with a Structure dict, else one with CIF texts, else POSCAR
/// texts. The slices view `text`. A document or row of another kind (null, a number) is a record with a
/// reason. Raises ReadError for JSON in none of the layouts, and for broken JSON.
JsonRecords list_json_records(std::string_view text, const std::string& source, const std::string& stem);

}  // namespace tessera::crystal
