// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace tessera::report {
namespace {

// A stream and a clock in the test's hand.
struct Screen {
  std::ostringstream stream;
  double now = 100;

  ProgressOutput output(bool is_terminal, bool has_colour = false, int columns = 100) {
    return {&stream, is_terminal, has_colour, columns, [this] { return now; }};
  }
};

TEST(Progress, PrintsALineEveryTenSecondsIntoALog) {
  Screen screen;
  Progress progress({.title = "prep crystals", .unit = "crystals", .total = 10000}, screen.output(false));

  for (int second = 1; second <= 25; ++second) {
    screen.now += 1;
    progress.update(8 * second, "quarantined 0");
  }
  screen.now += 1;
  progress.finish(208);

  EXPECT_EQ(screen.stream.str(),
            "prep crystals: 1 %  80/10000 crystals  8.00 crystals/s  ETA 20 min 40 s  quarantined 0\n"
            "prep crystals: 2 %  160/10000 crystals  8.00 crystals/s  ETA 20 min 30 s  quarantined 0\n"
            "prep crystals: 2 %  208/10000 crystals  8.00 crystals/s  in 26 s\n");
}

TEST(Progress, PrintsALineEveryFivePercentOfAFasterWork) {
  Screen screen;
  Progress progress({.title = "train", .unit = "epochs", .total = 60}, screen.output(false));

  for (int epoch = 1; epoch <= 6; ++epoch) {
    screen.now += 2;
    progress.update(epoch, "loss 0.5");
  }

  EXPECT_EQ(screen.stream.str(),
            "train: 5 %  3/60 epochs  0.50 epochs/s  ETA 1 min 54 s  loss 0.5\n"
            "train: 10 %  6/60 epochs  0.50 epochs/s  ETA 1 min 48 s  loss 0.5\n");
}

TEST(Progress, AShortWorkDoesNotFloodTheLog) {
  Screen screen;
  Progress progress({.title = "t", .total = 1000}, screen.output(false));

  for (int done = 1; done <= 1000; ++done) {
    screen.now += 0.001;
    progress.update(done);
  }
  progress.finish(1000);

  const std::string log = screen.stream.str();
  EXPECT_LE(std::count(log.begin(), log.end(), '\n'), 2);
}

TEST(Progress, ALogHoldsNoCarriageReturnsOrColours) {
  Screen screen;
  Progress progress({.title = "t", .total = 100}, screen.output(false, true));

  for (int done = 1; done <= 100; ++done) {
    screen.now += 1;
    progress.update(done);
  }
  progress.clear();
  progress.finish(100);

  EXPECT_THAT(screen.stream.str(), testing::Not(testing::HasSubstr("\r")));
  EXPECT_THAT(screen.stream.str(), testing::Not(testing::HasSubstr("\x1b")));
}

TEST(Progress, RedrawsOneBarOnATerminal) {
  Screen screen;
  Progress progress({.title = "train", .unit = "epochs", .total = 4}, screen.output(true));

  screen.now += 1;
  progress.update(1, "loss 0.5");
  screen.now += 0.01;
  progress.update(2, "too soon to be seen");
  screen.now += 0.99;
  progress.finish(4, "loss 0.1");

  EXPECT_EQ(
      screen.stream.str(),
      "\rtrain  ======------------------   25 %  1/4 epochs  1.00 epochs/s  ETA 3.0 s  loss 0.5\x1b[K"
      "\rtrain  ========================  100 %  4/4 epochs  2.00 epochs/s  in 2.0 s  loss 0.1\x1b[K\n");
}

TEST(Progress, ColoursTheBarOnlyWhereColoursAreWanted) {
  Screen screen;
  Progress progress({.title = "t", .total = 2}, screen.output(true, true));

  screen.now += 1;
  progress.update(1);

  EXPECT_THAT(screen.stream.str(), testing::HasSubstr("\x1b[32m============\x1b[0m------------"));
}

TEST(Progress, NeverWrapsALine) {
  for (const int columns : {20, 30, 60, 80}) {
    Screen screen;
    Progress progress({.title = "train", .total = 1000}, screen.output(true, false, columns));

    screen.now += 1;
    progress.update(999,
                    "a note that is far too long for it: Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å Å");

    std::size_t used = 0;
    for (const char c : screen.stream.str()) used += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    EXPECT_LT(used - std::string("\r\x1b[K").size(), std::max(21, columns));
  }
}

TEST(Progress, CountsOnlyItsOwnWorkIntoTheRate) {
  Screen screen;
  Progress progress({.title = "train", .unit = "epochs", .total = 60, .already_done = 40},
                    screen.output(false));

  screen.now += 10;
  progress.update(50);

  EXPECT_EQ(screen.stream.str(), "train: 83 %  50/60 epochs  1.00 epochs/s  ETA 10 s\n");
}

TEST(Progress, CountsOnWhereTheTotalIsNotKnown) {
  Screen screen;
  Progress progress({.title = "read", .unit = "crystals"}, screen.output(false));

  screen.now += 10;
  progress.update(1234);

  EXPECT_EQ(screen.stream.str(), "read: 1234 crystals  123 crystals/s\n");
}

TEST(Progress, IsSilentOnOtherRanks) {
  Screen screen;
  Progress progress({.title = "t", .total = 10, .shown = false}, screen.output(true));

  screen.now += 100;
  progress.update(5);
  progress.finish(10);

  EXPECT_EQ(screen.stream.str(), "");
}

}  // namespace
}  // namespace tessera::report
