// SPDX-License-Identifier: Apache-2.0
// The standard normal distribution where doubles alone do not reach: logarithms of tails and of intervals.
#pragma once

namespace tessera::search {

/// log Φ(x); below -20 by the asymptotic series (Abramowitz and Stegun 1964, 26.2.12).
double log_normal_cdf(double x);

/// log(Φ(b) - Φ(a)), a < b, taken in the left tail, where it has all its digits.
double log_normal_mass(double a, double b);

}  // namespace tessera::search
