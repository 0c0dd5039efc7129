// SPDX-License-Identifier: Apache-2.0
// Which images become records, and why the others do not. Runs on several ranks: all must have the same list.
#include "data_prep/image_sources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "microstructure/files/png_writer.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::data_prep {
namespace {

using microstructure::Image;
using microstructure::MaskRule;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Grey = microstructure::Raster<std::uint16_t>;

// A folder that the root fills and every rank reads.
class ImageSourcesTest : public ::testing::Test {
 protected:
  ImageSourcesTest() { root_ = world_.broadcast_text(own_.path().string(), "folder"); }

  // The root's folder goes with its test.
  void TearDown() override { world_.barrier("all have read"); }

  // The root writes in `work`, then all go on.
  template <typename Work>
  void fill(Work&& work) {
    if (world_.is_root()) work();
    world_.barrier("files written");
  }
  std::string at(const std::string& name) const { return root_ + "/" + name; }
  void write(const std::string& name, const Grey& grey) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    microstructure::write_png(at(name), Image{.grey = grey, .bits = 8});
  }
  void write(const std::string& name, int height = 4, int width = 6, std::uint16_t level = 9) const {
    write(name, Grey(height, width, level));
  }
  ImageSettings settings(bool with_masks = true) const {
    ImageSettings settings;
    settings.images = {at("images")};
    if (with_masks) settings.masks = {at("masks")};
    return settings;
  }
  ImageSources find(const ImageSettings& settings) const {
    auto sources = find_images(world_, settings);
    // Whoever listed them, the list is one.
    const auto text = entries_to_text(sources.entries);
    EXPECT_EQ(text, world_.broadcast_text(text, "the root's list"));
    return sources;
  }
  std::vector<std::string> ids_of(const ImageSources& sources) const {
    std::vector<std::string> ids;
    for (const auto& entry : sources.entries) ids.push_back(entry.id);
    return ids;
  }
  // On the root only: by id.
  static std::map<std::string, std::string> reasons_of(const ImageSources& sources) {
    std::map<std::string, std::string> reasons;
    for (const auto& row : sources.refused) reasons[row.id] += row.source + ": " + row.reason;
    return reasons;
  }

  dist::Communicator world_ = dist::Communicator::world();
  test::TemporaryFolder own_;
  std::string root_;
};

TEST_F(ImageSourcesTest, PairImagesWithMasksOfTheirStemWhateverSuffixAndEnding) {
  fill([&] {
    for (const auto* name : {"images/b.png", "images/deep/a.png", "images/.hidden.png"}) write(name);
    for (const auto* name : {"masks/b_mask.png", "masks/a-Labels.png", "masks/c.png"}) write(name);
    std::ofstream(at("images/notes.txt")) << "no image";
  });

  const auto sources = find(settings());

  ASSERT_THAT(ids_of(sources), ElementsAre("a", "b"));
  EXPECT_EQ(sources.entries[0].source, "images/deep/a.png");
  EXPECT_EQ(sources.entries[0].mask, at("masks/a-Labels.png"));
  EXPECT_EQ(sources.entries[1].mask, at("masks/b_mask.png"));
  EXPECT_EQ(sources.entries[1].group, "b");
  EXPECT_EQ(sources.entries[1].tile, (Tile{0, 0, 4, 6}));
  EXPECT_THAT(sources.refused, IsEmpty());
}

TEST_F(ImageSourcesTest, TakeTheMaskFromTheSamePlaceWhereSeveralFoldersHaveOne) {
  fill([&] {
    for (const auto* name : {"train/images/1.png", "train/masks/1.png", "test/images/2.png",
                             "test/masks/2.png", "test/masks/1.png"})
      write(name);
  });
  ImageSettings several;
  several.images = {at("train/images"), at("test/images")};
  several.masks = {at("train/masks"), at("test/masks")};

  const auto sources = find(several);

  ASSERT_THAT(ids_of(sources), ElementsAre("1", "2"));
  EXPECT_EQ(sources.entries[0].mask, at("train/masks/1.png"));
  EXPECT_EQ(sources.entries[1].mask, at("test/masks/2.png"));
}

TEST_F(ImageSourcesTest, TellImagesFromMasksInOneFolderAndInFoldersInEachOther) {
  fill([&] {
    for (const auto* name : {"both/a.png", "both/a_mask.png", "nested/b.png", "nested/masks/b.png"})
      write(name);
  });
  ImageSettings both;
  both.images = {at("both"), at("nested")};
  both.masks = {at("both"), at("nested/masks")};

  const auto sources = find(both);

  ASSERT_THAT(ids_of(sources), ElementsAre("a", "b"));
  EXPECT_EQ(sources.entries[0].mask, at("both/a_mask.png"));
  EXPECT_EQ(sources.entries[1].mask, at("nested/masks/b.png"));
}

TEST_F(ImageSourcesTest, RefuseWhatCannotBeUsedEachWithItsReasonAndKeepTheRest) {
  fill([&] {
    for (const auto* name : {"images/good.png", "images/lonely.png", "images/small.png", "images/twice.png",
                             "images/sub/twice.png", "images/torn.png", "images/two.png"})
      write(name);
    for (const auto* name :
         {"masks/good.png", "masks/twice.png", "masks/torn.png", "masks/two.png", "masks/two_gt.png"})
      write(name);
    write("masks/small.png", 4, 5);
    const auto whole = core::read_file(at("images/torn.png"));
    std::ofstream(at("images/torn.png"), std::ios::binary) << whole.substr(0, 20);
    std::ofstream(at("images/empty.png"));
  });

  const auto sources = find(settings());

  EXPECT_THAT(ids_of(sources), ElementsAre("good", "twice"));
  if (!world_.is_root()) {
    EXPECT_THAT(sources.refused, IsEmpty());
    return;
  }
  EXPECT_THAT(
      reasons_of(sources),
      UnorderedElementsAre(
          Pair("lonely", HasSubstr("images/lonely.png: image without mask")),
          Pair("small", HasSubstr("sizes differ: the image has 4 × 6 pixels, its mask 4 × 5")),
          Pair("twice", "images/twice.png: duplicate id: images/sub/twice.png stands"),
          Pair("torn", HasSubstr("its header is cut or damaged")), Pair("empty", HasSubstr("is empty")),
          Pair("two", HasSubstr("must have one mask, and has 2"))));
}

TEST_F(ImageSourcesTest, NumberTheLevelsOfAllMasksAlikeAndRefuseNoise) {
  fill([&] {
    for (const auto* name : {"images/a.png", "images/b.png", "images/noisy.png", "images/torn.png"})
      write(name, 8, 8);
    write("masks/a.png", 8, 8, 255);
    Grey two(8, 8, 0), many(8, 8);
    two(3, 3) = 128;
    for (int i = 0; i < 64; ++i) many(i / 8, i % 8) = static_cast<std::uint16_t>(3 * i);
    write("masks/b.png", two);
    write("masks/noisy.png", many);
    write("masks/torn.png", many);
    const auto whole = core::read_file(at("masks/torn.png"));
    std::ofstream(at("masks/torn.png"), std::ios::binary) << whole.substr(0, whole.size() - 30);
  });
  auto values = settings();
  values.mask_rule = MaskRule::Values;

  const auto sources = find(values);

  EXPECT_THAT(ids_of(sources), ElementsAre("a", "b"));
  EXPECT_THAT(sources.reading.masks.levels, ElementsAre(0, 128, 255));
  ImageEntryReader reader(sources.reading);
  EXPECT_EQ(reader.read(sources.entries[0]).mask->values(), std::vector<std::uint8_t>(64, 2));
  EXPECT_EQ((*reader.read(sources.entries[1]).mask)(3, 3), 1);
  if (world_.is_root()) {
    EXPECT_THAT(
        reasons_of(sources),
        UnorderedElementsAre(Pair("noisy", AllOf(HasSubstr("mask with other values"), HasSubstr("it has 64"),
                                                 HasSubstr("save it as PNG"))),
                             Pair("torn", HasSubstr("cut or damaged"))));
  }
}

TEST_F(ImageSourcesTest, AreNoneWhereEveryMaskIsNoise) {
  Grey many(8, 8);
  for (int i = 0; i < 64; ++i) many(i / 8, i % 8) = static_cast<std::uint16_t>(i);
  fill([&] {
    write("images/a.png", 8, 8);
    write("masks/a.png", many);
  });
  auto values = settings();
  values.mask_rule = MaskRule::Values;

  EXPECT_THAT(find(values).entries, IsEmpty());
}

TEST_F(ImageSourcesTest, RefuseLevelsThatOnlyTogetherAreTooMany) {
  fill([&] {
    for (const auto* name : {"images/a.png", "images/b.png"}) write(name, 5, 5);
    Grey low(5, 5), high(5, 5);
    for (int i = 0; i < 25; ++i)
      low(i / 5, i % 5) = static_cast<std::uint16_t>(i),
                     high(i / 5, i % 5) = static_cast<std::uint16_t>(100 + i);
    write("masks/a.png", low);
    write("masks/b.png", high);
  });
  auto values = settings();
  values.mask_rule = MaskRule::Values;

  EXPECT_THAT(test::message_of<core::InputError>([&] { find_images(world_, values); }),
              AllOf(HasSubstr("at most 32 grey levels together"), HasSubstr("masks/b.png")));
}

TEST_F(ImageSourcesTest, LearnFromTheLabelsOfStemsFileNamesAndPages) {
  fill(
      [&] {
        for (const auto* name : {"images/a.png", "images/b.png", "images/c.png", "images/d.png"}) write(name);
        std::ofstream(at("labels.csv"))
            << "image,note,height,k\na,x,1,2\ndata/b.png,y,,3.5\nc,z,,nan\na.png,x,8,8\n";
      });
  auto labelled = settings(false);
  labelled.labels = at("labels.csv");

  const auto sources = find(labelled);

  EXPECT_THAT(sources.target_names, ElementsAre("height_given", "k"));
  ASSERT_THAT(ids_of(sources), ElementsAre("a", "b"));
  EXPECT_THAT(sources.entries[0].targets, ElementsAre(1, 2));
  EXPECT_TRUE(std::isnan(sources.entries[1].targets[0]));
  EXPECT_EQ(sources.entries[1].targets[1], 3.5);
  if (world_.is_root()) {
    EXPECT_THAT(reasons_of(sources),
                UnorderedElementsAre(Pair("a.png", "labels.csv: duplicate id: the row on line 2 stands"),
                                     Pair("c", HasSubstr("every value in its row is empty or NaN")),
                                     Pair("d", HasSubstr("labels.csv has no row for this id"))));
  }
}

TEST_F(ImageSourcesTest, GroupByTheFirstCaptureOfTheStem) {
  fill([&] {
    for (const auto* name : {"images/10-0-768.png", "images/10-5.png", "images/odd.png"}) write(name);
  });
  auto grouped = settings(false);
  grouped.group = "^([0-9]+)-";

  const auto sources = find(grouped);

  ASSERT_THAT(ids_of(sources), ElementsAre("10-0-768", "10-5"));
  EXPECT_EQ(sources.entries[0].group, "10");
  if (world_.is_root()) {
    EXPECT_THAT(reasons_of(sources), ElementsAre(Pair("odd", HasSubstr("does not match"))));
  }
  grouped.group = "^x";
  EXPECT_THAT(test::message_of<core::Error>([&] { find_images(world_, grouped); }),
              HasSubstr("matches none of 3"));
  grouped.group = "(";
  EXPECT_THAT(test::message_of<core::Error>([&] { find_images(world_, grouped); }),
              HasSubstr("--group must be a regular expression, got '('"));
}

TEST_F(ImageSourcesTest, CutTilesOutOfImageAndMaskAlike) {
  Grey grey(5, 7), mask(5, 7);
  for (int y = 0; y < 5; ++y)
    for (int x = 0; x < 7; ++x) {
      grey(y, x) = static_cast<std::uint16_t>(10 * y + x);
      mask(y, x) = (x + y) % 3 == 0 ? 255 : 0;
    }
  fill([&] {
    write("images/a.png", grey);
    write("masks/a.png", mask);
    write("images/tiny.png", 3, 3);
    write("masks/tiny.png", 3, 3);
  });
  auto tiled = settings();
  tiled.tile = 4;
  tiled.overlap = 1;
  tiled.mask_rule = MaskRule::Bright;
  tiled.um_per_px = 0.25;

  const auto sources = find(tiled);

  ASSERT_THAT(ids_of(sources), ElementsAre("a-0-0", "a-0-3", "a-1-0", "a-1-3", "tiny"));
  ImageEntryReader reader(sources.reading);
  for (const auto& entry : sources.entries) {
    const auto record = reader.read(entry);
    EXPECT_EQ(record.id, entry.id);
    EXPECT_EQ(record.image.um_per_px, 0.25);
    ASSERT_EQ(record.image.grey.height(), entry.id == "tiny" ? 3 : 4);
    if (entry.id == "tiny") continue;
    EXPECT_EQ(record.group, "a");
    for (int y = 0; y < 4; ++y)
      for (int x = 0; x < 4; ++x) {
        EXPECT_EQ(record.image.grey(y, x), grey(entry.tile.y + y, entry.tile.x + x));
        EXPECT_EQ((*record.mask)(y, x), mask(entry.tile.y + y, entry.tile.x + x) == 255);
      }
  }
}

TEST_F(ImageSourcesTest, MakeARecordOfEachSlice) {
  fill([&] {
    std::filesystem::create_directories(at("images"));
    std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 2), }";
    header.resize(118, ' ');
    std::ofstream(at("images/stack.npy"), std::ios::binary)
        << std::string("\x93NUMPY\x01\0\x76\0", 10) << header << "abcd";
    std::ofstream(at("labels.csv")) << "id,k\nstack,1\nstack-0001,2\n";
  });
  auto labelled = settings(false);
  labelled.images = {at("images/stack.npy")};
  labelled.labels = at("labels.csv");

  const auto sources = find(labelled);

  ASSERT_THAT(ids_of(sources), ElementsAre("stack-0000", "stack-0001"));
  EXPECT_EQ(sources.entries[1].source, "stack.npy:page[1]");
  EXPECT_EQ(sources.entries[1].group, "stack");
  EXPECT_THAT(sources.entries[0].targets, ElementsAre(1));
  EXPECT_THAT(sources.entries[1].targets, ElementsAre(2));
  ImageEntryReader reader(sources.reading);
  EXPECT_THAT(reader.read(sources.entries[1]).image.grey.values(), ElementsAre('c', 'd'));
}

TEST_F(ImageSourcesTest, SayWhenAFileChangedSinceItWasListed) {
  fill([&] { write("images/a.png"); });
  const auto sources = find(settings(false));
  fill([&] { write("images/a.png", 2, 2); });

  ImageEntryReader reader(sources.reading);
  EXPECT_THAT(test::message_of<core::DataError>([&] { reader.read(sources.entries[0]); }),
              AllOf(HasSubstr("a.png: it must hold 4 × 6 pixels"), HasSubstr("holds 2 × 2. Start again")));
}

TEST_F(ImageSourcesTest, AreRefusedWhereSettingsCannotBeMet) {
  fill([&] {
    write("images/a.png");
    std::filesystem::create_directories(at("nothing"));
  });
  const auto refusal = [&](auto&& change) {
    auto wrong = settings(false);
    change(wrong);
    return test::message_of<core::Error>([&] { find_images(world_, wrong); });
  };

  EXPECT_THAT(refusal([&](auto& it) { it.images = {at("absent")}; }),
              HasSubstr("absent must exist, and does not"));
  EXPECT_THAT(refusal([&](auto& it) { it.images = {at("nothing")}; }),
              HasSubstr("must hold images, and holds none"));
  EXPECT_THAT(refusal([](auto& it) { it.tile = 8, it.overlap = 8; }), HasSubstr("--overlap must be from 0"));
  EXPECT_THAT(refusal([](auto& it) { it.overlap = 8; }), HasSubstr("--overlap must be from 0"));
  EXPECT_THAT(refusal([](auto& it) { it.um_per_px = -1; }), HasSubstr("--um-per-px must be above 0"));
  EXPECT_THAT(refusal([](auto& it) { it.threshold = 70000; }), HasSubstr("--threshold must be a grey level"));
}

TEST(Tiles, CoverEveryPixelWithOneSizeAndTheOverlapAtLeast) {
  for (int height = 1; height < 20; ++height)
    for (int edge = 1; edge < 9; ++edge)
      for (int overlap = 0; overlap < edge; ++overlap) {
        const int width = 23 - height;
        const auto tiles = cut_tiles(height, width, edge, overlap);
        std::vector<int> covered(static_cast<std::size_t>(height * width), 0);
        for (const auto& tile : tiles) {
          ASSERT_EQ(tile.height, std::min(edge, height));
          ASSERT_EQ(tile.width, std::min(edge, width));
          for (int y = tile.y; y < tile.y + tile.height; ++y)
            for (int x = tile.x; x < tile.x + tile.width; ++x)
              ++covered.at(static_cast<std::size_t>(y * width + x));
        }
        ASSERT_THAT(covered, ::testing::Each(::testing::Gt(0)));
        for (std::size_t i = 1; i < tiles.size(); ++i)
          if (tiles[i].y == tiles[i - 1].y) {
            ASSERT_GE(tiles[i - 1].x + edge - tiles[i].x, overlap);
          }
        for (std::size_t i = 0; i < tiles.size(); ++i)
          for (std::size_t k = 0; k < i; ++k) ASSERT_FALSE(tiles[i] == tiles[k]);
      }
  EXPECT_THAT(cut_tiles(5, 7, 0, 0), ElementsAre(Tile{0, 0, 5, 7}));
}

TEST(ImageEntries, AreTheSameBehindTheirText) {
  const std::vector<ImageEntry> entries = {{.id = "a,\"b\"\n",
                                            .source = "s",
                                            .group = "",
                                            .image = "/x y/a.png",
                                            .mask = "m",
                                            .image_page = 3,
                                            .mask_page = 4,
                                            .tile = {1, 2, 3, 4},
                                            .targets = {0.1, std::nan(""), -1e300}},
                                           {.id = "plain"}};

  const auto back = entries_from_text(entries_to_text(entries));

  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(entries_to_text(back), entries_to_text(entries));
  EXPECT_EQ(back[0].id, entries[0].id);
  EXPECT_EQ(back[0].mask_page, 4);
  EXPECT_EQ(back[0].tile, entries[0].tile);
  EXPECT_EQ(back[0].targets[0], 0.1);
  EXPECT_THAT(test::message_of<core::DataError>([] { entries_from_text("a,b\n"); }),
              HasSubstr("damaged in line 1"));
}

}  // namespace
}  // namespace tessera::data_prep
