// SPDX-License-Identifier: Apache-2.0
// The readers over real Materials Project crystals, checked against each other (the same structure as dict,
// CIF and POSCAR) and against the table published with them.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "crystal/neighbor_list.hpp"
#include "crystal/readers/cif_reader.hpp"
#include "crystal/readers/json_reader.hpp"
#include "crystal/readers/poscar_reader.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/readers/spool.hpp"
#include "crystal/readers/targets.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

fs::path crystals_folder() {
  const char* given = std::getenv("TESSERA_SHARED_DATA");
  const char* source = std::getenv("TESSERA_SOURCE");
  return (given ? fs::path(given) : fs::path(source ? source : ".") / "../shared/data") / "crystals";
}

// The nearest neighbours' distances of all atoms, sorted: what no choice of axes, origin or order changes.
std::vector<double> distances(const Structure& crystal) {
  std::vector<double> found;
  for (const Neighbor& neighbor : find_neighbors(crystal, 4.0).neighbors) found.push_back(neighbor.distance);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::uint8_t> composition(const Structure& crystal) {
  auto elements = crystal.elements;
  std::sort(elements.begin(), elements.end());
  return elements;
}

void expect_same(const Structure& a, const Structure& b, const std::string& id, bool compare_distances) {
  EXPECT_EQ(composition(a), composition(b)) << id;
  EXPECT_NEAR(a.volume() / b.volume(), 1.0, 1e-4) << id;  // the CIF's and POSCAR's digits
  if (!compare_distances) return;
  // Pairs at the cutoff's edge may fall either way; of those well within it neither may lack one.
  const auto first = distances(a), second = distances(b);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if ((i >= first.size() || first[i] > 3.9) && (i >= second.size() || second[i] > 3.9)) break;
    ASSERT_LT(i, std::min(first.size(), second.size()))
        << id << ": " << first.size() << " and " << second.size();
    ASSERT_NEAR(first[i], second[i], 2e-3) << id;
  }
}

class RealCrystals : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(crystals_folder()))
      GTEST_SKIP() << "no real data in " << crystals_folder() << "; set TESSERA_SHARED_DATA";
  }
  test::TemporaryFolder folder_;
};

TEST_F(RealCrystals, AreTheSameAsDictCifAndPoscar) {
  for (const auto* name : {"elastic_tensor_2015.json.gz", "dielectric_constant.json.gz"}) {
    const std::vector<fs::path> inputs = {crystals_folder() / name};
    const SourceIndex index = index_sources(inputs, folder_ / name);
    const MappedFile unpacked(folder_ / name);
    const auto table = nlohmann::json::parse(unpacked.text());
    const auto column = [&](const char* wanted) {
      const auto& columns = table["columns"];
      return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), wanted) - columns.begin());
    };
    std::map<std::string, const nlohmann::json*> rows;
    for (const auto& row : table["data"]) rows[row[column("material_id")]] = &row;
    ASSERT_EQ(index.entries.size(), rows.size());
    const auto nsites =
        static_cast<std::size_t>(std::find(index.target_names.begin(), index.target_names.end(), "nsites") -
                                 index.target_names.begin());

    SourceReader reader(index);
    for (std::size_t i = 0; i < index.entries.size(); ++i) {
      const SourceEntry& entry = index.entries[i];
      const Structure crystal = reader.structure(entry);
      const auto& row = *rows.at(entry.id);
      const bool sample = i % 10 == 0;
      expect_same(crystal, read_cif(row[column("cif")].get<std::string>(), entry.id), entry.id, sample);
      expect_same(crystal, read_poscar(row[column("poscar")].get<std::string>(), entry.id), entry.id, sample);
      EXPECT_EQ(static_cast<double>(crystal.num_atoms()), entry.targets.at(nsites)) << entry.id;
    }
  }
}

TEST_F(RealCrystals, OfTheArchivesAgreeWithTheirTables) {
  const std::vector<fs::path> elastic_input = {crystals_folder() / "mp_elasticity/cifs.tar.xz"};
  const SourceIndex index = index_sources(elastic_input, folder_ / "spool");
  const TargetTable targets = read_targets(crystals_folder() / "mp_elasticity/targets.csv");
  ASSERT_EQ(index.entries.size(), targets.rows.size());
  EXPECT_EQ(targets.names.front(), "k_vrh_gpa");
  EXPECT_EQ(targets.skipped, std::vector<std::string>{"formula"});
  const auto sites = static_cast<std::size_t>(
      std::find(targets.names.begin(), targets.names.end(), "num_sites") - targets.names.begin());

  SourceReader reader(index);
  for (const SourceEntry& entry : index.entries)
    EXPECT_EQ(static_cast<double>(reader.structure(entry).num_atoms()),
              targets.rows.at(entry.id).values.at(sites))
        << entry.id;
}

TEST_F(RealCrystals, HaveTheVolumesOfTheirTable) {
  const TargetTable targets = read_targets(crystals_folder() / "mp_formation_energy/targets.csv");
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(targets.names.begin(), targets.names.end(), name) -
                                    targets.names.begin());
  };
  const std::size_t volume = column("volume_a3"), sites = column("num_sites");
  const std::vector<fs::path> input = {crystals_folder() / "mp_formation_energy/cifs.tar.xz"};
  const SourceIndex index = index_sources(input, folder_ / "spool");
  ASSERT_EQ(index.entries.size(), targets.rows.size());

  SourceReader reader(index);
  for (std::size_t i = 0; i < index.entries.size(); i += 50) {
    const SourceEntry& entry = index.entries[i];
    const Structure crystal = reader.structure(entry);
    EXPECT_NEAR(crystal.volume() / targets.rows.at(entry.id).values.at(volume), 1.0, 1e-5) << entry.id;
    EXPECT_EQ(static_cast<double>(crystal.num_atoms()), targets.rows.at(entry.id).values.at(sites))
        << entry.id;
  }
}

}  // namespace
}  // namespace tessera::crystal
