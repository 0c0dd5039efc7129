// SPDX-License-Identifier: Apache-2.0
#include "crystal/element.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace tessera::crystal {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::string_view, kMaxElement> kSymbols = {
    "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si", "P",  "S",  "Cl",
    "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se",
    "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb",
    "Te", "I",  "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er",
    "Tm", "Yb", "Lu", "Hf", "Ta", "W",  "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At",
    "Rn", "Fr", "Ra", "Ac", "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No",
    "Lr", "Rf", "Db", "Sg", "Bh", "Hs", "Mt", "Ds", "Rg", "Cn", "Nh", "Fl", "Mc", "Lv", "Ts", "Og"};

// electronegativity, radius (pm), valence electrons, ionisation energy (eV), affinity (eV), volume (cm³/mol)
constexpr std::array<ElementProperties, kMaxFeaturedElement> kProperties = {{
    {2.2, 32, 1, 13.5984, 0.75419, 14.1},    // H
    {kNone, 46, 2, 24.5874, -19.7, 31.8},    // He
    {0.98, 133, 1, 5.39171, 0.61805, 13.1},  // Li
    {1.57, 102, 2, 9.3227, -2.4, 5},         // Be
    {2.04, 85, 3, 8.29802, 0.27972, 4.6},    // B
    {2.55, 75, 4, 11.2603, 1.2621, 5.3},     // C
    {3.04, 71, 5, 14.5341, -1.4, 17.3},      // N
    {3.44, 63, 6, 13.6181, 1.4611, 14},      // O
    {3.98, 64, 7, 17.4228, 3.4012, 17.1},    // F
    {kNone, 67, 8, 21.5645, kNone, 16.8},    // Ne
    {0.93, 155, 1, 5.13908, 0.54793, 23.7},  // Na
    {1.31, 139, 2, 7.64624, kNone, 14},      // Mg
    {1.61, 126, 3, 5.98577, 0.43283, 10},    // Al
    {1.9, 116, 4, 8.15168, 1.3895, 12.1},    // Si
    {2.19, 111, 5, 10.4867, 0.74661, 17},    // P
    {2.58, 103, 6, 10.36, 2.0771, 15.5},     // S
    {3.16, 99, 7, 12.9676, 3.6127, 18.7},    // Cl
    {kNone, 96, 8, 15.7596, -11.5, 24.2},    // Ar
    {0.82, 196, 1, 4.34066, 0.50147, 45.3},  // K
    {1, 171, 2, 6.11316, 0.02455, 29.9},     // Ca
    {1.36, 148, 3, 6.56149, 0.188, 15},      // Sc
    {1.54, 136, 4, 6.82812, 0.079, 10.6},    // Ti
    {1.63, 134, 5, 6.74619, 0.525, 8.35},    // V
    {1.66, 122, 6, 6.76651, 0.666, 7.23},    // Cr
    {1.55, 119, 7, 7.43404, kNone, 7.39},    // Mn
    {1.83, 116, 8, 7.90247, 0.151, 7.1},     // Fe
    {1.88, 111, 9, 7.88101, 0.66226, 6.7},   // Co
    {1.91, 110, 10, 7.63988, 1.156, 6.6},    // Ni
    {1.9, 112, 11, 7.72638, 1.235, 7.1},     // Cu
    {1.65, 118, 12, 9.3942, kNone, 9.2},     // Zn
    {1.81, 124, 3, 5.9993, 0.43, 11.8},      // Ga
    {2.01, 121, 4, 7.89944, 1.2327, 13.6},   // Ge
    {2.18, 121, 5, 9.78855, 0.804, 13.1},    // As
    {2.55, 116, 6, 9.75237, 2.0207, 16.5},   // Se
    {2.96, 114, 7, 11.8138, 3.3636, 23.5},   // Br
    {kNone, 117, 8, 13.9996, kNone, 32.2},   // Kr
    {0.82, 210, 1, 4.17713, 0.48592, 55.9},  // Rb
    {0.95, 185, 2, 5.69487, 0.048, 33.7},    // Sr
    {1.22, 163, 3, 6.21726, 0.307, 19.8},    // Y
    {1.33, 154, 4, 6.63413, 0.426, 14.1},    // Zr
    {1.6, 147, 5, 6.75885, 0.91741, 10.8},   // Nb
    {2.16, 138, 6, 7.09243, 0.748, 9.4},     // Mo
    {2.1, 128, 7, 7.11938, 0.55, 8.5},       // Tc
    {2.2, 125, 8, 7.3605, 1.05, 8.3},        // Ru
    {2.28, 125, 9, 7.4589, 1.137, 8.3},      // Rh
    {2.2, 120, 12, 8.33684, 0.562, 8.9},     // Pd
    {1.93, 128, 11, 7.57623, 1.302, 10.3},   // Ag
    {1.69, 136, 12, 8.99382, kNone, 13.1},   // Cd
    {1.78, 142, 3, 5.78636, 0.3, 15.7},      // In
    {1.96, 140, 4, 7.34392, 1.1121, 16.3},   // Sn
    {2.05, 140, 5, 8.60839, 1.046, 18.4},    // Sb
    {2.1, 136, 6, 9.00981, 1.9709, 20.5},    // Te
    {2.66, 133, 7, 10.4512, 3.059, 25.7},    // I
    {2.6, 131, 8, 12.1298, -0.056, 42.9},    // Xe
    {0.79, 232, 1, 3.89391, 0.47163, 70},    // Cs
    {0.89, 196, 2, 5.21166, 0.14462, 39},    // Ba
    {1.1, 180, 2, 5.5769, 0.47, 22.5},       // La
    {1.12, 163, 2, 5.5386, 0.65, 21},        // Ce
    {1.13, 176, 2, 5.4702, 0.962, 20.8},     // Pr
    {1.14, 174, 2, 5.525, 1.916, 20.6},      // Nd
    {kNone, 173, 2, 5.58187, kNone, kNone},  // Pm
    {1.17, 172, 2, 5.64372, kNone, 19.9},    // Sm
    {kNone, 168, 2, 5.67038, 0.864, 28.9},   // Eu
    {1.2, 169, 2, 6.1498, kNone, 19.9},      // Gd
    {kNone, 168, 2, 5.8638, 1.165, 19.2},    // Tb
    {1.22, 167, 2, 5.93906, 0.352, 19},      // Dy
    {1.23, 166, 2, 6.0215, kNone, 18.7},     // Ho
    {1.24, 165, 2, 6.1077, kNone, 18.4},     // Er
    {1.25, 164, 2, 6.1844, 1.029, 18.1},     // Tm
    {kNone, 170, 2, 6.25416, -0.02, 24.8},   // Yb
    {1, 162, 3, 5.42587, 0.34, 17.8},        // Lu
    {1.3, 152, 4, 6.82507, 0.014, 13.6},     // Hf
    {1.5, 146, 5, 7.54957, 0.322, 10.9},     // Ta
    {1.7, 137, 6, 7.86403, 0.81626, 9.53},   // W
    {1.9, 131, 7, 7.83352, 0.15, 8.85},      // Re
    {2.2, 129, 8, 8.43823, 1.1, 8.43},       // Os
    {2.2, 122, 9, 8.96702, 1.5638, 8.54},    // Ir
    {2.2, 123, 10, 8.95883, 2.128, 9.1},     // Pt
    {2.4, 124, 11, 9.22555, 2.3086, 10.2},   // Au
    {1.9, 133, 12, 10.4375, kNone, 14.8},    // Hg
    {1.8, 144, 3, 6.10829, 0.377, 17.2},     // Tl
    {1.8, 144, 4, 7.41668, 0.35674, 18.3},   // Pb
    {1.9, 151, 5, 7.28552, 0.94236, 21.3},   // Bi
    {2, 145, 6, 8.41807, 1.9, 22.7},         // Po
    {2.2, 147, 7, 9.31751, 2.8, kNone},      // At
    {kNone, 142, 8, 10.7485, kNone, kNone},  // Rn
    {0.7, 223, 1, 4.07274, 0.486, kNone},    // Fr
    {0.9, 201, 2, 5.27842, 0.1, 45},         // Ra
    {1.1, 186, 2, 5.38023, 0.35, 22.54},     // Ac
    {1.3, 175, 2, 6.3067, kNone, 19.8},      // Th
    {1.5, 169, 2, 5.89, kNone, 15},          // Pa
    {1.7, 170, 2, 6.19405, kNone, 12.5},     // U
    {1.3, 171, 2, 6.26554, kNone, 21.1},     // Np
    {1.3, 172, 2, 6.02576, kNone, kNone},    // Pu
    {kNone, 166, 2, 5.97381, kNone, 20.8},   // Am
    {kNone, 166, 2, 5.99224, kNone, 18.28},  // Cm
    {kNone, 168, 2, 6.19785, kNone, kNone},  // Bk
    {kNone, 168, 2, 6.28188, kNone, kNone},  // Cf
    {kNone, 165, 2, 6.3684, kNone, kNone},   // Es
    {kNone, 167, 2, 6.5, kNone, kNone},      // Fm
}};

constexpr std::array<int, 7> kNobleGases = {2, 10, 18, 36, 54, 86, 118};

void check_element(int element, int last, std::string_view what) {
  if (element >= 1 && element <= last) return;
  const std::string name = element >= 1 && element <= kMaxElement
                               ? fmt::format("{} ({})", symbol(element), element)
                               : fmt::format("{}", element);
  throw core::DataError(
      fmt::format("{} of an element need an atomic number from 1 to {}, got {}.", what, last, name));
}

struct Field {
  int first;
  int slots;
};
constexpr Field kGroup{0, 19}, kPeriod{19, 7}, kElectronegativity{26, 10}, kRadius{36, 10}, kValence{46, 12},
    kIonization{58, 10}, kAffinity{68, 10}, kBlock{78, 4}, kVolume{82, 10};

// Bins are closed on the right, their edges evaluated as low + i * width in doubles: this puts xenon's 2.60,
// say, above the edge at 2.5999999999999996 as in the published vectors.
int bin_of(double value, double low, double high, int bins) {
  const double width = (high - low) / bins;
  for (int i = 0; i < bins; ++i)
    if (low + i * width < value && value <= low + (i + 1) * width) return i;
  return -1;
}

using Bits = std::array<std::uint8_t, kNumAtomFeatures>;

Bits compute_features(int element) {
  constexpr int kActinium = 89;
  const ElementProperties& values = properties(element);
  Bits bits{};
  const auto set = [&bits](Field field, int slot) {
    if (slot >= 0 && slot < field.slots) bits[static_cast<std::size_t>(field.first + slot)] = 1;
  };
  set(kGroup, group(element));
  set(kPeriod, period(element) - 1);
  set(kElectronegativity, bin_of(values.electronegativity, 0.5, 4.0, 10));
  set(kRadius, bin_of(values.covalent_radius_pm, 25, 250, 10));
  set(kValence, values.valence_electrons - 1);
  set(kIonization, bin_of(std::log(values.ionization_energy_ev), 1.3, 3.3, 10));
  // The one exception to the rule: the published vectors put actinium (0.35 eV) one bin higher.
  set(kAffinity, element == kActinium ? 5 : bin_of(values.electron_affinity_ev, -3, 3.7, 10));
  set(kBlock, static_cast<int>(block(element)));
  set(kVolume, bin_of(std::log(values.atomic_volume_cm3), 1.5, 4.3, 10));
  return bits;
}

}  // namespace

std::string_view symbol(int element) {
  check_element(element, kMaxElement, "Symbols");
  return kSymbols[static_cast<std::size_t>(element - 1)];
}

std::optional<int> element_from_symbol(std::string_view symbol) {
  for (std::size_t i = 0; i < kSymbols.size(); ++i)
    if (kSymbols[i] == symbol) return static_cast<int>(i) + 1;
  return std::nullopt;
}

int period(int element) {
  check_element(element, kMaxElement, "Periods");
  int period = 1;
  for (int noble_gas : kNobleGases)
    if (element > noble_gas) ++period;
  return period;
}

int group(int element) {
  const int row = period(element);
  const int noble_gas = kNobleGases[static_cast<std::size_t>(row - 1)];
  const int column = row == 1 ? element : element - kNobleGases[static_cast<std::size_t>(row - 2)];
  if (column <= 2 && element != 2) return column;
  const int from_right = 18 - (noble_gas - element);
  // Rows 6 and 7 hold 14 more: from_right runs from -11 (La, Ac) to 2 (Yb, No) there.
  return from_right >= 3 ? from_right : 0;
}

Block block(int element) {
  const int column = group(element);
  if (column == 0) return Block::F;
  if (column <= 2 || element == 2) return Block::S;
  return column <= 12 ? Block::D : Block::P;
}

const ElementProperties& properties(int element) {
  check_element(element, kMaxFeaturedElement, "Properties");
  return kProperties[static_cast<std::size_t>(element - 1)];
}

double covalent_radius_angstrom(int element) {
  return properties(element).covalent_radius_pm / 100;
}

std::span<const std::uint8_t, kNumAtomFeatures> atom_features(int element) {
  check_element(element, kMaxFeaturedElement, "Features");
  static const auto table = [] {
    std::array<Bits, kMaxFeaturedElement> bits;
    for (int z = 1; z <= kMaxFeaturedElement; ++z)
      bits[static_cast<std::size_t>(z - 1)] = compute_features(z);
    return bits;
  }();
  return table[static_cast<std::size_t>(element - 1)];
}

}  // namespace tessera::crystal
