// SPDX-License-Identifier: Apache-2.0
#include "crystal/symmetry.hpp"

#include <fmt/format.h>
#include <spglib.h>

#include <cmath>
#include <memory>

#include "core/error.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

struct FreeDataset {
  void operator()(SpglibDataset* dataset) const { spg_free_dataset(dataset); }
};

// A structure as spglib takes it: lattice vectors in columns.
struct SpglibCell {
  double lattice[3][3];
  std::unique_ptr<double[][3]> positions;
  std::unique_ptr<int[]> types;
  int num_atoms;
};

SpglibCell to_spglib(const Structure& structure, std::size_t capacity) {
  SpglibCell cell{{},
                  std::make_unique<double[][3]>(capacity),
                  std::make_unique<int[]>(capacity),
                  static_cast<int>(structure.num_atoms())};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) cell.lattice[i][j] = structure.lattice(j, i);
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
    for (int axis = 0; axis < 3; ++axis) cell.positions[atom][axis] = structure.fractional[atom][axis];
    cell.types[atom] = structure.elements[atom];
  }
  return cell;
}

Structure from_spglib(const double lattice[3][3], const double positions[][3], const int* types,
                      int num_atoms) {
  Structure structure;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) structure.lattice(i, j) = lattice[j][i];
  for (int atom = 0; atom < num_atoms; ++atom) {
    structure.elements.push_back(static_cast<std::uint8_t>(types[atom]));
    Vector3 position(positions[atom][0], positions[atom][1], positions[atom][2]);
    structure.fractional.push_back(wrapped(position));
  }
  return structure;
}

[[noreturn]] void fail_without_symmetry(const Structure& structure, double symprec) {
  throw core::DataError(
      fmt::format("spglib must find a symmetry, but finds none for {} at symprec {} Å ({}).",
                  formula(structure), symprec, spg_get_error_message(spg_get_error_code())));
}

}  // namespace

Symmetry find_symmetry(const Structure& structure, double symprec_angstrom) {
  SpglibCell cell = to_spglib(structure, structure.num_atoms());
  const std::unique_ptr<SpglibDataset, FreeDataset> dataset(spg_get_dataset(
      cell.lattice, cell.positions.get(), cell.types.get(), cell.num_atoms, symprec_angstrom));
  if (!dataset || dataset->spacegroup_number == 0) fail_without_symmetry(structure, symprec_angstrom);
  return {dataset->spacegroup_number, from_spglib(dataset->std_lattice, dataset->std_positions,
                                                  dataset->std_types, dataset->n_std_atoms)};
}

Structure primitive_cell(const Structure& structure, double symprec_angstrom) {
  constexpr int kToPrimitive = 1;
  constexpr int kIdealize = 0;
  // spglib passes through the conventional cell, which may hold four times the atoms.
  SpglibCell cell = to_spglib(structure, 4 * structure.num_atoms());
  const int num_atoms = spg_standardize_cell(cell.lattice, cell.positions.get(), cell.types.get(),
                                             cell.num_atoms, kToPrimitive, kIdealize, symprec_angstrom);
  if (num_atoms == 0) fail_without_symmetry(structure, symprec_angstrom);
  return from_spglib(cell.lattice, cell.positions.get(), cell.types.get(), num_atoms);
}

}  // namespace tessera::crystal
