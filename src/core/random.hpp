// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers (Philox4x32-10: Salmon, Moraes, Dror and Shaw, SC 2011). A stream is named by
// the run's seed, a purpose and an index, never by who draws from it: any rank, at any time, draws the same.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace tessera::core {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

  std::uint32_t bits32();
  std::uint64_t bits64();
  /// In [0, 1), 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal (Box and Muller 1958).
  double normal();
  /// In [0, bound), without bias; bound > 0.
  std::uint64_t below(std::uint64_t bound);

  /// Fisher and Yates; the same permutation on every platform, which std::shuffle does not promise.
  template <typename T>
  void shuffle(std::span<T> values) {
    for (std::uint64_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

/// One Philox4x32-10 block, for tests against the published vectors.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// A well-mixed 64-bit number of a text (FNV-1a, then the SplitMix64 finaliser).
std::uint64_t mix_text(std::string_view text, std::uint64_t seed = 0);

}  // namespace tessera::core
