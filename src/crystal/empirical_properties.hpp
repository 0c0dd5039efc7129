// SPDX-License-Identifier: Apache-2.0
// Properties of a crystal by closed formulas, for made data: rough as physics, but smooth functions of
// species and distances that a model can learn. Elements must have an electronegativity and a radius (not
// noble gases).
#pragma once

#include "crystal/structure.hpp"

namespace tessera::crystal {

struct EmpiricalProperties {
  /// eV an atom. Pauling (1932): a bond between i and j gains (χi − χj)² eV over its elements' own bonds.
  /// Atom i forms v_i bonds (its valence electrons, or the holes of a p shell, at most 4), shared over its
  /// neighbours j as w_ij = exp((r_i + r_j − d_ij) / 0.37 Å), the bond valences of Brown and Altermatt (1985)
  /// with Pyykkö's radii:  E = −1/(2N) Σ_i v_i Σ_j p_ij (χi − χj)²,  p_ij = w_ij / Σ_k w_ik.
  double formation_energy_ev;
  /// GPa. Cohen (1985):  B = N_c / 4 · (1971 − 220 λ) / d^3.5  with d (Å) the mean distance weighted by p_ij,
  /// N_c = mean of Σ_j w_ij / max_j w_ij, and the ionicity λ = Σ_j p_ij |χi − χj| averaged, at most 3.
  double bulk_modulus_gpa;
};

EmpiricalProperties empirical_properties(const Structure& structure);

}  // namespace tessera::crystal
