// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

using ::testing::HasSubstr;

std::string synth_command(int count, const std::filesystem::path& out, const std::string& more = "") {
  return fmt::format("{} --count {} --size 48 --feature 5 --seed 1 --out {} {}",
                     program_path("tessera-synth-phases"), count, out.string(), more);
}

TEST(SynthPhases, GivesTheSameFilesOnAnyNumberOfRanks) {
  const TemporaryFolder folder;
  const auto alone = expect_success(synth_command(5, folder / "alone", "--kind coating"));
  expect_success(under_mpirun(2, synth_command(5, folder / "two", "--kind coating")));
  expect_success(under_mpirun(3, synth_command(5, folder / "three", "--kind coating")));

  EXPECT_EQ(value_of(alone.out, "images"), "5");
  const auto hashes = hashes_of(folder / "alone");
  EXPECT_EQ(hashes.size(), 6u);
  EXPECT_TRUE(hashes.contains("images/phases-000004.png"));
  EXPECT_EQ(hashes, hashes_of(folder / "two"));
  EXPECT_EQ(hashes, hashes_of(folder / "three"));
}

TEST(SynthPhases, ItsTruthIsWhatHomogeniseFindsInItsImages) {
  const TemporaryFolder folder;
  expect_success(synth_command(3, folder / "made", "--kind field --faces periodic --conductivity-1 20"));
  expect_success(fmt::format("{} {} --conductivity 0=1 255=20 --faces periodic --out {}",
                             program_path("tessera-homogenise"), (folder / "made/images").string(),
                             (folder / "found.csv").string()));
  const auto truth = core::read_csv(folder / "made/truth.csv"), found = core::read_csv(folder / "found.csv");
  EXPECT_EQ(
      core::join(truth.header, ","),
      "id,fraction,conductivity_x,conductivity_y,conductivity,lower_bound,upper_bound,interface_per_px");
  ASSERT_EQ(truth.rows.size(), 3u);
  for (std::size_t row = 0; row < 3; ++row)
    for (const char* column :
         {"conductivity_x", "conductivity_y", "conductivity", "lower_bound", "upper_bound"})
      EXPECT_NEAR(std::stod(truth.rows[row].fields[*truth.column(column)]),
                  std::stod(found.rows[row].fields[*found.column(column)]), 1e-6)
          << column;
}

TEST(SynthPhases, ItsTruthLabelsADatasetOfItsImages) {
  const TemporaryFolder folder;
  expect_success(synth_command(4, folder / "made"));
  expect_success(fmt::format("{} --images {} --labels {} --out {}", program_path("tessera-prep-images"),
                             (folder / "made/images").string(), (folder / "made/truth.csv").string(),
                             (folder / "dataset").string()));
  const auto truth = core::read_csv(folder / "made/truth.csv"),
             records = core::read_csv(folder / "dataset/records.csv");
  ASSERT_EQ(records.rows.size(), 4u);
  ASSERT_TRUE(records.column("conductivity"));
  for (std::size_t row = 0; row < 4; ++row)
    EXPECT_EQ(std::stod(records.rows[row].fields[*records.column("conductivity")]),
              std::stod(truth.rows[row].fields[*truth.column("conductivity")]));
}

TEST(SynthPhases, RefusesWhatCannotBeBeforeItWritesAnything) {
  const TemporaryFolder folder;
  const auto nothing = run_program(synth_command(0, folder / "out"));
  const auto wide = run_program(synth_command(1, folder / "out", "--low-fraction 0.95"));
  const auto kind = run_program(synth_command(1, folder / "out", "--kind cubes"));
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("--count must be at least 1, got 0"));
  EXPECT_EQ(wide.exit_code, 2);
  EXPECT_THAT(wide.err, HasSubstr("the least fraction must be above 0 and below 0.9, got 0.95"));
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

}  // namespace
}  // namespace tessera::test
