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

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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
    {"latin-1", cif("_cell_length_a '4 \xC5'\n_cell_length_b 4\n_cell_length_c 4\n", "Fe Fe1 0 0 0 1\n"),
     "got '4 \xEF\xBF\xBD'"},
    {"two-crystals",
     cif(kCube, "Fe Fe1 0 0 0 1\n") + "data_other\n_atom_site_fract_x 0.5\n_atom_site_fract_y 0.5\n",
     "must hold one crystal"},
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

TEST(BadInput, NeedNotBeNamedInUtf8) {
  const TemporaryFolder folder;
  core::make_folder(folder / "in");
  core::write_file_atomically(folder / "in/caf\xE9.cif", crystal::write_cif(made_crystal(1), "x"));
  core::write_file_atomically(folder / "in/th\xE9.vasp",
                              "x\n1\n4 0 \xC5\n0 4 0\n0 0 4\nSi\n1\nDirect\n0 0 0\n");
  core::write_file_atomically(folder / "targets.csv",
                              "id,gr\xF6\xDF"
                              "e\ncaf\xE9,1\nth\xE9,2\n");

  const auto result = expect_success(
      program_path("tessera-prep-crystals") + " --input " + (folder / "in").string() + " --targets " +
      (folder / "targets.csv").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(value_of(result.out, "records"), "1");
  const auto records = core::read_csv(folder / "dataset/records.csv");
  EXPECT_EQ(records.rows[0].fields[1], "caf\xEF\xBF\xBD");
  EXPECT_EQ(records.rows[0].fields[*records.column("gr\xEF\xBF\xBD\xEF\xBF\xBD"
                                                   "e")],
            "1");
  const auto table = core::read_csv(folder / "dataset/quarantine.csv");
  EXPECT_EQ(table.rows[0].fields[0], "th\xEF\xBF\xBD");
}

// What a folder of one good crystal and `files` gives, without targets.
ProgramResult prepare_with(const TemporaryFolder& folder,
                           const std::vector<std::pair<std::string, std::string>>& files) {
  core::make_folder(folder / "in");
  core::write_file_atomically(folder / "in/good.cif", crystal::write_cif(made_crystal(1), "x"));
  for (const auto& [name, content] : files) core::write_file_atomically(folder / "in" / name, content);
  return run_program(program_path("tessera-prep-crystals") + " --input " + (folder / "in").string() +
                     " --out " + (folder / "dataset").string());
}

// "id|source|line|reason" of each row of the quarantine.
std::vector<std::string> quarantine_of(const TemporaryFolder& folder) {
  std::vector<std::string> rows;
  for (const auto& row : core::read_csv(folder / "dataset/quarantine.csv").rows)
    rows.push_back(core::join(row.fields, "|"));
  return rows;
}

TEST(BadInput, OneBrokenFileInAFolderDoesNotStopTheOthers) {
  const TemporaryFolder folder;
  core::make_folder(folder / "in");
  std::filesystem::create_symlink("nowhere", folder / "in/gone.json");
  std::filesystem::create_symlink("nowhere", folder / "in/lost.cif");

  const auto result =
      prepare_with(folder, {{"cut.cif.gz", std::string("\x1F\x8B\x08\0\0\0\0\0\0\x03\xFF\xFF", 12)},
                            {"hollow.json.gz", ""},
                            {"void.json", ""}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(value_of(result.out, "records"), "1");
  EXPECT_THAT(quarantine_of(folder),
              ElementsAre(AllOf(StartsWith("cut|in/cut.cif.gz||"), HasSubstr("cannot be read")),
                          AllOf(StartsWith("gone|in/gone.json||"), HasSubstr("No such file")),
                          AllOf(StartsWith("hollow|in/hollow.json.gz||"), HasSubstr("is empty")),
                          AllOf(StartsWith("lost|in/lost.cif||"), HasSubstr("No such file")),
                          AllOf(StartsWith("void|in/void.json||"), HasSubstr("is empty"))));
}

TEST(BadInput, NestedDeeperThanAnyStackIsQuarantined) {
  const TemporaryFolder folder;
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');

  const auto result = prepare_with(
      folder,
      {{"deep.json", R"({"lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]]}, "sites": [{"species": [{"element":
                "Cu"}], "abc": )" +
                         deep + "}]}"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(quarantine_of(folder), ElementsAre(AllOf(StartsWith("deep|"), HasSubstr("at most 64 deep"))));
}

TEST(BadInput, WithNothingUsableIsSaidPlainly) {
  const TemporaryFolder folder;
  core::make_folder(folder / "in");
  core::write_file_atomically(folder / "in/a.cif", "nothing");

  const auto result = expect_success(program_path("tessera-prep-crystals") + " --input " +
                                     (folder / "in").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(value_of(result.out, "records"), "0");
  EXPECT_THAT(result.err, HasSubstr("no crystal could be used: all 1 inputs were left out"));
}

TEST(BadInput, OfACgcnnFolderWithoutATargetIsQuarantinedByItsLine) {
  const TemporaryFolder folder;
  std::vector<std::pair<std::string, std::string>> files = {
      {"id_prop.csv", "good,1\nm1,nan\nm2,abc\nm3,\nm5,2\nm6\n"}, {"atom_init.json", "{}"}};
  for (const auto* name : {"m1.cif", "m2.cif", "m3.CIF", "m4.CIF", "m5.CIF", "m6.cif"})
    files.emplace_back(name, crystal::write_cif(made_crystal(4), "x"));

  const auto result = prepare_with(folder, files);

  EXPECT_EQ(value_of(result.out, "records"), "2") << result.err;
  EXPECT_THAT(quarantine_of(folder),
              ElementsAre(StartsWith("m1|in/id_prop.csv|2|target missing"),
                          StartsWith("m2|in/id_prop.csv|3|the target must be a number, got 'abc'"),
                          StartsWith("m3|in/id_prop.csv|4|target missing"),
                          StartsWith("m4|in/m4.CIF||the crystal must have a row"),
                          StartsWith("m6|in/id_prop.csv|6|target missing")));
}

TEST(BadInput, OfJsonWithoutATargetIsQuarantinedAndItsNeighboursStand) {
  const TemporaryFolder folder;
  const auto document = [](const std::string& id, const std::string& gap) {
    return R"({"material_id": ")" + id + R"(", "gap": )" + gap +
           R"(, "structure": {"lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]]}, "sites": [{"species": [{"element":
                "Cu"}], "abc": [0,0,0]}]}})";
  };

  const auto result =
      prepare_with(folder, {{"mp.json", "[" + document("a", "1") + ", null, " + document("b", "NaN") + "]"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(value_of(result.out, "records"), "2") << "the good one, and good.cif, whose input has no targets";
  EXPECT_THAT(quarantine_of(folder),
              ElementsAre(AllOf(StartsWith("1|in/mp.json:[1]||"), HasSubstr("got null")),
                          StartsWith("b|in/mp.json:[2]||target missing")));
}

TEST(BadInput, OfTheUsersOwnNamingIsWrongInput) {
  const TemporaryFolder folder;
  core::write_file_atomically(folder / "cut.json", "{\"a\": ");

  const auto result = run_program(program_path("tessera-prep-crystals") + " --input " +
                                  (folder / "cut.json").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("cut.json:1: "));
}

TEST(BadInput, IsFoundByStrictInADatasetThatStandsAlready) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 6);
  core::write_file_atomically(folder / "cifs/made-005.cif", "nothing");
  expect_success(prep_command(folder.path(), folder / "dataset"));

  const auto result =
      run_program(under_mpirun(2, prep_command(folder.path(), folder / "dataset", "--strict")));

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("made-005.cif:1: "), HasSubstr("Without --strict")));
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
