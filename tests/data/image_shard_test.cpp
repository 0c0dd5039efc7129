// SPDX-License-Identifier: Apache-2.0
#include "data/image_shard.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "core/error.hpp"
#include "data/made_images.hpp"
#include "data/mutated_shard.hpp"
#include "data/shard_commit.hpp"
#include "data/store.hpp"

namespace tessera::data {
namespace {

using ::testing::HasSubstr;

void expect_equal(const ImageRecord& a, const ImageRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.group, b.group);
  EXPECT_EQ(a.image.grey, b.image.grey);
  EXPECT_EQ(a.image.bits, b.image.bits);
  EXPECT_EQ(std::isnan(a.image.um_per_px), std::isnan(b.image.um_per_px));
  if (!std::isnan(a.image.um_per_px)) {
    EXPECT_EQ(a.image.um_per_px, b.image.um_per_px);
  }
  EXPECT_EQ(a.mask, b.mask);
  EXPECT_EQ(a.targets, b.targets);
}

TEST(ImageShard, GivesBackWhatWasWritten) {
  for (const int bits : {8, 16})
    for (const bool masks : {true, false}) {
      const auto records = made_images(4, bits, masks);
      const auto schema = made_image_schema(masks);
      const auto bytes = encode_shard(records, schema);
      EXPECT_EQ(bytes, encode_shard(records, schema));
      const auto shard = decode_image_shard(bytes, "test.h5");
      EXPECT_EQ(shard.schema.kind, kImages);
      EXPECT_EQ(shard.schema.targets, schema.targets);
      EXPECT_EQ(shard.schema.mask_classes, schema.mask_classes);
      ASSERT_EQ(shard.records.size(), records.size());
      for (std::size_t i = 0; i < records.size(); ++i) expect_equal(records[i], shard.records[i]);
    }
}

TEST(ImageShard, TakesOneBytePerPixelOfEightBits) {
  auto records = made_images(1, 8, false);
  records[0].image.grey = {300, 400};
  const auto narrow = encode_shard(records, made_image_schema(false)).size();
  records[0].image.bits = 16;
  records[0].image.grey(0, 0) = 60000;
  const auto wide = encode_shard(records, made_image_schema(false)).size();
  EXPECT_EQ(wide - narrow, 300u * 400u);
}

TEST(ImageShard, RefusesARecordThatBreaksItsPromise) {
  const auto refused = [](auto change) {
    auto records = made_images(2, 8, true);
    change(records[1]);
    EXPECT_THROW(encode_shard(records, made_image_schema(true)), core::InternalError);
  };
  refused([](ImageRecord& r) { r.mask.reset(); });
  refused([](ImageRecord& r) { r.mask->values()[0] = 2; });
  refused([](ImageRecord& r) { r.image.grey.values()[0] = 256; });
  refused([](ImageRecord& r) { r.targets.clear(); });
}

TEST(ImageShard, DamageIsAnErrorNeverACrash) {
  const auto valid = encode_shard(made_images(3, 16, true), made_image_schema(true));
  for (std::size_t length = 0; length < valid.size(); length += 1 + valid.size() / 50)
    EXPECT_THROW(decode_image_shard(valid.substr(0, length), "cut.h5"), core::DataError) << length;
  for (std::uint64_t round = 0; round < 2000; ++round) try {
      decode_image_shard(mutated_shard(valid, 5, round), "fuzz.h5");
    } catch (const core::DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr("fuzz.h5"));
    }
}

TEST(ImageStore, OpensADatasetOfImagesAndNoOther) {
  TemporaryFolder folder;
  const std::string settings = R"({"tile": 0})";
  begin_dataset(folder.path(), settings, false);
  const ShardKey key{0, settings, "two images"};
  const auto records = made_images(2, 8, true);
  const auto written = commit_shard(folder.path(), key, encoded(records, made_image_schema(true), 0), {});
  const auto found = find_commit(folder.path(), key);
  ASSERT_TRUE(found);
  EXPECT_EQ(records_csv(found->rows, made_image_schema(true)),
            records_csv(written.rows, made_image_schema(true)));
  finish_dataset(folder.path(), settings, made_image_schema(true), std::vector{*found}, {});

  const ImageStore store(folder.path());
  ASSERT_EQ(store.size(), 2);
  expect_equal(*store.record(1), records[1]);
  EXPECT_EQ(store.rows()[1].group, records[1].group);
  EXPECT_EQ(store.rows()[1].width, records[1].image.grey.width());
  EXPECT_THAT(core::read_file(folder / "records.csv"),
              ::testing::StartsWith("record,id,group,shard,row,height,width,um_per_px,strength_mpa\n"
                                    "0,scan0-1000,scan0,0,0,"));
  EXPECT_THAT(message_of<core::InputError>([&] { CrystalStore(folder.path()); }),
              HasSubstr("must hold crystals, it holds images"));
}

}  // namespace
}  // namespace tessera::data
