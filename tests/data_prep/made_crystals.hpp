// SPDX-License-Identifier: Apache-2.0
// Small crystals on disk for tests of whole programs: CIF files and their targets, the same each time.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/random.hpp"
#include "crystal/cif_writer.hpp"
#include "crystal/structure.hpp"
#include "support/run_program.hpp"

namespace tessera::test {

/// In turn rock salt, caesium chloride and a triclinic cell of three atoms, with other elements and lengths
/// each.
inline crystal::Structure made_crystal(int number) {
  core::RandomStream random(1, "made crystals", static_cast<std::uint64_t>(number));
  const auto element = [&] { return static_cast<std::uint8_t>(3 + random.below(80)); };
  const auto first = element(), second = element();
  crystal::Structure made;
  made.lattice = crystal::Matrix3::Identity() * random.uniform(4.5, 6.5);
  if (number % 3 == 0) {
    for (const auto& [x, y, z] :
         {std::array{0.0, 0.0, 0.0}, {0.5, 0.5, 0.0}, {0.5, 0.0, 0.5}, {0.0, 0.5, 0.5}}) {
      made.fractional.emplace_back(x, y, z);
      made.elements.push_back(first);
    }
    for (const auto& [x, y, z] :
         {std::array{0.5, 0.5, 0.5}, {0.0, 0.0, 0.5}, {0.0, 0.5, 0.0}, {0.5, 0.0, 0.0}}) {
      made.fractional.emplace_back(x, y, z);
      made.elements.push_back(second);
    }
  } else if (number % 3 == 1) {
    made.elements = {first, second};
    made.fractional = {{0, 0, 0}, {0.5, 0.5, 0.5}};
  } else {
    made.lattice(1, 0) = 0.7;
    made.lattice(2, 0) = -0.4;
    made.lattice(2, 1) = 1.1;
    made.elements = {first, second, second};
    made.fractional = {{0.01, 0.02, 0.03}, {0.55, 0.41, 0.62}, {0.13, 0.71, 0.38}};
  }
  return made;
}

inline std::string made_id(int number) {
  return fmt::format("made-{:03}", number);
}

/// folder/cifs/made-000.cif … and folder/targets.csv (id,density_kg_m3).
inline void write_crystals(const std::filesystem::path& folder, int count) {
  core::make_folder(folder / "cifs");
  std::string targets = "id,density_kg_m3\n";
  for (int number = 0; number < count; ++number) {
    core::write_file_atomically(folder / "cifs" / (made_id(number) + ".cif"),
                                crystal::write_cif(made_crystal(number), made_id(number)));
    targets += fmt::format("{},{}\n", made_id(number), 1000 + number);
  }
  core::write_file_atomically(folder / "targets.csv", targets);
}

/// SHA-256 of every file in a folder, by its path there.
inline std::map<std::string, std::string> hashes_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> hashes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      hashes[std::filesystem::relative(entry.path(), folder).string()] = core::sha256_of_file(entry.path());
  return hashes;
}

/// "…/tessera-prep-crystals --input FOLDER/cifs --targets FOLDER/targets.csv --out OUT --shard-records 4
/// MORE"
inline std::string prep_command(const std::filesystem::path& folder, const std::filesystem::path& out,
                                const std::string& more = "") {
  return fmt::format("{} --input {} --targets {} --out {} --shard-records 4 {}",
                     program_path("tessera-prep-crystals"), (folder / "cifs").string(),
                     (folder / "targets.csv").string(), out.string(), more);
}

inline ProgramResult expect_success(const std::string& command) {
  auto result = run_program(command);
  EXPECT_EQ(result.exit_code, 0) << command << "\n" << result.err;
  return result;
}

}  // namespace tessera::test
