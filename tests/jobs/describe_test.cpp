// SPDX-License-Identifier: Apache-2.0
// tessera describe, as a user runs it.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/shapes.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::draw_where;
using test::ProgramResult;
using ::testing::HasSubstr;

class Describe : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(at("images")); }
  std::string at(const std::string& name) const { return (folder / name).string(); }
  ProgramResult run(const std::string& more = "", int ranks = 0) const {
    const std::string command = test::program_path("tessera-describe") + " " + at("images") + " --out " +
                                at("out.csv") + " --curves " + at("curves.csv") + " " + more;
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  std::string field(const std::string& table, const std::string& column, std::size_t row) const {
    const auto read = core::read_csv(at(table));
    return read.rows.at(row).fields.at(read.column(column).value());
  }
  double number(const std::string& table, const std::string& column, std::size_t row) const {
    return std::stod(field(table, column, row));
  }
  test::TemporaryFolder folder;
};

TEST_F(Describe, TellsALaminateExactly) {
  // Grey 9 three columns wide, then one of grey 40.
  microstructure::write_png(at("images/laminate.png"), draw_where(12, 12, [](int, int x) {
                              return static_cast<std::uint8_t>(x % 4 < 3 ? 9 : 40);
                            }));
  const auto result = run("--border periodic");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("images=1 quarantined=0"));
  EXPECT_EQ(field("out.csv", "phase", 0), "9");
  EXPECT_DOUBLE_EQ(number("out.csv", "fraction", 0), 0.75);
  EXPECT_DOUBLE_EQ(number("out.csv", "mean_chord_px", 0), 3);
  EXPECT_EQ(field("out.csv", "clusters", 0), "3");
  EXPECT_EQ(field("out.csv", "euler_number", 0), "0");  // three bands around a torus
  EXPECT_EQ(field("out.csv", "phase", 1), "40");
  // r = 0 to 6 of the first phase, then of the second.
  EXPECT_DOUBLE_EQ(number("curves.csv", "two_point", 0), 0.75);
  EXPECT_DOUBLE_EQ(number("curves.csv", "lineal_path", 1), (0.5 + 0.75) / 2);
  EXPECT_DOUBLE_EQ(number("curves.csv", "cluster", 0), 0.75);
  EXPECT_EQ(field("curves.csv", "chords", 3), "36");
  EXPECT_DOUBLE_EQ(number("curves.csv", "two_point", 7), 0.25);
}

TEST_F(Describe, AnyNumberOfRanksWritesTheSameTables) {
  core::RandomStream random(1, "images");
  for (int i = 0; i < 6; ++i)
    microstructure::write_png(at("images/" + std::to_string(i) + ".png"), draw_where(20, 20, [&](int, int) {
                                return static_cast<std::uint8_t>(random.bits64() % 3 * 100);
                              }));
  std::ofstream(at("images/bad.png")) << "no picture";
  std::string table, curves;
  for (const int ranks : {0, 2, 3}) {
    const auto result = run("", ranks);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("images=6 quarantined=1"));
    if (ranks == 0) table = core::read_file(at("out.csv")), curves = core::read_file(at("curves.csv"));
    EXPECT_EQ(core::read_file(at("out.csv")), table) << ranks;
    EXPECT_EQ(core::read_file(at("curves.csv")), curves) << ranks;
    EXPECT_THAT(core::read_file(at("quarantine.csv")), HasSubstr("bad.png"));
  }
}

TEST_F(Describe, RefusesAPictureThatIsNoSegmentation) {
  microstructure::write_png(at("images/grey.png"),
                            draw_where(20, 20, [](int y, int) { return static_cast<std::uint8_t>(y); }));
  ASSERT_EQ(run().exit_code, 0);
  EXPECT_THAT(core::read_file(at("quarantine.csv")), HasSubstr("must have at most 16 grey levels"));
}

}  // namespace
}  // namespace tessera
