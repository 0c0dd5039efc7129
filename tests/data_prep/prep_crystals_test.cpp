// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(PrepCrystals, SaysInItsFinalLineWhatItDid) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 10);

  const auto result = expect_success(prep_command(folder.path(), folder / "dataset"));

  EXPECT_EQ(value_of(result.out, "records"), "10");
  EXPECT_EQ(value_of(result.out, "quarantined"), "0");
  EXPECT_EQ(value_of(result.out, "shards"), "3");
  EXPECT_GT(core::parse_number(value_of(result.out, "records_per_second")).value_or(0), 0);
  EXPECT_THAT(result.err, HasSubstr("busy: rank 0"));
}

TEST(PrepCrystals, ListsEachRecordWithItsSizesAndTargets) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 6);

  expect_success(prep_command(folder.path(), folder / "dataset"));

  const auto table = core::read_csv(folder / "dataset/records.csv");
  EXPECT_EQ(core::join(table.header, ","),
            "record,id,shard,row,atoms,faces,edges,space_group,density_kg_m3,crystal_system");
  ASSERT_EQ(table.rows.size(), 6u);
  EXPECT_EQ(table.rows[4].fields[1], "made-004");
  EXPECT_EQ(table.rows[4].fields[2], "1");  // shard
  EXPECT_EQ(table.rows[4].fields[3], "0");  // its first row
  // made-000 is rock salt, made-001 caesium chloride, made-002 triclinic.
  const std::string sizes[] = {"8", "2", "3"}, groups[] = {"225", "221", "1"}, systems[] = {"7", "7", "1"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table.rows[i].fields[4], sizes[i]);
    EXPECT_EQ(table.rows[i].fields[6], std::to_string(12 * std::stoi(sizes[i])));
    EXPECT_EQ(table.rows[i].fields[7], groups[i]);
    EXPECT_EQ(table.rows[i].fields[8], std::to_string(1000 + i));
    EXPECT_EQ(table.rows[i].fields[9], systems[i]);
  }
  EXPECT_EQ(table.rows[1].fields[5], "336");  // faces of the CsCl mesh, whatever its length
}

TEST(PrepCrystals, GivesTheSameBytesForAnyNumberOfRanks) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 14);
  core::write_file_atomically(folder / "cifs/broken.cif", "data_x\n_cell_length_a 1\n");

  expect_success(prep_command(folder.path(), folder / "alone"));
  const auto alone = hashes_of(folder / "alone");
  for (const int ranks : {1, 2, 3}) {
    const auto out = folder / ("ranks" + std::to_string(ranks));
    const auto result = expect_success(under_mpirun(ranks, prep_command(folder.path(), out)));
    EXPECT_EQ(hashes_of(out), alone) << ranks << " ranks";
    EXPECT_THAT(result.err, HasSubstr("rank " + std::to_string(ranks - 1)));
  }
  EXPECT_EQ(alone.count("shard-00003.h5"), 1u);
}

TEST(PrepCrystals, KilledAtAnyMomentMakesOnlyWhatIsMissing) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 40);
  const auto reference = folder / "reference", out = folder / "killed";
  expect_success(prep_command(folder.path(), reference));

  for (const int at : {1, 4, 8}) {
    const auto commits = (out / ".commits").string();
    // On a busy machine the kill may come after the end: then it says nothing, and is tried again.
    for (int attempt = 0; attempt < 10; ++attempt) {
      fs::remove_all(out);
      run_program(prep_command(folder.path(), out, "--quiet") + " & worker=$!; until [ $(ls " + commits +
                  "/shard-*.json 2>/dev/null | wc -l) -ge " + std::to_string(at) +
                  " ]; do sleep 0.002; done; kill -9 $worker; wait $worker");
      if (!fs::exists(out / "manifest.json")) break;
    }
    ASSERT_FALSE(fs::exists(out / "manifest.json"));
    long stood = 0;
    for (const auto& entry : fs::directory_iterator(commits))
      stood += entry.path().string().ends_with(".json");
    --stood;  // settings.json
    const auto result = expect_success(prep_command(folder.path(), out));
    EXPECT_THAT(result.err, HasSubstr(std::to_string(10 - stood) + " of 10 shards made"));
    EXPECT_EQ(hashes_of(out), hashes_of(reference));
  }
}

TEST(PrepCrystals, StartedAgainMakesNothing) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 6);
  expect_success(prep_command(folder.path(), folder / "dataset"));
  const auto before = hashes_of(folder / "dataset");

  const auto result = expect_success(prep_command(folder.path(), folder / "dataset"));

  EXPECT_THAT(result.err, HasSubstr("0 of 2 shards made"));
  EXPECT_EQ(hashes_of(folder / "dataset"), before);
}

TEST(PrepCrystals, MakesTheShardOfAChangedFileAgain) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 8);
  expect_success(prep_command(folder.path(), folder / "dataset"));

  core::write_file_atomically(folder / "cifs/made-001.cif", crystal::write_cif(made_crystal(30), "other"));
  const auto result = expect_success(prep_command(folder.path(), folder / "dataset"));

  EXPECT_THAT(result.err, HasSubstr("1 of 2 shards made"));
}

TEST(PrepCrystals, RefusesOtherSettingsInTheSameFolderUnlessFresh) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 3);
  expect_success(prep_command(folder.path(), folder / "dataset"));

  const auto refused = run_program(prep_command(folder.path(), folder / "dataset", "--cell primitive"));
  const auto replaced =
      run_program(prep_command(folder.path(), folder / "dataset", "--cell primitive --fresh"));

  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("cell: \"refined\" there, \"primitive\" now"));
  EXPECT_THAT(refused.err, HasSubstr("--fresh"));
  EXPECT_EQ(replaced.exit_code, 0) << replaced.err;
}

TEST(PrepCrystals, TurnsTheMeshButNotTheGraph) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 3);
  expect_success(prep_command(folder.path(), folder / "plain", "--features graph"));
  expect_success(prep_command(folder.path(), folder / "turned", "--features graph --rotate 7"));
  expect_success(prep_command(folder.path(), folder / "plain-mesh", "--features mesh"));
  expect_success(prep_command(folder.path(), folder / "turned-mesh", "--features mesh --rotate 7"));

  EXPECT_EQ(core::sha256_of_file(folder / "plain/shard-00000.h5"),
            core::sha256_of_file(folder / "turned/shard-00000.h5"));
  EXPECT_NE(core::sha256_of_file(folder / "plain-mesh/shard-00000.h5"),
            core::sha256_of_file(folder / "turned-mesh/shard-00000.h5"));
}

TEST(PrepCrystals, KeepsASpaceGroupThatCameWithTheCrystalsUnderAnotherName) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 2);
  core::write_file_atomically(folder / "targets.csv", "id,space_group\nmade-000,225\nmade-001,221\n");

  expect_success(prep_command(folder.path(), folder / "dataset"));

  const auto table = core::read_csv(folder / "dataset/records.csv");
  const auto given = table.column("space_group_given");
  ASSERT_TRUE(given);
  EXPECT_EQ(table.rows[1].fields[*given], "221");
}

TEST(PrepCrystals, RenamesTargetsThatAreColumnsOfItsTable) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 1);
  core::write_file_atomically(folder / "targets.csv",
                              "material_id, id ,row,atoms, gap \nmade-000,7,8,9,1.5\n");

  expect_success(prep_command(folder.path(), folder / "dataset"));

  EXPECT_EQ(
      core::join(core::read_csv(folder / "dataset/records.csv").header, ","),
      "record,id,shard,row,atoms,faces,edges,space_group,id_given,row_given,atoms_given,gap,crystal_system");
}

TEST(PrepCrystals, TakesAFolderWithASlashBehindItForTheSame) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 2);
  const auto command = [&](const std::string& input) {
    return program_path("tessera-prep-crystals") + " --input " + input + " --out " +
           (folder / "dataset").string();
  };
  expect_success(command((folder / "cifs").string()));

  const auto again = expect_success(command((folder / "cifs").string() + "/"));

  EXPECT_THAT(again.err, HasSubstr("0 of 1 shards made"));
}

TEST(PrepCrystals, DoesNotClaimAFolderForWhatItRefuses) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 2);
  core::write_file_atomically(folder / "bad.csv", "id,a/b\nmade-000,1\nmade-001,2\n");

  const auto refused =
      run_program(program_path("tessera-prep-crystals") + " --input " + (folder / "cifs").string() +
                  " --targets " + (folder / "bad.csv").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("a/b"));
  EXPECT_FALSE(fs::exists(folder / "dataset"));
  expect_success(prep_command(folder.path(), folder / "dataset"));
}

TEST(PrepCrystals, MakesThePeriodicMeshWhateverTheRanks) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 6);

  expect_success(prep_command(folder.path(), folder / "one", "--mesh periodic"));
  for (const int ranks : {2, 3}) {
    const auto other = folder / std::to_string(ranks);
    expect_success(under_mpirun(ranks, prep_command(folder.path(), other, "--mesh periodic")));
    EXPECT_EQ(hashes_of(other), hashes_of(folder / "one"));
  }
  const auto table = core::read_csv(folder / "one/records.csv");
  const auto faces = *table.column("faces");
  EXPECT_EQ(table.rows[0].fields[faces], "24");  // rock salt: 6 squares, four triangles each
  EXPECT_EQ(table.rows[1].fields[faces], "24");  // caesium chloride: 12 tetrahedra

  expect_success(prep_command(folder.path(), folder / "refined", "--mesh periodic --cell refined"));
  EXPECT_EQ(core::read_csv(folder / "refined/records.csv").rows[0].fields[faces], "96");
}

TEST(PrepCrystals, RefusesAnUnknownFeatureNamingTheNearest) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 1);

  const auto result = run_program(prep_command(folder.path(), folder / "dataset", "--features mesh,grap"));

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("got \"grap\"; did you mean \"graph\"?"));
  EXPECT_FALSE(fs::exists(folder / "dataset"));
}

TEST(PrepCrystals, LeavesShardsThatH5pyOpens) {
  if (run_program("/usr/bin/python3 -c 'import h5py'").exit_code != 0)
    GTEST_SKIP() << "python3-h5py is not installed";
  const TemporaryFolder folder;
  write_crystals(folder.path(), 3);
  expect_success(prep_command(folder.path(), folder / "dataset"));
  core::write_file_atomically(folder / "read.py", R"(
import h5py, sys
shard = h5py.File(sys.argv[1], "r")
print([name.decode() for name in shard["id"]], shard["targets/density_kg_m3"][2], shard["targets/density_kg_m3"].attrs["unit"])
print("faces", shard["mesh/face_vertex"].shape[0], "edges", shard["graph/neighbor"].size, "atoms", shard["atoms/element"].shape[0])
)");

  const auto result = expect_success("/usr/bin/python3 " + (folder / "read.py").string() + " " +
                                     (folder / "dataset/shard-00000.h5").string());

  EXPECT_THAT(result.out, HasSubstr("['made-000', 'made-001', 'made-002'] 1002.0"));
  EXPECT_THAT(result.out, HasSubstr("edges 156 atoms 13"));
}

TEST(PrepCrystals, NamesTheFolderItCannotMake) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 1);
  core::write_file_atomically(folder / "file", "in the way");

  const auto result = run_program(under_mpirun(2, prep_command(folder.path(), folder / "file/dataset")));

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("cannot make the folder " + (folder / "file/dataset").string()));
}

TEST(PrepCrystals, SaysWhichFileDidNotFitOnTheDiskAndGoesOnWhenThereIsRoom) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 40);
  const auto small = folder / "small";
  core::make_folder(small);
  if (::mount("none", small.c_str(), "tmpfs", 0, "size=200k") != 0)
    GTEST_SKIP() << "no tmpfs can be mounted here (root only)";

  const auto full = run_program(prep_command(folder.path(), small / "dataset"));
  const auto remounted = ::mount("none", small.c_str(), "tmpfs", MS_REMOUNT, "size=20m");
  const auto again = run_program(prep_command(folder.path(), small / "dataset"));
  expect_success(prep_command(folder.path(), folder / "reference"));
  const auto hashes = hashes_of(small / "dataset");
  ::umount(small.c_str());

  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  EXPECT_THAT(full.err, HasSubstr("shard-0000"));
  EXPECT_EQ(remounted, 0);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, Not(HasSubstr("10 of 10 shards made")));
  EXPECT_EQ(hashes, hashes_of(folder / "reference"));
}

TEST(PrepCrystals, TakesRealCrystalsOutOfAnArchive) {
  const char* given = std::getenv("TESSERA_SHARED_DATA");
  const char* source = std::getenv("TESSERA_SOURCE");
  const fs::path data = given ? fs::path(given) : fs::path(source ? source : ".") / "../shared/data";
  const auto archive = data / "crystals/mp_elasticity/cifs.tar.xz";
  if (!fs::exists(archive)) GTEST_SKIP() << archive << " is not there: set TESSERA_SHARED_DATA";
  const TemporaryFolder folder;
  // The whole takes too long here: every 50th row of the targets decides which are prepared.
  const auto all = core::read_csv(data / "crystals/mp_elasticity/targets.csv");
  std::string some = core::csv_line(all.header);
  for (std::size_t i = 0; i < all.rows.size(); i += 50) some += core::csv_line(all.rows[i].fields);
  core::write_file_atomically(folder / "targets.csv", some);

  const auto result =
      expect_success(program_path("tessera-prep-crystals") + " --input " + archive.string() + " --targets " +
                     (folder / "targets.csv").string() + " --out " + (folder / "dataset").string());

  EXPECT_EQ(value_of(result.out, "records"), "51");
  const auto table = core::read_csv(folder / "dataset/records.csv");
  const auto found = *table.column("space_group"), published = *table.column("space_group_symprec_0.1");
  for (const auto& row : table.rows) EXPECT_EQ(row.fields[found], row.fields[published]) << row.fields[1];
}

}  // namespace
}  // namespace tessera::test
