// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string verify_command(const fs::path& path, const std::string& more = "") {
  return program_path("tessera-verify") + " " + path.string() + " " + more;
}

// A dataset of three shards beside its sources.
void prepare(const TemporaryFolder& folder) {
  write_crystals(folder.path(), 10);
  expect_success(prep_command(folder.path(), folder / "dataset"));
}

TEST(Verify, PassesAWholeDataset) {
  const TemporaryFolder folder;
  prepare(folder);

  const auto result = expect_success(under_mpirun(2, verify_command(folder / "dataset")));

  EXPECT_EQ(value_of(result.out, "checked"), "6");  // three shards, two tables, the manifest
  EXPECT_EQ(value_of(result.out, "damaged"), "0");
}

TEST(Verify, NamesACutShardAndRepairsItAlone) {
  const TemporaryFolder folder;
  prepare(folder);
  const auto shard = folder / "dataset/shard-00001.h5";
  const auto before = hashes_of(folder / "dataset");
  const auto untouched = fs::last_write_time(folder / "dataset/shard-00000.h5");
  fs::resize_file(shard, fs::file_size(shard) / 2);

  const auto found = run_program(verify_command(folder / "dataset"));
  const auto repaired = run_program(under_mpirun(2, verify_command(folder / "dataset", "--repair")));

  EXPECT_EQ(found.exit_code, 1);
  EXPECT_EQ(value_of(found.out, "damaged"), "1");
  EXPECT_THAT(found.err, HasSubstr(shard.string()));
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(value_of(repaired.out, "repaired"), "1");
  EXPECT_THAT(repaired.err, HasSubstr("1 of 3 shards made again"));
  EXPECT_EQ(hashes_of(folder / "dataset"), before);
  EXPECT_EQ(fs::last_write_time(folder / "dataset/shard-00000.h5"), untouched);
}

TEST(Verify, RepairsEachOtherFileToo) {
  const TemporaryFolder folder;
  prepare(folder);
  const auto before = hashes_of(folder / "dataset");

  for (const std::string file : {"records.csv", "quarantine.csv", "manifest.json"}) {
    auto text = text_of(folder / "dataset" / file);
    text[text.size() / 2] ^= 1;
    core::write_file_atomically(folder / "dataset" / file, text);
    const auto found = run_program(verify_command(folder / "dataset"));
    EXPECT_EQ(found.exit_code, 1) << file;
    EXPECT_THAT(found.err, HasSubstr(file));
    expect_success(verify_command(folder / "dataset", "--repair"));
    EXPECT_EQ(hashes_of(folder / "dataset"), before) << file;
  }
}

TEST(Verify, GivesBackTheSameOrNothingWhereTheSourcesChanged) {
  const TemporaryFolder folder;
  prepare(folder);
  const auto dataset = folder / "dataset";
  const auto source = folder / "cifs/made-006.cif";  // of the second shard
  const auto as_it_was = core::read_file(source);
  const auto damage = [&](const std::string& file) {
    auto text = text_of(dataset / file);
    text[text.size() / 2] ^= 1;
    core::write_file_atomically(dataset / file, text);
  };
  const auto before = hashes_of(dataset);
  core::write_file_atomically(source, crystal::write_cif(made_crystal(30), "other"));

  for (const std::string file : {"records.csv", "shard-00000.h5", "shard-00001.h5", "manifest.json"}) {
    damage(file);
    const auto damaged = hashes_of(dataset);
    const auto result = run_program(under_mpirun(2, verify_command(dataset, "--repair")));
    EXPECT_EQ(result.exit_code, 2) << file;
    EXPECT_THAT(result.err, HasSubstr("the sources changed since")) << file;
    EXPECT_THAT(result.err, HasSubstr("shard-00001.h5")) << file;
    auto left = hashes_of(dataset);
    if (file == "shard-00000.h5") left[file] = damaged.at(file);  // what did not change may be mended
    EXPECT_EQ(left, damaged) << file;

    core::write_file_atomically(source, as_it_was);
    expect_success(verify_command(dataset, "--repair"));
    EXPECT_EQ(hashes_of(dataset), before) << file;
    core::write_file_atomically(source, crystal::write_cif(made_crystal(30), "other"));
  }
}

TEST(Verify, DoesNotTakeInCrystalsThatCameSince) {
  const TemporaryFolder folder;
  prepare(folder);
  write_crystals(folder.path(), 14);  // one shard more
  core::write_file_atomically(folder / "dataset/records.csv", "");
  const auto damaged = hashes_of(folder / "dataset");

  const auto result = run_program(verify_command(folder / "dataset", "--repair"));

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("has 3 shards, 4 would be made"));
  EXPECT_EQ(hashes_of(folder / "dataset"), damaged);
}

TEST(Verify, TakesAMissingManifestForDamage) {
  const TemporaryFolder folder;
  prepare(folder);
  const auto before = hashes_of(folder / "dataset");
  fs::remove(folder / "dataset/manifest.json");

  const auto found = run_program(under_mpirun(2, verify_command(folder / "dataset")));
  expect_success(verify_command(folder / "dataset", "--repair"));

  EXPECT_EQ(found.exit_code, 1);
  EXPECT_THAT(found.err, HasSubstr((folder / "dataset/manifest.json").string() + " is missing"));
  EXPECT_EQ(hashes_of(folder / "dataset"), before);
}

TEST(Verify, SaysWhenTheSourcesOfARepairAreGone) {
  const TemporaryFolder folder;
  prepare(folder);
  fs::remove(folder / "dataset/shard-00002.h5");
  fs::rename(folder / "cifs", folder / "elsewhere");

  const auto result = run_program(verify_command(folder / "dataset", "--repair"));

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr((folder / "cifs").string() + ", which is gone"));
}

TEST(Verify, RefusesAFolderThatIsNoDataset) {
  const TemporaryFolder folder;

  const auto result = run_program(verify_command(folder.path()));

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("manifest.json"));
}

}  // namespace
}  // namespace tessera::test
