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
