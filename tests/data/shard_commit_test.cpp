// SPDX-License-Identifier: Apache-2.0
#include "data/shard_commit.hpp"

#include <gmock/gmock.h>

#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/made_dataset.hpp"

namespace tessera::data {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).string()] = core::read_file(entry.path());
  return files;
}

TEST(Dataset, HasTheSameBytesInWhateverOrderItsShardsAreMade) {
  TemporaryFolder once, again;
  make_dataset(once.path(), 3, 4);
  begin_dataset(again.path(), kMadeSettings, false);
  for (int shard : {2, 0, 1}) commit_made_shard(again.path(), shard, 4);

  EXPECT_THAT(make_dataset(again.path(), 3, 4), IsEmpty());

  EXPECT_EQ(contents(once.path()), contents(again.path()));
  EXPECT_EQ(contents(once.path()).count("shard-00002.h5"), 1u);
}

TEST(Dataset, MakesOnlyWhatAKilledPreparationLacks) {
  TemporaryFolder whole, folder;
  make_dataset(whole.path(), 4, 3);
  begin_dataset(folder.path(), kMadeSettings, false);
  commit_made_shard(folder.path(), 0, 3);
  commit_made_shard(folder.path(), 2, 3);
  write_text(folder / ".shard-00001.h5.4711.tmp", "half a shard");
  write_text(folder / "shard-00003.h5", "a shard whose commit record was not written");

  EXPECT_THAT(make_dataset(folder.path(), 4, 3), ElementsAre(1, 3));

  EXPECT_EQ(contents(whole.path()), contents(folder.path()));
}

TEST(Dataset, MakesADamagedShardAgainAndNoOther) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 3, 3);
  const auto before = contents(folder.path());
  const auto damage = [&](const std::string& file, auto change) {
    auto bytes = before.at(file);
    change(bytes);
    write_text(folder / file, bytes);
    const auto made = make_dataset(folder.path(), 3, 3);
    EXPECT_EQ(contents(folder.path()), before) << file;
    return made;
  };

  EXPECT_THAT(damage("shard-00001.h5", [](auto& bytes) { bytes[700] ^= 4; }), ElementsAre(1));
  EXPECT_THAT(damage("shard-00002.h5", [](auto& bytes) { bytes.resize(bytes.size() / 2); }), ElementsAre(2));
  EXPECT_THAT(damage(".commits/shard-00000.json", [](auto& bytes) { bytes[30] ^= 1; }), ElementsAre(0));
  EXPECT_THAT(damage("manifest.json", [](auto& bytes) { bytes[90] ^= 1; }), IsEmpty());
  EXPECT_THAT(damage("records.csv", [](auto& bytes) { bytes.clear(); }), IsEmpty());
}

TEST(Dataset, MakesAShardAgainWhoseInputsChanged) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 2, 3);
  auto key = made_key(1);
  EXPECT_TRUE(find_commit(folder.path(), key));
  key.inputs += " and one more";
  EXPECT_FALSE(find_commit(folder.path(), key));
}

TEST(Dataset, KeepsRowsAndQuarantineInTheCommitRecord) {
  TemporaryFolder folder;
  begin_dataset(folder.path(), kMadeSettings, false);
  const auto written = commit_made_shard(folder.path(), 0, 5);

  const auto found = find_commit(folder.path(), made_key(0));

  ASSERT_TRUE(found);
  EXPECT_EQ(found->entry.first_id, "mp-1000");
  EXPECT_EQ(found->entry.last_id, "mp-1004");
  EXPECT_EQ(found->quarantined, written.quarantined);
  EXPECT_EQ(records_csv(found->rows, made_schema()), records_csv(written.rows, made_schema()));
}

TEST(Dataset, KeepsBytesThatAreNoTextFromEndingIt) {
  TemporaryFolder folder;
  begin_dataset(folder.path(), kMadeSettings, false);
  auto records = made_records(1);
  records[0].id = "caf\xE9";
  commit_shard(folder.path(), made_key(0), encoded(records, made_schema(), 0),
               {{"\xC5", "\xC5.cif", 1, "got '\xC5'"}});

  const auto found = find_commit(folder.path(), made_key(0));

  ASSERT_TRUE(found);
  EXPECT_EQ(found->rows[0].id, "caf\xEF\xBF\xBD");
  EXPECT_EQ(found->quarantined[0].reason, "got '\xEF\xBF\xBD'");
}

TEST(Dataset, WritesNothingThatIsNotAccepted) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 1, 3);
  const auto before = contents(folder.path());
  const auto never = [](const auto&) { throw core::InputError("not accepted"); };
  const std::vector<ShardCommit> commits{*find_commit(folder.path(), made_key(0))};

  EXPECT_THROW(
      commit_shard(folder.path(), made_key(0), encoded(made_records(2), made_schema(), 0), {}, never),
      core::InputError);
  EXPECT_THROW(finish_dataset(folder.path(), kMadeSettings, made_schema(), commits, {}, never),
               core::InputError);

  EXPECT_EQ(contents(folder.path()), before);
}

TEST(Dataset, TellsWhatAShardWasWhateverItsInputsAreNow) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 1, 3);
  write_text(folder / "shard-00000.h5", "damaged");

  const auto commit = read_commit(folder.path(), 0);

  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->entry.sha256, read_manifest(folder.path()).shards[0].sha256);
  EXPECT_FALSE(read_commit(folder.path(), 1));
}

TEST(Dataset, RefusesOtherSettingsUnlessToldTo) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 2, 3);
  const std::string other = R"({"cell": "primitive", "mesh": "deepcrystet"})";

  EXPECT_THAT(message_of<core::InputError>([&] { begin_dataset(folder.path(), other, false); }),
              AllOf(HasSubstr("cell: \"refined\" there, \"primitive\" now"), HasSubstr("--fresh")));
  EXPECT_TRUE(fs::exists(folder / "manifest.json"));

  begin_dataset(folder.path(), other, true);
  EXPECT_FALSE(fs::exists(folder / "manifest.json"));
  EXPECT_FALSE(fs::exists(folder / "shard-00001.h5"));
}

TEST(Dataset, RefusesOtherSettingsWhereAnUnfinishedOneStands) {
  TemporaryFolder folder;
  begin_dataset(folder.path(), kMadeSettings, false);
  EXPECT_THROW(begin_dataset(folder.path(), R"({"cell": "given"})", false), core::InputError);
  EXPECT_NO_THROW(begin_dataset(folder.path(), R"({"cell": "refined", "mesh": "deepcrystet"})", false));
}

TEST(Dataset, RemovesShardsBeyondItsEnd) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 3, 2);
  make_dataset(folder.path(), 2, 2);
  EXPECT_FALSE(fs::exists(folder / "shard-00002.h5"));
  EXPECT_EQ(read_manifest(folder.path()).num_records, 4);
}

TEST(Dataset, RefusesAnIdThatComesTwice) {
  TemporaryFolder folder;
  begin_dataset(folder.path(), kMadeSettings, false);
  const auto commit = commit_made_shard(folder.path(), 0, 2);
  const std::vector<ShardCommit> twice{commit, commit};
  EXPECT_THAT(message_of<core::DataError>(
                  [&] { finish_dataset(folder.path(), kMadeSettings, made_schema(), twice, {}); }),
              HasSubstr("mp-1000 comes twice"));
}

TEST(Manifest, GivesBackWhatWasWritten) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 2, 3);

  const auto manifest = read_manifest(folder.path());

  EXPECT_EQ(manifest.num_records, 6);
  EXPECT_EQ(manifest.num_quarantined, 3);
  EXPECT_EQ(canonical_settings(manifest.settings), R"({"cell":"refined","mesh":"deepcrystet"})");
  EXPECT_EQ(manifest.schema.targets, made_schema().targets);
  EXPECT_EQ(manifest.schema.graph->num_neighbors, 12);
  EXPECT_EQ(manifest.schema.mesh, "deepcrystet");
  ASSERT_EQ(manifest.shards.size(), 2u);
  EXPECT_EQ(manifest.shards[1].file, "shard-00001.h5");
  EXPECT_EQ(manifest.shards[1].first_id, "mp-1003");
  EXPECT_EQ(manifest.shards[1].bytes, static_cast<std::int64_t>(fs::file_size(folder / "shard-00001.h5")));
}

TEST(Manifest, IsNotReplacedWhereTheDiskRefuses) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 1, 2);
  const auto manifest = read_manifest(folder.path());
  EXPECT_THAT(message_of<core::DataError>([&] { write_manifest(folder / "none", manifest); }),
              HasSubstr("none"));
}

}  // namespace
}  // namespace tessera::data
