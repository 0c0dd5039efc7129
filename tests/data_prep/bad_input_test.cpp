// SPDX-License-Identifier: Apache-2.0
// Every row of bad input that concerns crystals: where it is listed, with which reason, and that the rest is
// prepared.
#include <gmock/gmock.h>

#include <algorithm>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

using ::testing::HasSubstr;

std::string cif(const std::string& cell, const std::string& sites) {
  return "data_bad\n" + cell +
         "_symmetry_space_group_name_H-M 'P 1'\n"
         "loop_\n_atom_site_type_symbol\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n"
         "_atom_site_fract_z\n_atom_site_occupancy\n" +
         sites;
}

const std::string kCube =
    "_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n"
    "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n";
const std::string kFlat =
    "_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n"
    "_cell_angle_alpha 30\n_cell_angle_beta 30\n_cell_angle_gamma 90\n";

struct BadCrystal {
  std::string name;
  std::string text;
  std::string reason;  // a part of what quarantine.csv must say
};

const BadCrystal kBadCrystals[] = {
    {"unreadable", "this is no CIF at all {", "CIF"},
    {"no-atoms", "data_x\n" + kCube, "atom"},
    {"unknown-element", cif(kCube, "Qq Qq1 0 0 0 1\n"), "Qq"},
    {"overlapping", cif(kCube, "Fe Fe1 0 0 0 1\nNi Ni1 0.05 0 0 1\n"), "apart"},
    {"zero-volume", cif(kFlat, "Fe Fe1 0 0 0 1\n"), "volume"},
    {"disordered", cif(kCube, "Fe Fe1 0 0 0 0.5\nNi Ni1 0 0 0 0.5\n"), "occupancy"},
    {"no-features", cif(kCube, "Lr Lr1 0 0 0 1\n"), "beyond Fm"},
    {"empty", "", "data"},
};

TEST(BadInput, GoesToTheQuarantineEachWithItsReasonAndTheRestIsPrepared) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 2);
  for (const auto& bad : kBadCrystals)
    core::write_file_atomically(folder / "cifs" / (bad.name + ".cif"), bad.text);

  const auto result = expect_success(program_path("tessera-prep-crystals") + " --input " +
                                     (folder / "cifs").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(value_of(result.out, "records"), "2");
  EXPECT_EQ(value_of(result.out, "quarantined"), std::to_string(std::size(kBadCrystals)));
  EXPECT_THAT(result.err, HasSubstr("inputs were left out: see"));
  const auto table = core::read_csv(folder / "dataset/quarantine.csv");
  EXPECT_EQ(core::join(table.header, ","), "id,source,line,reason");
  for (const auto& bad : kBadCrystals) {
    const auto row = std::find_if(table.rows.begin(), table.rows.end(),
                                  [&](auto& it) { return it.fields[0] == bad.name; });
    ASSERT_NE(row, table.rows.end()) << bad.name;
    EXPECT_EQ(row->fields[1], "cifs/" + bad.name + ".cif");
    EXPECT_THAT(row->fields[3], HasSubstr(bad.reason));
  }
}

TEST(BadInput, StopsAllRanksOfAStrictPreparation) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 12);
  core::write_file_atomically(folder / "cifs/made-005.cif", "nothing");

  const auto result =
      run_program(under_mpirun(3, prep_command(folder.path(), folder / "dataset", "--strict")));

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("made-005.cif"));
  EXPECT_THAT(result.err, HasSubstr("Without --strict"));
  EXPECT_FALSE(std::filesystem::exists(folder / "dataset/manifest.json"));
}

struct QuarantineLine {
  std::string id, source, line, reason;
};

// The only quarantined input of a preparation.
QuarantineLine only_quarantined(const TemporaryFolder& folder) {
  const auto result = expect_success(prep_command(folder.path(), folder / "dataset"));
  EXPECT_EQ(value_of(result.out, "quarantined"), "1") << result.err;
  const auto table = core::read_csv(folder / "dataset/quarantine.csv");
  if (table.rows.size() != 1) {
    ADD_FAILURE() << table.rows.size() << " rows in quarantine.csv";
    return {};
  }
  const auto& fields = table.rows[0].fields;
  return {fields[0], fields[1], fields[2], fields[3]};
}

TEST(BadInput, QuarantinesACrystalWithoutARowInTheTargets) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 3);
  core::write_file_atomically(folder / "targets.csv", "id,gap\nmade-000,1\nmade-002,3\n");

  const auto row = only_quarantined(folder);

  EXPECT_EQ(row.id, "made-001");
  EXPECT_EQ(row.source, "cifs/made-001.cif");
  EXPECT_EQ(row.reason, "target missing: targets.csv has no row for this id");
}

TEST(BadInput, QuarantinesACrystalWhoseOnlyTargetIsNanNamingTheLine) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 3);
  core::write_file_atomically(folder / "targets.csv", "id,gap\nmade-000,1\nmade-001,nan\nmade-002,3\n");

  const auto row = only_quarantined(folder);

  EXPECT_EQ(row.id, "made-001");
  EXPECT_EQ(row.source, "targets.csv");
  EXPECT_EQ(row.line, "3");
  EXPECT_THAT(row.reason, HasSubstr("target missing"));
}

TEST(BadInput, KeepsACrystalThatMissesOneOfItsTargets) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 2);
  core::write_file_atomically(folder / "targets.csv", "id,gap,bulk\nmade-000,1,\nmade-001,2,5\n");

  const auto result = expect_success(prep_command(folder.path(), folder / "dataset"));

  EXPECT_EQ(value_of(result.out, "quarantined"), "0");
  EXPECT_THAT(result.err, HasSubstr("1 single target values are missing"));
  const auto table = core::read_csv(folder / "dataset/records.csv");
  EXPECT_EQ(table.rows[0].fields[*table.column("bulk")], "");
}

TEST(BadInput, QuarantinesTheSecondCrystalOfAnId) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 3);
  core::make_folder(folder / "more");
  core::write_file_atomically(folder / "more/made-001.cif", crystal::write_cif(made_crystal(7), "x"));

  const auto result = expect_success(
      prep_command(folder.path(), folder / "dataset", "--input " + (folder / "more").string()));

  EXPECT_EQ(value_of(result.out, "records"), "3");
  const auto table = core::read_csv(folder / "dataset/quarantine.csv");
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].fields[0], "made-001");
  EXPECT_THAT(table.rows[0].fields[3], HasSubstr("duplicate id 'made-001': the first is"));
}

TEST(BadInput, ListsTheSecondRowOfAnIdInTheTargets) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 2);
  core::write_file_atomically(folder / "targets.csv", "id,gap\nmade-000,1\nmade-001,2\nmade-000,9\n");

  const auto row = only_quarantined(folder);

  EXPECT_EQ(row.id, "made-000");
  EXPECT_EQ(row.line, "4");
  EXPECT_THAT(row.reason, HasSubstr("duplicate id: the row on line 2 stands"));
}

TEST(BadInput, RefusesAMissingInputNamingIt) {
  const TemporaryFolder folder;

  const auto result = run_program(program_path("tessera-prep-crystals") + " --input " +
                                  (folder / "none").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr((folder / "none").string()));
}

}  // namespace
}  // namespace tessera::test
