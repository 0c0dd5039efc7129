// SPDX-License-Identifier: Apache-2.0
#include "core/mask_counts.hpp"

namespace tessera::core {
namespace {

constexpr std::array<double MaskCounts::*, MaskCounts::kSize> kFields = {
    &MaskCounts::images,
    &MaskCounts::true_positive,
    &MaskCounts::false_positive,
    &MaskCounts::false_negative,
    &MaskCounts::true_negative,
    &MaskCounts::predicted_skeleton,
    &MaskCounts::true_skeleton,
    &MaskCounts::predicted_skeleton_in_mask,
    &MaskCounts::true_skeleton_in_mask,
    &MaskCounts::predicted_skeleton_near,
    &MaskCounts::true_skeleton_near,
    &MaskCounts::betti0_error,
    &MaskCounts::betti1_error,
    &MaskCounts::predicted_length,
    &MaskCounts::true_length,
    &MaskCounts::length_error,
};
static_assert(sizeof(MaskCounts) == kFields.size() * sizeof(double), "every field travels");

}  // namespace

std::array<double, MaskCounts::kSize> MaskCounts::row() const {
  std::array<double, kSize> row;
  for (std::size_t i = 0; i < kSize; ++i) row[i] = this->*kFields[i];
  return row;
}

MaskCounts MaskCounts::from_row(std::span<const double, kSize> row) {
  MaskCounts counts;
  for (std::size_t i = 0; i < kSize; ++i) counts.*kFields[i] = row[i];
  return counts;
}

MaskCounts& MaskCounts::operator+=(const MaskCounts& other) {
  for (const auto field : kFields) this->*field += other.*field;
  return *this;
}

}  // namespace tessera::core
