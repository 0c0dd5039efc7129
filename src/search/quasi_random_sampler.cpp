// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <numeric>
#include <vector>

#include "core/random.hpp"
#include "search/draw.hpp"
#include "search/sampler.hpp"

namespace tessera::search {
namespace {

std::uint64_t prime(std::size_t index) {
  for (std::uint64_t number = 2;; ++number) {
    bool is_prime = true;
    for (std::uint64_t divisor = 2; is_prime && divisor * divisor <= number; ++divisor)
      is_prime = number % divisor != 0;
    if (is_prime && index-- == 0) return number;
  }
}

// The digits of `index` in the base of prime `dimension`, mirrored at the point, each place with a
// permutation of its own: even in the ranges of every length base^-k (Owen, "A randomized Halton algorithm in
// R", 2017).
double halton(std::uint64_t seed, std::size_t dimension, std::uint64_t index) {
  const std::uint64_t base = prime(dimension);
  std::vector<std::uint64_t> permutation(base);
  double value = 0, weight = 1;
  for (std::uint64_t place = 0; weight > 0x1p-53; ++place) {
    std::iota(permutation.begin(), permutation.end(), 0);
    core::RandomStream(seed, "quasi-random search", dimension << 8 | place).shuffle(std::span(permutation));
    weight /= static_cast<double>(base);
    value += weight * static_cast<double>(permutation[index % base]);
    index /= base;
  }
  return value < 1 ? value : 0x1.fffffffffffffp-1;
}

class QuasiRandomSampler final : public Sampler {
 public:
  explicit QuasiRandomSampler(std::uint64_t seed) : seed_(seed) {}

  std::optional<Settings> suggest(const Space& space, const Study&,
                                  std::int64_t trial_number) const override {
    return draw_settings(space, [&](std::size_t p) {
      const double quantile = halton(seed_, p, static_cast<std::uint64_t>(trial_number));
      return value_at(space.parameters()[p].distribution, quantile);
    });
  }

 private:
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Sampler> make_quasi_random_sampler(std::uint64_t seed) {
  return std::make_unique<QuasiRandomSampler>(seed);
}

}  // namespace tessera::search
