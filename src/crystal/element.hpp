// SPDX-License-Identifier: Apache-2.0
// The elements: symbols of all 118, tabulated properties of the first 100, and the 92 bits that CGCNN and
// DeepCrysTet give each atom. The bits are computed from the properties by a rule, never stored.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tessera::crystal {

constexpr int kMaxElement = 118;
constexpr int kMaxFeaturedElement = 100;  // Fm: no properties are tabulated beyond
constexpr int kNumAtomFeatures = 92;

enum class Block { S, P, D, F };

/// Values as the package mendeleev (MIT) had them; NaN where none is known.
struct ElementProperties {
  double electronegativity;     // Pauling
  double covalent_radius_pm;    // single bond, Pyykkö and Atsumi (2009)
  int valence_electrons;        // 1 to 12
  double ionization_energy_ev;  // the first
  double electron_affinity_ev;
  double atomic_volume_cm3;  // a mole
};

/// "Fe" of 26. Elements outside 1…118 raise DataError, here and below.
std::string_view symbol(int element);

/// 26 of "Fe"; nothing where no element is spelt so (case matters).
std::optional<int> element_from_symbol(std::string_view symbol);

/// 1 to 7.
int period(int element);

/// 1 to 18; 0 for La to Yb and Ac to No, which the features count as having no group.
int group(int element);

/// La and Ac count as f, Lu and Lr as d, He as s.
Block block(int element);

/// Raises DataError beyond kMaxFeaturedElement.
const ElementProperties& properties(int element);

/// Å. Raises DataError beyond kMaxFeaturedElement.
double covalent_radius_angstrom(int element);

/// The 92 bits of Xie and Grossman (2018), each 0 or 1: group 19 (slot 0: none), period 7, electronegativity
/// 10, covalent radius 10, valence electrons 12, ln ionisation energy 10, electron affinity 10, block 4,
/// ln atomic volume 10. A value missing or out of range leaves its field all zero.
/// Raises DataError beyond kMaxFeaturedElement.
std::span<const std::uint8_t, kNumAtomFeatures> atom_features(int element);

}  // namespace tessera::crystal
