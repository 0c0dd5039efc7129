// SPDX-License-Identifier: Apache-2.0
// tessera measure, as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/shapes.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using microstructure::Mask;
using test::draw_mosaic;
using test::draw_where;
using test::ProgramResult;
using test::value_of;
using ::testing::HasSubstr;

class Measure : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder / name).string(); }

  /// Level `set` where the mask is 1, else `unset`.
  void write(const std::string& name, const Mask& mask, int set = 0, int unset = 255) const {
    Mask levels = mask;
    for (auto& pixel : levels.values()) pixel = static_cast<std::uint8_t>(pixel ? set : unset);
    fs::create_directories(fs::path(at(name)).parent_path());
    microstructure::write_png(at(name), levels);
  }

  ProgramResult measure(const std::string& arguments, int ranks = 0) const {
    const std::string command =
        test::program_path("tessera-measure") + " " + arguments + " --out " + at("out.csv");
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }

  /// Column of the table's `row`-th line; fails the test where there is none.
  std::string field(const std::string& column, std::size_t row = 0) const {
    const auto table = core::read_csv(at("out.csv"));
    const auto index = table.column(column);
    EXPECT_TRUE(index) << "no column " << column;
    EXPECT_LT(row, table.rows.size());
    return index && row < table.rows.size() ? table.rows[row].fields[*index] : "";
  }
  double number(const std::string& column, std::size_t row = 0) const {
    const auto text = field(column, row);
    return text.empty() ? std::nan("") : std::stod(text);
  }

  test::TemporaryFolder folder;
};

TEST_F(Measure, WritesLengthGrainsAndSizeInMicrometres) {
  const auto mosaic = draw_mosaic(300, 50, 3, 2);
  write("mosaic.png", mosaic.mask);

  const auto measured = measure(at("mosaic.png") + " --um-per-px 0.5");

  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_EQ(value_of(measured.out, "images"), "1");
  EXPECT_EQ(value_of(measured.out, "quarantined"), "0");
  EXPECT_THAT(
      core::read_file(at("out.csv")),
      HasSubstr("image,boundary_length_px,boundary_length_um,grains,mean_intercept_um,astm_grain_number,"
                "carbide_fraction,triple_junctions,"));
  EXPECT_EQ(field("image"), "mosaic.png");
  EXPECT_NEAR(number("boundary_length_px"), mosaic.length, 0.01 * mosaic.length);
  EXPECT_NEAR(number("boundary_length_um"), mosaic.length / 2, 0.005 * mosaic.length);
  EXPECT_EQ(number("grains"), 50);
  EXPECT_EQ(field("carbide_fraction"), "");
  EXPECT_NEAR(number("astm_grain_number"), -6.643856 * std::log10(number("mean_intercept_um") / 1000) - 3.288,
              1e-9);
  EXPECT_NEAR(number("mean_intercept_um"), number("mean_intercept_px") / 2, 1e-9);
}

TEST_F(Measure, LeavesMicrometresEmptyWithoutAScale) {
  write("mosaic.png", draw_mosaic(100, 10, 3, 2).mask);

  ASSERT_EQ(measure(at("mosaic.png")).exit_code, 0);

  for (const char* column : {"boundary_length_um", "mean_intercept_um", "astm_grain_number", "um_per_px"})
    EXPECT_EQ(field(column), "") << column;
}

TEST_F(Measure, WritesTheSameTableOnAnyNumberOfRanks) {
  for (int i = 0; i < 7; ++i) write("masks/" + std::to_string(i) + ".png", draw_mosaic(90, 8 + i, 3, 4).mask);
  ASSERT_EQ(measure(at("masks")).exit_code, 0);
  const auto alone = core::read_file(at("out.csv"));

  for (int ranks : {2, 3}) {
    const auto measured = measure(at("masks"), ranks);
    EXPECT_EQ(measured.exit_code, 0) << measured.err;
    EXPECT_EQ(value_of(measured.out, "images"), "7");
    EXPECT_EQ(core::read_file(at("out.csv")), alone) << ranks;
  }
}

TEST_F(Measure, ComparesWithTheTruthOfTheSameStem) {
  const auto mosaic = draw_mosaic(200, 20, 3, 6);
  // What an over-wide prediction is: half as wide again, nothing else.
  write("predicted/a_mask.png", draw_mosaic(200, 20, 5, 6).mask);
  write("predicted/b.png", mosaic.mask);
  write("truth/a.png", mosaic.mask);
  write("truth/b_label.png", mosaic.mask);

  const auto measured = measure(at("predicted") + " --truth " + at("truth"), 2);

  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_THAT(core::read_file(at("out.csv")),
              HasSubstr("carbide_fraction,iou,dice,length_error_percent,betti0_error,betti1_error,cldice,"));
  EXPECT_EQ(field("image", 0), "a_mask.png");
  EXPECT_NEAR(number("iou", 0), 0.6, 0.05);
  EXPECT_EQ(number("recall", 0), 1);
  EXPECT_GT(number("cldice", 0), 0.99);
  EXPECT_LT(number("length_error_percent", 0), 1);
  EXPECT_EQ(number("iou", 1), 1);
  EXPECT_EQ(number("betti1_error", 1), 0);
  EXPECT_NE(value_of(measured.out, "iou"), "");
}

TEST_F(Measure, ReadsCarbidesAsTheThirdLevel) {
  const auto classes = draw_where(60, 100, [](int y, int x) {
    const bool carbide = y >= 26 && y <= 34 && x >= 40 && x < 60;
    return carbide ? 255 : y >= 29 && y <= 31 ? 128 : 0;
  });
  microstructure::write_png(at("carbides.png"), classes);

  const auto measured = measure(at("carbides.png") + " --mask-rule values");

  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_NEAR(number("carbide_fraction"), 180 / 6000.0, 1e-12);
  EXPECT_NEAR(number("carbide_boundary_ratio"), 0.22, 0.005);
  EXPECT_NEAR(number("boundary_length_px"), 100, 0.5);
}

TEST_F(Measure, ListsWhatItCannotUseAndMeasuresTheRest) {
  const Mask mask = draw_mosaic(80, 8, 3, 1).mask;
  write("masks/good.png", mask);
  write("masks/small.png", mask);
  write("masks/orphan.png", mask);
  std::ofstream(at("masks/broken.png")) << "no picture";
  write("truth/good.png", mask);
  write("truth/small.png", draw_mosaic(60, 8, 3, 1).mask);
  write("truth/broken.png", mask);

  const auto measured = measure(at("masks") + " --truth " + at("truth"));

  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_EQ(value_of(measured.out, "images"), "1");
  EXPECT_EQ(value_of(measured.out, "quarantined"), "3");
  const auto refused = core::read_file(at("quarantine.csv"));
  EXPECT_THAT(refused, HasSubstr("broken.png"));
  EXPECT_THAT(refused, HasSubstr("80 × 80 px, and 60 × 60"));
  EXPECT_THAT(refused, HasSubstr("no mask of the stem \"\"orphan\"\""));
}

TEST_F(Measure, RefusesManyLevelsAsClasses) {
  microstructure::write_png(at("grey.png"), draw_where(20, 20, [](int y, int x) { return 7 * y + 5 * x; }));

  const auto measured = measure(at("grey.png") + " --mask-rule values");

  EXPECT_EQ(value_of(measured.out, "quarantined"), "1");
  EXPECT_THAT(core::read_file(at("quarantine.csv")), HasSubstr("at most 32 grey levels"));
}

TEST_F(Measure, NamesWrongInput) {
  write("truth/a.png", Mask(9, 9));
  write("truth/a_mask.png", Mask(9, 9));
  fs::create_directories(at("empty"));
  const auto said = [&](const std::string& arguments) {
    const auto measured = measure(arguments);
    EXPECT_EQ(measured.exit_code, 2) << arguments;
    return measured.err;
  };

  EXPECT_THAT(said(at("absent")), HasSubstr("is not there"));
  EXPECT_THAT(said(at("empty")), HasSubstr("holds none"));
  EXPECT_THAT(said(at("truth") + " --mask-rule drak"), HasSubstr("did you mean \"dark\""));
  EXPECT_THAT(said(at("truth") + " --threshold 70000"), HasSubstr("0 to 65535"));
  EXPECT_THAT(said(at("truth") + " --um-per-px -1"), HasSubstr("above 0"));
  EXPECT_THAT(said(at("truth") + " --truth " + at("truth")), HasSubstr("two for \"a\""));
}

}  // namespace
}  // namespace tessera
