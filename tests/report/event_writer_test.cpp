// SPDX-License-Identifier: Apache-2.0
#include "report/event_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "core/error.hpp"
#include "core/file.hpp"
#include "report/crc32c.hpp"
#include "report/python.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::report {
namespace {

// What TensorBoard shows of a folder: "tag step value" lines, sorted. Nothing where it is not installed.
std::optional<std::string> shown_by_tensorboard(const test::TemporaryFolder& folder) {
  return printed_by_python(R"(
import sys
try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    sys.exit(77)
events = EventAccumulator(sys.argv[1]); events.Reload()
for tag in sorted(events.Tags()["scalars"]):
    for event in events.Scalars(tag):
        print(tag, event.step, f"{event.value:.6g}")
)",
                           folder.path().string());
}

constexpr const char* kNoTensorboard =
    "tensorboard cannot be imported; set TESSERA_PYTHON to a Python that has it";

TEST(Crc32c, AgreesWithRfc3720) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(EventWriter, FramesRecordsAsTensorBoardDoes) {
  const test::TemporaryFolder folder;
  const EventWriter writer(folder.path());

  const std::string bytes = core::read_file(writer.path());
  // u64 length, its masked CRC, an Event with wall time (9 bytes) and the version (2 + 13), the event's CRC.
  ASSERT_EQ(bytes.size(), 8 + 4 + 9 + 15 + 4U);
  EXPECT_EQ(bytes[0], 24);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
  EXPECT_THAT(bytes, testing::HasSubstr("\x1a\x0d"
                                        "brain.Event:2"));
  const auto stored = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  EXPECT_EQ(stored(8), masked_crc32c(bytes.substr(0, 8)));
  EXPECT_EQ(stored(36), masked_crc32c(bytes.substr(12, 24)));
}

TEST(EventWriter, IsReadBackByTensorBoard) {
  const test::TemporaryFolder folder;
  EventWriter writer(folder.path());
  writer.write(1, {{"train/loss", 0.5}, {"validation/mae", 0.25}});
  writer.write(300, {{"train/loss", -1.5e-7}});

  const auto shown = shown_by_tensorboard(folder);
  if (!shown) GTEST_SKIP() << kNoTensorboard;
  EXPECT_EQ(*shown, "train/loss 1 0.5\ntrain/loss 300 -1.5e-07\nvalidation/mae 1 0.25\n");
}

TEST(EventWriter, AResumedRunShowsNoStepTwice) {
  const test::TemporaryFolder folder;
  {
    EventWriter first(folder.path());
    for (int step = 1; step <= 5; ++step) first.write(step, {{"loss", step}});
  }
  {
    EventWriter second(folder.path(), 3);  // the checkpoint stood at step 3
    for (int step = 4; step <= 6; ++step) second.write(step, {{"loss", 10 + step}});
  }

  const auto shown = shown_by_tensorboard(folder);
  if (!shown) GTEST_SKIP() << kNoTensorboard;
  EXPECT_EQ(*shown, "loss 1 1\nloss 2 2\nloss 3 3\nloss 4 14\nloss 5 15\nloss 6 16\n");
}

TEST(EventWriter, AFileCutByAKillDoesNotHideWhatFollows) {
  const test::TemporaryFolder folder;
  std::filesystem::path first_path;
  {
    EventWriter first(folder.path());
    first.write(1, {{"loss", 1}});
    first.write(2, {{"loss", 2}});
    first_path = first.path();
  }
  std::filesystem::resize_file(first_path, std::filesystem::file_size(first_path) - 7);
  EventWriter second(folder.path(), 1);
  second.write(2, {{"loss", 12}});

  const auto shown = shown_by_tensorboard(folder);
  if (!shown) GTEST_SKIP() << kNoTensorboard;
  EXPECT_EQ(*shown, "loss 1 1\nloss 2 12\n");
}

TEST(EventWriter, FilesOfStartsWithinOneSecondSortInTheirOrder) {
  const test::TemporaryFolder folder;
  // As left by a node whose clock runs ahead.
  std::ofstream(folder.path() / "events.out.tfevents.9000000000.other.99");

  const EventWriter first(folder.path()), second(folder.path());

  EXPECT_LT(folder.path() / "events.out.tfevents.9000000000.other.99", first.path());
  EXPECT_LT(first.path(), second.path());
}

TEST(EventWriter, SaysWhichFileItCannotWrite) {
  const auto message =
      test::message_of<core::DataError>([] { AppendFile("/nowhere/events", AppendFile::Mode::CreateNew); });

  EXPECT_THAT(message, testing::HasSubstr("cannot open /nowhere/events: No such file or directory"));
}

}  // namespace
}  // namespace tessera::report
