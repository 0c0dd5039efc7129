// SPDX-License-Identifier: Apache-2.0
// What lets plain loops run at the machine's vector width without compiling for one machine: a mark that has
// a function built for AVX2 and AVX-512 too, and an exponential and logarithm that such loops can hold.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

// The loader picks among the clones; the sanitizers' runtimes are not up yet when it does.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define TESSERA_SIMD_CLONES [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define TESSERA_SIMD_CLONES
#endif

// Before a loop: no iteration reads what another wrote, whatever the pointers look like.
#if defined(__clang__)
#define TESSERA_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define TESSERA_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace tessera::models {

/// exp(x) for x <= 0, relative error below 2e-7; exactly 0 below -87, where float32 has only denormals.
inline float exp_of_negative(float x) {
  const float clamped = x < -87.0F ? -87.0F : x;
  constexpr float kRound = 12582912.0F;  // 1.5 · 2^23: adding it leaves the nearest whole number
  const float n = (clamped * 1.44269504F + kRound) - kRound;
  const float r = (clamped - n * 0.693359375F) + n * 2.12194440e-4F;  // Cody and Waite 1980
  float p = 1.9875691500e-4F;                                         // minimax of Cephes' expf
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const float power = std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
  return x < -87.0F ? 0.0F : p * power;
}
inline double exp_of_negative(double x) {
  return std::exp(x);
}

/// log(1 + t) for 0 <= t <= 1, absolute error below 1e-7.
inline float log1p_of_fraction(float t) {
  const float s = t / (2.0F + t);  // log(1 + t) = 2 artanh(s), s <= 1/3
  const float q = s * s;
  float p = 1.0F / 13.0F;
  p = p * q + 1.0F / 11.0F;
  p = p * q + 1.0F / 9.0F;
  p = p * q + 1.0F / 7.0F;
  p = p * q + 1.0F / 5.0F;
  p = p * q + 1.0F / 3.0F;
  return 2.0F * s * (1.0F + q * p);
}
inline double log1p_of_fraction(double t) {
  return std::log1p(t);
}

/// bfloat16 held as its bits: the upper half of a float32.
struct Bfloat16Bits {
  std::uint16_t bits;
};

inline float load_real(const float* p) {
  return *p;
}
inline double load_real(const double* p) {
  return *p;
}
inline float load_real(const Bfloat16Bits* p) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(p->bits) << 16);
}

inline void store_real(float* p, float value) {
  *p = value;
}
inline void store_real(double* p, double value) {
  *p = value;
}
inline void store_real(Bfloat16Bits* p, float value) {
  // Rounds to nearest even; NaN stays NaN, as its upper half keeps a set mantissa bit in practice.
  const auto bits = std::bit_cast<std::uint32_t>(value);
  p->bits = static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace tessera::models
