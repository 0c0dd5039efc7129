// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/phase_map_file.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "core/error.hpp"
#include "microstructure/files/made_images.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::microstructure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PhaseMap read(const std::string& shape, const std::string& bytes, std::vector<std::uint16_t> levels = {}) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes("|u1", shape, bytes));
  return read_phase_map(folder / "a.npy", levels);
}

TEST(PhaseMapFile, PagesAreSlicesAndLevelsInOrderPhases) {
  const PhaseMap map =
      read("(3, 2, 2)", test::bytes_of<std::uint8_t>({0, 255, 7, 0, 0, 7, 255, 255, 0, 7, 7, 7}));
  EXPECT_THAT(map.size, ElementsAre(3, 2, 2));
  EXPECT_THAT(map.levels, ElementsAre(0, 7, 255));
  EXPECT_THAT(map.labels, ElementsAre(0, 2, 1, 0, 0, 1, 2, 2, 0, 1, 1, 1));
  EXPECT_EQ(map.dimensions(), 3);
  EXPECT_DOUBLE_EQ(phase_fraction(map, 1), 5.0 / 12);

  const PhaseMap plane = read("(2, 3)", test::bytes_of<std::uint8_t>({9, 9, 4, 4, 4, 4}));
  EXPECT_THAT(plane.size, ElementsAre(1, 2, 3));
  EXPECT_EQ(plane.dimensions(), 2);
  EXPECT_THAT(plane.labels, ElementsAre(1, 1, 0, 0, 0, 0));
}

TEST(PhaseMapFile, LevelsThatAreNamedArePhasesWhetherTheyOccurOrNot) {
  const std::string bytes = test::bytes_of<std::uint8_t>({9, 9, 4, 4, 4, 4});
  EXPECT_THAT(read("(2, 3)", bytes, {4, 7, 9}).labels, ElementsAre(2, 2, 0, 0, 0, 0));
  EXPECT_THAT(test::message_of<core::DataError>([&] {
                read("(2, 3)", bytes, {7, 9});
              }),
              HasSubstr("must have no other grey levels than 7, 9, has 4"));
}

TEST(PhaseMapFile, APictureThatIsNoSegmentationIsRefused) {
  std::string levels(20, '\0');
  std::iota(levels.begin(), levels.end(), '\0');
  EXPECT_THAT(test::message_of<core::DataError>([&] { read("(4, 5)", levels); }),
              HasSubstr("must have at most 16 grey levels, one for each phase, has 20"));
}

}  // namespace
}  // namespace tessera::microstructure
