// SPDX-License-Identifier: Apache-2.0
// spglib's own table of space groups is the oracle for what names and expansion give.
#include "crystal/readers/symmetry_operations.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <spglib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"

namespace tessera::crystal {
namespace {

using Key = std::array<int, 12>;

Key key_of(const SymmetryOperation& operation) {
  Key key{};
  for (int i = 0; i < 9; ++i)
    key[static_cast<std::size_t>(i)] = static_cast<int>(std::lround(operation.rotation(i / 3, i % 3)));
  for (int i = 0; i < 3; ++i) {
    const double inside = operation.translation(i) - std::floor(operation.translation(i));
    key[static_cast<std::size_t>(9 + i)] = static_cast<int>(std::lround(24 * inside)) % 24;
  }
  return key;
}

std::set<Key> keys_of_spglib(int hall_number) {
  std::array<std::array<std::array<int, 3>, 3>, 192> rotations{};
  std::array<std::array<double, 3>, 192> translations{};
  const int count =
      spg_get_symmetry_from_database(reinterpret_cast<int(*)[3][3]>(rotations.data()),
                                     reinterpret_cast<double(*)[3]>(translations.data()), hall_number);
  std::set<Key> keys;
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    SymmetryOperation operation;
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column)
        operation.rotation(column, row) =
            rotations[n][static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    for (int i = 0; i < 3; ++i) operation.translation(i) = translations[n][static_cast<std::size_t>(i)];
    keys.insert(key_of(operation));
  }
  return keys;
}

TEST(SymmetryOperations, OfEveryHallSymbolAreSpglibs) {
  int compared = 0;
  std::set<int> groups;
  for (int hall_number = 1; hall_number <= 530; ++hall_number) {
    const SpglibSpacegroupType type = spg_get_spacegroup_type(hall_number);
    const auto operations = operations_of_hall_symbol(type.hall_symbol);
    if (!operations) continue;  // spelt another way in gemmi's table
    std::set<Key> keys;
    for (const auto& operation : *operations) keys.insert(key_of(operation));
    EXPECT_EQ(keys, keys_of_spglib(hall_number)) << type.hall_symbol;
    ++compared;
    groups.insert(type.number);
  }
  EXPECT_GE(compared, 470);
  EXPECT_GE(groups.size(), 217u);
}

TEST(SymmetryOperations, OfEveryNumberAreSpglibsOfThatGroup) {
  std::map<int, std::vector<std::set<Key>>> settings;
  for (int hall_number = 1; hall_number <= 530; ++hall_number)
    settings[spg_get_spacegroup_type(hall_number).number].push_back(keys_of_spglib(hall_number));
  int with_two_origins = 0;
  for (int number = 1; number <= 230; ++number) {
    try {
      const auto operations = operations_of_space_group(fmt::format("{}", number), 90, 120);
      ASSERT_TRUE(operations) << number;
      std::set<Key> keys;
      for (const auto& operation : *operations) keys.insert(key_of(operation));
      EXPECT_NE(std::find(settings[number].begin(), settings[number].end(), keys), settings[number].end())
          << number;
    } catch (const core::DataError&) {
      ++with_two_origins;
    }
  }
  EXPECT_EQ(with_two_origins, 24) << "as many as the International Tables list";
}

TEST(SymmetryOperations, AGeneralPositionGivesAsManySitesAsOperations) {
  Matrix3 lattice = Vector3(7, 7, 7).asDiagonal();
  const std::vector<Vector3> sites = {Vector3(0.113, 0.237, 0.341)};
  const std::vector<std::uint8_t> kinds = {14};

  for (const auto* name : {"P m -3 m", "I a -3 d", "F m -3 m", "P 2 3"}) {
    const auto operations = operations_of_space_group(name, 90, 90);
    ASSERT_TRUE(operations) << name;
    EXPECT_EQ(expand_sites(sites, kinds, *operations, lattice, 0.05).size(), operations->size()) << name;
  }
}

TEST(SymmetryOperations, ASiteListedTwiceOverSymmetryCountsOnce) {
  const Matrix3 lattice = Vector3(5, 5, 5).asDiagonal();
  const auto operations = operations_of_space_group("P -1", 90, 90);
  const std::vector<Vector3> sites = {Vector3(0.2, 0.3, 0.4), Vector3(0.8, 0.7, 0.6)};

  EXPECT_EQ(expand_sites(sites, std::vector<std::uint8_t>{8, 8}, *operations, lattice, 0.05).size(), 2u);
  EXPECT_EQ(expand_sites(sites, std::vector<std::uint8_t>{8, 16}, *operations, lattice, 0.05).size(), 4u)
      << "two elements on one site stay two, for check_possible to refuse";
}

TEST(SymmetryOperations, ReadsTripletsHoweverTheyAreSpelt) {
  for (const auto* triplet : {"-y, x-y, z+1/3", "-Y,X-Y,Z+1/3", "-y,x-y,1/3+z", "-1*y, +x - y, 2/6 + z"}) {
    const auto operation = parse_operation(triplet);
    ASSERT_TRUE(operation) << triplet;
    const Vector3 image = Vector3(0.1, 0.2, 0.3) * operation->rotation + operation->translation;
    EXPECT_TRUE(image.isApprox(Vector3(-0.2, -0.1, 0.3 + 1.0 / 3.0))) << triplet;
  }
  EXPECT_NEAR(parse_operation("x+0.25,y,z")->translation(0), 0.25, 0.0);
  for (const auto* broken :
       {"x,y", "x,y,z,x", "x,,z", "x+,y,z", "x y,y,z", "x,y,w", "x,y,1/0", "", "x,y,99999e99999"})
    EXPECT_FALSE(parse_operation(broken)) << broken;
}

TEST(SymmetryOperations, WrapsIntoTheCell) {
  const Vector3 inside = wrap(Vector3(-1e-18, 1.25, -0.25));
  EXPECT_EQ(inside, Vector3(0.0, 0.25, 0.75));
}

}  // namespace
}  // namespace tessera::crystal
