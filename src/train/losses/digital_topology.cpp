// SPDX-License-Identifier: Apache-2.0
#include "train/losses/digital_topology.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace tessera::train::losses {
namespace {

using Positions = std::vector<std::size_t>;

// A mask with a rim of boundary around it that is never turned over, so that no pixel lacks a neighbour.
class Framed {
 public:
  Framed(const Mask& boundary, const Mask& inside)
      : height_(boundary.height()),
        stride_(static_cast<std::size_t>(boundary.width()) + 2),
        values_((static_cast<std::size_t>(height_) + 2) * stride_, 1) {
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < boundary.width(); ++x) values_[position(y, x)] = inside(y, x) ? boundary(y, x) : 1;
  }

  std::size_t position(int y, int x) const {
    return (static_cast<std::size_t>(y) + 1) * stride_ + static_cast<std::size_t>(x) + 1;
  }
  std::uint8_t operator[](std::size_t p) const { return values_[p]; }
  void turn_over(std::size_t p) { values_[p] ^= 1; }

  std::array<std::size_t, 8> around(std::size_t p) const {
    return {p + 1, p - stride_ + 1, p - stride_, p - stride_ - 1,
            p - 1, p + stride_ - 1, p + stride_, p + stride_ + 1};
  }
  unsigned neighbors(std::size_t p) const {
    unsigned bits = 0;
    const auto places = around(p);
    for (unsigned k = 0; k < 8; ++k) bits |= static_cast<unsigned>(values_[places[k]]) << k;
    return bits;
  }

 private:
  int height_;
  std::size_t stride_;
  std::vector<std::uint8_t> values_;
};

// Turns over pixels that `may_turn` allows and that are simple, in layers: those of one layer could all be
// turned when it began, and each is looked at again when its turn comes. The next layer lies around those
// turned.
template <typename MayTurn>
void deform(Framed& mask, Positions candidates, MayTurn may_turn) {
  const auto can_turn = [&](std::size_t p) { return may_turn(p) && is_simple(mask.neighbors(p)); };
  while (!candidates.empty()) {
    Positions layer, turned;
    for (const std::size_t p : candidates)
      if (can_turn(p)) layer.push_back(p);
    for (const std::size_t p : layer)
      if (can_turn(p)) {
        mask.turn_over(p);
        turned.push_back(p);
      }
    candidates.clear();
    for (const std::size_t p : turned)
      for (const std::size_t q : mask.around(p)) candidates.push_back(q);
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  }
}

// Yokoi's number for 8-connected boundaries: how many of them meet in the pixel.
constexpr std::array<bool, 256> kSimple = [] {
  std::array<bool, 256> simple{};
  for (unsigned bits = 0; bits < 256; ++bits) {
    const auto open = [bits](unsigned k) { return ((bits >> (k % 8)) & 1U) ^ 1U; };
    unsigned number = 0;
    for (unsigned k = 0; k < 8; k += 2) number += open(k) - open(k) * open(k + 1) * open(k + 2);
    simple[bits] = number == 1;
  }
  return simple;
}();

}  // namespace

bool is_simple(unsigned neighbors) {
  return kSimple[neighbors];
}

Mask critical_pixels(const Mask& predicted, const Mask& truth, const Mask& inside) {
  const Framed is_predicted(predicted, inside), is_true(truth, inside);
  Positions different;
  for (int y = 0; y < truth.height(); ++y)
    for (int x = 0; x < truth.width(); ++x) {
      const std::size_t p = is_true.position(y, x);
      if (is_predicted[p] != is_true[p]) different.push_back(p);
    }
  Mask critical(truth.height(), truth.width());
  for (const auto& [from, to] : {std::pair(&is_predicted, &is_true), std::pair(&is_true, &is_predicted)}) {
    Framed deformed = *from;
    deform(deformed, different, [&](std::size_t p) { return deformed[p] != (*to)[p]; });
    for (int y = 0; y < truth.height(); ++y)
      for (int x = 0; x < truth.width(); ++x)
        if (const std::size_t p = deformed.position(y, x); deformed[p] != (*to)[p]) critical(y, x) = 1;
  }
  return critical;
}

torch::Tensor for_each_sample(const std::vector<torch::Tensor>& tensors,
                              const std::function<Mask(std::span<const Mask>)>& function) {
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> bytes;
  for (const torch::Tensor& tensor : tensors)
    bytes.push_back((tensor > 0.5).to(torch::kCPU, torch::kUInt8).contiguous());
  const int height = static_cast<int>(bytes[0].size(1)), width = static_cast<int>(bytes[0].size(2));
  torch::Tensor results = torch::empty_like(bytes[0]);
  std::vector<Mask> masks(tensors.size(), Mask(height, width));
  for (std::int64_t sample = 0; sample < results.size(0); ++sample) {
    for (std::size_t i = 0; i < masks.size(); ++i)
      std::memcpy(masks[i].values().data(), bytes[i][sample].data_ptr(), masks[i].size());
    const Mask result = function(masks);
    std::memcpy(results[sample].data_ptr(), result.values().data(), result.size());
  }
  return results.to(tensors[0].device(), torch::kFloat);
}

}  // namespace tessera::train::losses
