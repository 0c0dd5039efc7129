// SPDX-License-Identifier: Apache-2.0
// tessera homogenise, as a user runs it.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/random.hpp"
#include "microstructure/files/made_images.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/shapes.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Homogenise : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder / name).string(); }
  ProgramResult run(const std::string& arguments, int ranks = 0) const {
    const std::string command =
        test::program_path("tessera-homogenise") + " " + arguments + " --out " + at("out.csv");
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  double number(const std::string& column, std::size_t row) const {
    const auto table = core::read_csv(at("out.csv"));
    return std::stod(table.rows.at(row).fields.at(table.column(column).value()));
  }
  test::TemporaryFolder folder;
};

TEST_F(Homogenise, TellsLaminatesAndVolumesExactly) {
  fs::create_directories(at("images"));
  // Columns of grey 0 and 200 in turn, a fourth of them 0; and a volume whose slices are 1 and 5.
  microstructure::write_png(at("images/laminate.png"), test::draw_where(16, 16, [](int, int x) {
                              return static_cast<std::uint8_t>(x % 4 == 0 ? 0 : 200);
                            }));
  const auto result = run(at("images") + " --conductivity 0=4 200=1");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("images=1 quarantined=0"));
  EXPECT_NEAR(number("conductivity_x", 0), 1 / (0.25 / 4 + 0.75), 1e-6);
  EXPECT_NEAR(number("conductivity_y", 0), 0.25 * 4 + 0.75, 1e-6);
  EXPECT_NEAR(number("fraction_0", 0), 0.25, 1e-6);

  std::string voxels(4 * 5 * 6, '\1');
  std::fill(voxels.begin() + 60, voxels.end(), '\5');
  test::write_bytes(at("stack.npy"), test::npy_bytes("|u1", "(4, 5, 6)", voxels));
  ASSERT_EQ(run(at("stack.npy") + " --conductivity 1=1 5=3 --faces periodic").exit_code, 0);
  EXPECT_NEAR(number("conductivity_z", 0), 1.5, 1e-6);
  EXPECT_NEAR(number("conductivity_x", 0), 2, 1e-6);
  EXPECT_THAT(core::read_file(at("out.csv")), HasSubstr("stack.npy,4,5,6,"));
}

TEST_F(Homogenise, AnyNumberOfRanksWritesTheSameTable) {
  core::RandomStream random(1, "images");
  fs::create_directories(at("images"));
  for (int i = 0; i < 7; ++i)
    microstructure::write_png(at("images/" + std::to_string(i) + ".png"),
                              test::draw_where(24, 24, [&](int, int) {
                                return static_cast<std::uint8_t>(random.bits64() % 2 * 255);
                              }));
  std::ofstream(at("images/bad.png")) << "no picture";
  microstructure::write_png(at("images/grey.png"),
                            test::draw_where(24, 24, [](int, int) { return std::uint8_t{7}; }));
  std::string first;
  for (const int ranks : {0, 2, 3}) {
    const auto result = run(at("images") + " --conductivity 0=1 255=0", ranks);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("images=7 quarantined=2"));
    const auto table = core::read_file(at("out.csv"));
    if (ranks == 0) first = table;
    EXPECT_EQ(table, first) << ranks;
    EXPECT_THAT(core::read_file(at("quarantine.csv")),
                AllOf(HasSubstr("bad.png"), HasSubstr("must have no other grey levels than 0, 255, has 7")));
  }
}

TEST_F(Homogenise, RefusesWhatSaysNothing) {
  const auto refusal = [&](const std::string& conductivity) {
    const auto result = run(folder.path().string() + " --conductivity " + conductivity);
    EXPECT_EQ(result.exit_code, 2) << conductivity;
    return result.err;
  };
  EXPECT_THAT(refusal("0"),
              HasSubstr("must be GREY=VALUE, a grey level and what it conducts (0 or more), got \"0\""));
  EXPECT_THAT(refusal("0=-1"), HasSubstr("got \"0=-1\""));
  EXPECT_THAT(refusal("0=1 0=2"), HasSubstr("names grey level 0 twice"));
}

}  // namespace
}  // namespace tessera
