// SPDX-License-Identifier: Apache-2.0
#include "crystal/synthetic_crystal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "crystal/element.hpp"
#include "crystal/neighbor_list.hpp"
#include "crystal/prototypes.hpp"

namespace tessera::crystal {
namespace {

constexpr auto kMetals = std::to_array<std::string_view>(
    {"Li", "Na", "K",  "Rb", "Cs", "Mg", "Ca", "Sr", "Ba", "Sc", "Y",  "La", "Ti", "Zr",
     "Hf", "V",  "Nb", "Ta", "Cr", "Mo", "W",  "Mn", "Re", "Fe", "Ru", "Co", "Rh", "Ir",
     "Ni", "Pd", "Pt", "Cu", "Ag", "Au", "Zn", "Cd", "Al", "Ga", "In", "Tl", "Pb", "Bi"});
constexpr auto kAnions =
    std::to_array<std::string_view>({"N", "O", "F", "P", "S", "Cl", "As", "Se", "Br", "Te", "I"});
constexpr auto kTetrels = std::to_array<std::string_view>({"C", "Si", "Ge", "Sn"});

std::uint8_t draw_element(char role, core::RandomStream& random) {
  const std::span<const std::string_view> choices = role == 'M' ? std::span<const std::string_view>(kMetals)
                                                    : role == 'X'
                                                        ? std::span<const std::string_view>(kAnions)
                                                        : std::span<const std::string_view>(kTetrels);
  return static_cast<std::uint8_t>(*element_from_symbol(choices[random.below(choices.size())]));
}

// No element twice: two species of one element would raise the symmetry.
std::vector<std::uint8_t> draw_elements(std::string_view roles, core::RandomStream& random) {
  std::vector<std::uint8_t> elements;
  while (elements.size() < roles.size()) {
    const std::uint8_t element = draw_element(roles[elements.size()], random);
    if (std::find(elements.begin(), elements.end(), element) == elements.end()) elements.push_back(element);
  }
  return elements;
}

// The factor at which the tightest pair of atoms touches.
double touching_scale(const Structure& structure) {
  constexpr double kReach = 3;  // Å; at 1 Å³ an atom, each has many neighbours within
  double scale = 0;
  const NeighborList list = find_neighbors(structure, kReach);
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom)
    for (auto i = list.offsets[atom]; i < list.offsets[atom + 1]; ++i) {
      const Neighbor& neighbor = list.neighbors[static_cast<std::size_t>(i)];
      const double radii =
          covalent_radius_angstrom(structure.elements[atom]) +
          covalent_radius_angstrom(structure.elements[static_cast<std::size_t>(neighbor.atom)]);
      scale = std::max(scale, radii / neighbor.distance);
    }
  return scale;
}

}  // namespace

SyntheticCrystal make_synthetic_crystal(std::uint64_t seed, std::int64_t index) {
  core::RandomStream random(seed, "synthetic crystal", static_cast<std::uint64_t>(index));
  const auto& types = prototypes();
  const Prototype& prototype = types[static_cast<std::size_t>(index) % types.size()];

  CellRatios ratios = prototype.ratios;
  ratios.b_over_a *= random.uniform(0.97, 1.03);
  ratios.c_over_a *= random.uniform(0.97, 1.03);
  ratios.beta_degrees += random.uniform(-1.5, 1.5);
  std::vector<double> parameters = prototype.parameters;
  for (double& parameter : parameters) parameter += random.uniform(-0.005, 0.005);

  SyntheticCrystal crystal;
  crystal.structure = decorate(prototype, draw_elements(prototype.roles, random), ratios, parameters);
  crystal.structure.lattice *= touching_scale(crystal.structure) * random.uniform(0.97, 1.03);
  crystal.id = fmt::format("synth-{:06}-{}", index, prototype.name);
  crystal.space_group = prototype.space_group;
  crystal.properties = empirical_properties(crystal.structure);
  return crystal;
}

}  // namespace tessera::crystal
