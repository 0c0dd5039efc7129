// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <set>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

using ::testing::HasSubstr;

std::string synth_command(int count, int seed, const std::filesystem::path& out) {
  return fmt::format("{} --count {} --seed {} --out {}", program_path("tessera-synth-crystals"), count, seed,
                     out.string());
}

TEST(SynthCrystals, GivesTheSameFilesForTheSameSeedAndAnyNumberOfRanks) {
  const TemporaryFolder folder;

  const auto alone = expect_success(synth_command(20, 1, folder / "alone"));
  expect_success(under_mpirun(3, synth_command(20, 1, folder / "three")));
  expect_success(synth_command(20, 2, folder / "other"));

  EXPECT_EQ(value_of(alone.out, "crystals"), "20");
  EXPECT_EQ(hashes_of(folder / "alone").size(), 21u);
  EXPECT_EQ(hashes_of(folder / "alone"), hashes_of(folder / "three"));
  EXPECT_NE(hashes_of(folder / "alone"), hashes_of(folder / "other"));
}

TEST(SynthCrystals, ArePreparedWithTheSpaceGroupTheyWereMadeWith) {
  const TemporaryFolder folder;
  expect_success(synth_command(84, 3, folder / "crystals"));

  const auto result = expect_success(
      fmt::format("{0} --input {1}/crystals --targets {1}/crystals/targets.csv --out {1}/dataset",
                  program_path("tessera-prep-crystals"), folder.path().string()));

  EXPECT_EQ(value_of(result.out, "records"), "84");
  const auto made = core::read_csv(folder / "crystals/targets.csv");
  EXPECT_EQ(core::join(made.header, ","),
            "material_id,formation_energy_ev_per_atom,bulk_modulus_gpa,space_group,prototype");
  std::set<std::string> prototypes;
  for (const auto& row : made.rows) prototypes.insert(row.fields[4]);
  EXPECT_GE(prototypes.size(), 15u);
  const auto table = core::read_csv(folder / "dataset/records.csv");
  const auto given = *table.column("space_group_given"), found = *table.column("space_group");
  for (const auto& row : table.rows) EXPECT_EQ(row.fields[found], row.fields[given]) << row.fields[1];
}

TEST(SynthCrystals, RefusesACountOfNothing) {
  const TemporaryFolder folder;

  const auto result = run_program(synth_command(0, 1, folder / "out"));

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--count must be at least 1, got 0"));
}

}  // namespace
}  // namespace tessera::test
