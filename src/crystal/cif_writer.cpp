// SPDX-License-Identifier: Apache-2.0
#include "crystal/cif_writer.hpp"

#include <fmt/format.h>

#include <Eigen/Geometry>
#include <cmath>
#include <iterator>
#include <numbers>

#include "crystal/element.hpp"

namespace tessera::crystal {
namespace {

double angle_degrees(const Vector3& u, const Vector3& v) {
  // atan2 keeps 90° exact where acos of a rounded cosine would not.
  return std::atan2(u.cross(v).norm(), u.dot(v)) * 180.0 / std::numbers::pi;
}

}  // namespace

std::string write_cif(const Structure& structure, std::string_view block_name) {
  const Vector3 a = structure.lattice.row(0), b = structure.lattice.row(1), c = structure.lattice.row(2);
  std::string text = fmt::format("data_{}\n_symmetry_space_group_name_H-M   'P 1'\n", block_name);
  const auto append = std::back_inserter(text);
  fmt::format_to(append, "_cell_length_a   {:.10f}\n_cell_length_b   {:.10f}\n_cell_length_c   {:.10f}\n",
                 a.norm(), b.norm(), c.norm());
  fmt::format_to(append,
                 "_cell_angle_alpha   {:.10f}\n_cell_angle_beta   {:.10f}\n_cell_angle_gamma   {:.10f}\n",
                 angle_degrees(b, c), angle_degrees(a, c), angle_degrees(a, b));
  fmt::format_to(append,
                 "_symmetry_Int_Tables_number   1\n_chemical_formula_sum   '{}'\n_cell_volume   {:.8f}\n",
                 formula(structure), structure.volume());
  text +=
      "loop_\n _symmetry_equiv_pos_site_id\n _symmetry_equiv_pos_as_xyz\n  1  'x, y, z'\n"
      "loop_\n _atom_site_type_symbol\n _atom_site_label\n _atom_site_symmetry_multiplicity\n"
      " _atom_site_fract_x\n _atom_site_fract_y\n _atom_site_fract_z\n _atom_site_occupancy\n";
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
    const auto& site = structure.fractional[atom];
    const auto element = symbol(structure.elements[atom]);
    fmt::format_to(append, "  {0}  {0}{1}  1  {2:.10f}  {3:.10f}  {4:.10f}  1\n", element, atom, site.x(),
                   site.y(), site.z());
  }
  return text;
}

}  // namespace tessera::crystal
