// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/real_transform.hpp"

#include <fftw3.h>

#include <mutex>
#include <type_traits>

namespace tessera::microstructure {

template <typename T>
struct RealTransform<T>::Plans {
  static constexpr bool kIsDouble = std::is_same_v<T, double>;
  using Plan = std::conditional_t<kIsDouble, fftw_plan, fftwf_plan>;
  using Complex = std::conditional_t<kIsDouble, fftw_complex, fftwf_complex>;

  T* real;
  Complex* complex;
  Plan forward, backward;

  Plans(const int* n, std::int64_t cells, std::int64_t modes, unsigned effort)
      : real(static_cast<T*>(fftw_malloc(static_cast<std::size_t>(cells) * sizeof(T)))),
        complex(static_cast<Complex*>(fftw_malloc(static_cast<std::size_t>(modes) * sizeof(Complex)))) {
    if constexpr (kIsDouble) {
      forward = fftw_plan_dft_r2c(3, n, real, complex, effort);
      backward = fftw_plan_dft_c2r(3, n, complex, real, effort);
    } else {
      forward = fftwf_plan_dft_r2c(3, n, real, complex, effort);
      backward = fftwf_plan_dft_c2r(3, n, complex, real, effort);
    }
  }
  ~Plans() {
    if constexpr (kIsDouble) {
      fftw_destroy_plan(forward);
      fftw_destroy_plan(backward);
    } else {
      fftwf_destroy_plan(forward);
      fftwf_destroy_plan(backward);
    }
    fftw_free(real);
    fftw_free(complex);
  }
  void execute(Plan plan) const {
    if constexpr (kIsDouble)
      fftw_execute(plan);
    else
      fftwf_execute(plan);
  }
};

namespace {

// The planner is the one part of FFTW that threads may not share.
std::mutex planner;

}  // namespace

template <typename T>
RealTransform<T>::RealTransform(const GridSize& size, Planning planning)
    : cells_(size[0] * size[1] * size[2]), modes_(size[0] * size[1] * (size[2] / 2 + 1)) {
  const int n[3] = {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
  const std::lock_guard lock(planner);
  plans_ = std::make_unique<Plans>(n, cells_, modes_,
                                   planning == Planning::Measured ? FFTW_MEASURE : FFTW_ESTIMATE);
}

template <typename T>
RealTransform<T>::~RealTransform() {
  const std::lock_guard lock(planner);
  plans_.reset();
}

template <typename T>
T* RealTransform<T>::real() {
  return plans_->real;
}

template <typename T>
std::complex<T>* RealTransform<T>::spectrum() {
  return reinterpret_cast<std::complex<T>*>(plans_->complex);
}

template <typename T>
void RealTransform<T>::to_spectrum() {
  plans_->execute(plans_->forward);
}

template <typename T>
void RealTransform<T>::to_real() {
  plans_->execute(plans_->backward);
}

template class RealTransform<float>;
template class RealTransform<double>;

}  // namespace tessera::microstructure
