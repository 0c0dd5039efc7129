// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <cmath>
#include <numbers>

namespace tessera::core {
namespace {

std::uint64_t finalise(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = 0xD2511F53ull * counter[0];
    const std::uint64_t second = 0xCD9E8D57ull * counter[2];
    counter = {
        static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(second),
        static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(first)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

std::uint64_t mix_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325ull ^ finalise(seed);
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ull;
  return finalise(hash);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  const std::uint64_t key = mix_text(purpose, seed);
  key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
  counter_ = {0, 0, static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32)};
}

std::uint32_t RandomStream::bits32() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t RandomStream::bits64() {
  const std::uint64_t low = bits32();
  return low | static_cast<std::uint64_t>(bits32()) << 32;
}

double RandomStream::uniform() {
  return static_cast<double>(bits64() >> 11) * 0x1.0p-53;
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  const std::uint64_t unbiased = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t draw = bits64();
  while (draw >= unbiased) draw = bits64();
  return draw % bound;
}

}  // namespace tessera::core
