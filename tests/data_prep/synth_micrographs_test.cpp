// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

using ::testing::HasSubstr;

std::string synth_command(int count, int seed, const std::filesystem::path& out,
                          const std::string& more = "") {
  return fmt::format("{} --count {} --size 64 --seed {} --out {} {}",
                     program_path("tessera-synth-micrographs"), count, seed, out.string(), more);
}

TEST(SynthMicrographs, GivesTheSameFilesForTheSameSeedAndAnyNumberOfRanks) {
  const TemporaryFolder folder;

  const auto alone = expect_success(synth_command(5, 1, folder / "alone"));
  expect_success(under_mpirun(2, synth_command(5, 1, folder / "two")));
  expect_success(under_mpirun(3, synth_command(5, 1, folder / "three")));
  expect_success(synth_command(5, 2, folder / "other"));

  EXPECT_EQ(value_of(alone.out, "images"), "5");
  const auto hashes = hashes_of(folder / "alone");
  EXPECT_EQ(hashes.size(), 11u);
  EXPECT_TRUE(hashes.contains("images/synth-000004.png"));
  EXPECT_TRUE(hashes.contains("masks/synth-000004.png"));
  EXPECT_EQ(hashes, hashes_of(folder / "two"));
  EXPECT_EQ(hashes, hashes_of(folder / "three"));
  EXPECT_NE(hashes, hashes_of(folder / "other"));
}

TEST(SynthMicrographs, TruthTellsLengthsInPixelsAndMicrometres) {
  const TemporaryFolder folder;

  expect_success(synth_command(3, 1, folder / "made", "--um-per-px 0.5 --precipitates 0.3 --carbides"));

  const auto truth = core::read_csv(folder / "made/truth.csv");
  EXPECT_EQ(core::join(truth.header, ","),
            "id,boundary_length_px,boundary_length_um,grains,carbide_fraction,um_per_px,mean_intercept_um,"
            "triple_junctions");
  ASSERT_EQ(truth.rows.size(), 3u);
  EXPECT_EQ(truth.rows[2].fields[0], "synth-000002");
  for (const auto& row : truth.rows) {
    EXPECT_DOUBLE_EQ(std::stod(row.fields[2]), 0.5 * std::stod(row.fields[1]));
    EXPECT_GT(std::stod(row.fields[4]), 0);
    EXPECT_EQ(row.fields[5], "0.5");
  }
}

TEST(SynthMicrographs, RefusesWhatCannotBeBeforeItWritesAnything) {
  const TemporaryFolder folder;

  const auto nothing = run_program(synth_command(0, 1, folder / "out"));
  const auto gaps = run_program(synth_command(1, 1, folder / "out", "--gaps 2"));

  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("--count must be at least 1, got 0"));
  EXPECT_EQ(gaps.exit_code, 2);
  EXPECT_THAT(gaps.err, HasSubstr("--gaps must be 0 to 1, got 2"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}

}  // namespace
}  // namespace tessera::test
