// SPDX-License-Identifier: Apache-2.0
#include "data/normaliser.hpp"

#include <fmt/core.h>

#include <cmath>

#include "core/error.hpp"

namespace tessera::data {

Transform transform_from_name(const std::string& name) {
  if (name == "none") return Transform::None;
  if (name == "log10") return Transform::Log10;
  throw core::InputError(fmt::format("data.transform must be none or log10, got \"{}\"", name));
}

std::string name_of(Transform transform) {
  return transform == Transform::Log10 ? "log10" : "none";
}

double Normaliser::to_trained(double value) const {
  return transform == Transform::Log10 ? std::log10(value) : value;
}
double Normaliser::from_trained(double value) const {
  return transform == Transform::Log10 ? std::pow(10.0, value) : value;
}

Normaliser fit_normaliser(std::span<const RecordRow> rows, std::span<const std::int64_t> records,
                          std::size_t target, Transform transform) {
  if (records.empty()) throw core::InputError("no training record has the target: nothing to learn from");
  Normaliser fitted;
  fitted.transform = transform;
  const auto value = [&](std::int64_t record) {
    return fitted.to_trained(rows[static_cast<std::size_t>(record)].targets[target]);
  };
  const auto count = static_cast<double>(records.size());
  double sum = 0;
  for (auto record : records) sum += value(record);
  fitted.mean = sum / count;
  double squares = 0;
  for (auto record : records) squares += (value(record) - fitted.mean) * (value(record) - fitted.mean);
  if (count > 1 && squares > 0) fitted.deviation = std::sqrt(squares / (count - 1));
  return fitted;
}

}  // namespace tessera::data
