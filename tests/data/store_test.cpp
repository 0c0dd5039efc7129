// SPDX-License-Identifier: Apache-2.0
#include "data/store.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/made_dataset.hpp"

namespace tessera::data {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(CrystalStore, GivesEveryRecordByItsNumber) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 4, 5);

  const CrystalStore store(folder.path());

  ASSERT_EQ(store.size(), 20);
  for (std::int64_t i = 0; i < store.size(); ++i) {
    const auto record = store.record(i);
    EXPECT_EQ(record->id, store.id(i));
    EXPECT_EQ(record->id, "mp-" + std::to_string(1000 + i));
    const auto& row = store.rows()[static_cast<std::size_t>(i)];
    EXPECT_EQ(row.atoms, static_cast<std::int64_t>(record->structure.num_atoms()));
    EXPECT_EQ(row.faces, static_cast<std::int64_t>(record->mesh->faces.size()));
    EXPECT_EQ(row.edges, 12 * row.atoms);
    EXPECT_EQ(row.targets[0], record->targets[0]);
  }
  EXPECT_EQ(store.num_loads(), 4);
}

TEST(CrystalStore, KeepsToItsMemoryBudget) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 3, 2);
  const CrystalStore store(folder.path(), 1);  // one shard at a time

  const auto held = store.record(0);
  store.record(1), store.record(2), store.record(4), store.record(0);

  EXPECT_EQ(store.num_loads(), 4);
  EXPECT_EQ(held->id, "mp-1000");  // outlives its shard's stay in the cache
}

TEST(CrystalStore, ServesSeveralThreads) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 4, 3);
  const CrystalStore store(folder.path(), 20000);
  int wrong = 0;
  const auto read_all = [&store](int* faults, std::int64_t step) {
    for (std::int64_t i = 0; i < 200; ++i)
      if (const auto n = i * step % 12; store.record(n)->id != store.id(n)) ++*faults;
  };

  int wrong_there = 0;
  std::thread prefetch(read_all, &wrong_there, 5);
  read_all(&wrong, 7);
  prefetch.join();

  EXPECT_EQ(wrong + wrong_there, 0);
}

TEST(CrystalStore, RefusesADamagedShardWhenItIsFirstUsed) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 2, 3);
  const auto shard = folder / "shard-00001.h5";
  auto bytes = core::read_file(shard);
  bytes[bytes.size() / 2] ^= 1;
  write_text(shard, bytes);

  const CrystalStore store(folder.path());

  EXPECT_EQ(store.record(2)->id, "mp-1002");
  EXPECT_THAT(
      message_of<core::DataError>([&] { store.record(3); }),
      AllOf(HasSubstr("shard-00001.h5 is damaged"), HasSubstr("tessera verify"), HasSubstr("--repair")));
  fs::remove(shard);
  EXPECT_THAT(message_of<core::DataError>([&] { store.record(3); }), HasSubstr("shard-00001.h5"));
}

TEST(CrystalStore, RefusesAFolderThatIsNoDataset) {
  TemporaryFolder folder;
  EXPECT_THAT(message_of<core::InputError>([] { CrystalStore("/nowhere/set"); }), HasSubstr("/nowhere/set"));
  EXPECT_THAT(message_of<core::InputError>([&] { CrystalStore(folder.path()); }),
              AllOf(HasSubstr("no manifest.json"), HasSubstr("tessera prep")));
}

TEST(CrystalStore, RefusesAChangedManifestOrTable) {
  TemporaryFolder folder;
  make_dataset(folder.path(), 1, 3);
  const auto manifest = core::read_file(folder / "manifest.json");
  for (std::size_t at = 0; at < manifest.size(); at += 7) {
    auto changed = manifest;
    changed[at] ^= 2;
    write_text(folder / "manifest.json", changed);
    EXPECT_THROW(CrystalStore(folder.path()), core::DataError) << at;
  }
  write_text(folder / "manifest.json", manifest);
  write_text(folder / "records.csv", core::read_file(folder / "records.csv") + "\n");
  EXPECT_THAT(message_of<core::DataError>([&] { CrystalStore(folder.path()); }), HasSubstr("records.csv"));
}

}  // namespace
}  // namespace tessera::data
