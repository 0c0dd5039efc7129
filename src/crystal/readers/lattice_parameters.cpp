// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/lattice_parameters.hpp"

#include <Eigen/LU>
#include <cmath>
#include <numbers>

namespace tessera::crystal {
namespace {

// Exact where the exact value is known: a right angle must give a zero, not 6e-17.
double cosine(double degrees) {
  if (degrees == 90.0) return 0.0;
  if (degrees == 60.0) return 0.5;
  if (degrees == 120.0) return -0.5;
  return std::cos(degrees * std::numbers::pi / 180.0);
}

double sine(double degrees) {
  return degrees == 90.0 ? 1.0 : std::sin(degrees * std::numbers::pi / 180.0);
}

}  // namespace

std::optional<Matrix3> lattice_of(const LatticeParameters& cell) {
  const double cos_alpha = cosine(cell.alpha), cos_beta = cosine(cell.beta), cos_gamma = cosine(cell.gamma);
  const double sin_alpha = sine(cell.alpha), sin_beta = sine(cell.beta);
  const double cos_gamma_star = (cos_alpha * cos_beta - cos_gamma) / (sin_alpha * sin_beta);
  if (!(std::abs(cos_gamma_star) < 1.0)) return std::nullopt;
  const double sin_gamma_star = std::sqrt(1.0 - cos_gamma_star * cos_gamma_star);

  Matrix3 lattice;
  lattice << cell.a * sin_beta, 0.0, cell.a * cos_beta,                                               //
      -cell.b * sin_alpha * cos_gamma_star, cell.b * sin_alpha * sin_gamma_star, cell.b * cos_alpha,  //
      0.0, 0.0, cell.c;
  if (!lattice.allFinite() || !(std::abs(lattice.determinant()) > 0.0)) return std::nullopt;
  return lattice;
}

}  // namespace tessera::crystal
