// SPDX-License-Identifier: Apache-2.0
// Fourier transform of real values on a grid, and back (FFTW: Frigo and Johnson 2005).
#pragma once

#include <complex>
#include <cstdint>
#include <memory>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// How much is tried out before the first transform: Measured takes some tenths of a second for a volume of
/// 100³, once for each size in a process, and makes every transform a third quicker.
enum class Planning { Quick, Measured };

/// T is float or double.
template <typename T>
class RealTransform {
 public:
  RealTransform(const GridSize& size, Planning planning);
  ~RealTransform();
  RealTransform(const RealTransform&) = delete;
  RealTransform& operator=(const RealTransform&) = delete;

  std::int64_t cells() const { return cells_; }
  std::int64_t modes() const { return modes_; }  // half of the last axis, for the other half mirrors it
  T* real();                                     // the last axis fastest
  std::complex<T>* spectrum();
  void to_spectrum();
  void to_real();  // times the number of cells

 private:
  struct Plans;
  std::int64_t cells_, modes_;
  std::unique_ptr<Plans> plans_;
};

extern template class RealTransform<float>;
extern template class RealTransform<double>;

}  // namespace tessera::microstructure
