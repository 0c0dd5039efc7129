// SPDX-License-Identifier: Apache-2.0
// Targets as a network sees them: transformed, then with mean 0 and deviation 1 over the training split.
// Every rank fits it from the whole records table in record order, so any rank count gives the same bits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/record_table.hpp"

namespace tessera::data {

enum class Transform { None, Log10 };

/// Raises InputError for a name other than none, log10.
Transform transform_from_name(const std::string& name);
std::string name_of(Transform transform);

struct Normaliser {
  Transform transform = Transform::None;
  double mean = 0;       // of the transformed values
  double deviation = 1;  // with n - 1; 1 where it would be 0 or there is one value

  /// Own unit to trained space (transformed, not standardised), and back.
  double to_trained(double value) const;
  double from_trained(double value) const;
  /// Own unit to what the network is asked for, and back.
  double encode(double value) const { return (to_trained(value) - mean) / deviation; }
  double decode(double output) const { return from_trained(output * deviation + mean); }
};

/// Fitted on `records` (of the training split, each with its target). Raises InputError where there are none.
Normaliser fit_normaliser(std::span<const RecordRow> rows, std::span<const std::int64_t> records,
                          std::size_t target, Transform transform);

}  // namespace tessera::data
