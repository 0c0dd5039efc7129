// SPDX-License-Identifier: Apache-2.0
#include "crystal/symmetry.hpp"

#include <fmt/format.h>
#include <spglib.h>

#include <Eigen/LU>
#include <cmath>
#include <memory>
#include <set>
#include <span>
#include <utility>

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

SpglibCell to_spglib(const Structure& structure) {
  SpglibCell cell{{},
                  std::make_unique<double[][3]>(structure.num_atoms()),
                  std::make_unique<int[]>(structure.num_atoms()),
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

// The lattice vectors of the primitive cell in those of the conventional one, a row each, as
// spg_standardize_cell chooses them.
Matrix3 primitive_vectors(char centring) {
  Matrix3 rows = Matrix3::Identity();
  switch (centring) {
    case 'A': rows << 1, 0, 0, 0, 0.5, 0.5, 0, -0.5, 0.5; break;
    case 'C': rows << 0.5, -0.5, 0, 0.5, 0.5, 0, 0, 0, 1; break;
    case 'I': rows << -0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0.5, 0.5, -0.5; break;
    case 'F': rows << 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0; break;
    case 'R': rows << 2, 1, 1, -1, 1, 1, -1, -2, 1; return rows / 3;
    default: break;
  }
  return rows;
}

// Of the atoms that are one in the primitive cell (`place`, for each atom) the first.
Structure primitive_of(const Structure& refined, char centring, std::span<const int> place) {
  const Matrix3 vectors = primitive_vectors(centring);
  const Matrix3 to_primitive = vectors.inverse();
  Structure primitive;
  primitive.lattice = vectors * refined.lattice;
  std::set<int> seen;
  for (std::size_t atom = 0; atom < refined.num_atoms(); ++atom) {
    if (!seen.insert(place[atom]).second) continue;
    primitive.elements.push_back(refined.elements[atom]);
    primitive.fractional.push_back(wrapped(refined.fractional[atom] * to_primitive));
  }
  return primitive;
}

[[noreturn]] void fail_without_symmetry(const Structure& structure, double symprec) {
  throw core::DataError(
      fmt::format("spglib must find a symmetry, but finds none for {} at symprec {} Å ({}).",
                  formula(structure), symprec, spg_get_error_message(spg_get_error_code())));
}

}  // namespace

Symmetry find_symmetry(const Structure& structure, double symprec_angstrom) {
  SpglibCell cell = to_spglib(structure);
  const std::unique_ptr<SpglibDataset, FreeDataset> dataset(spg_get_dataset(
      cell.lattice, cell.positions.get(), cell.types.get(), cell.num_atoms, symprec_angstrom));
  if (!dataset || dataset->spacegroup_number == 0) fail_without_symmetry(structure, symprec_angstrom);
  Structure refined =
      from_spglib(dataset->std_lattice, dataset->std_positions, dataset->std_types, dataset->n_std_atoms);
  Structure primitive = primitive_of(refined, dataset->international_symbol[0],
                                     {dataset->std_mapping_to_primitive, refined.num_atoms()});
  return {dataset->spacegroup_number, std::move(refined), std::move(primitive)};
}

}  // namespace tessera::crystal
