// SPDX-License-Identifier: Apache-2.0
#include "data/crystal_duplicates.hpp"

#include <gmock/gmock.h>

#include "data/made_dataset.hpp"

namespace tessera::data {
namespace {

using ::testing::ElementsAre;

CrystalRecord crystal(int number, std::vector<std::uint8_t> elements, double space_group) {
  auto record = made_record(number, elements.size(), 6, 4);
  record.structure.elements = std::move(elements);
  record.targets = {1, space_group, 1};
  return record;
}

TEST(CrystalDuplicates, ShareCompositionAndSpaceGroup) {
  TemporaryFolder folder;
  const std::vector<CrystalRecord> records{
      crystal(3, {38, 22, 8, 8, 8}, 221),
      crystal(1, {8, 8, 38, 8, 8, 22, 8, 38, 22, 8}, 221),  // two cells of the first, in another order
      crystal(0, {38, 22, 8, 8, 8}, 140),                   // tilted octahedra: not the same crystal
      crystal(2, {38, 22, 8, 8}, 221),
  };
  begin_dataset(folder.path(), kMadeSettings, false);
  const std::vector<ShardCommit> commits{
      commit_shard(folder.path(), made_key(0), encoded(records, made_schema(), 0), {})};
  finish_dataset(folder.path(), kMadeSettings, made_schema(), commits, {});
  const CrystalStore store(folder.path());

  EXPECT_THAT(first_of_duplicates(store, std::vector<std::int64_t>{0, 1, 2, 3}),
              ElementsAre("mp-1001", "mp-1001", "mp-1000", "mp-1002"));
  EXPECT_THAT(first_of_duplicates(store, std::vector<std::int64_t>{0, 3}), ElementsAre("mp-1003", "mp-1002"));
  EXPECT_EQ(composition(records[1].structure), "8:3 22:1 38:1");
}

}  // namespace
}  // namespace tessera::data
