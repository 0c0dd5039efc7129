// SPDX-License-Identifier: Apache-2.0
#include "search/distribution.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace tessera::search {
namespace {

struct AsText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    const std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string& value) const { return nlohmann::json(value).dump(); }
};

}  // namespace

std::string value_text(const Distribution& distribution, double value) {
  if (const auto* categorical = std::get_if<CategoricalDistribution>(&distribution))
    return std::visit(AsText(), categorical->choices.at(static_cast<std::size_t>(value)));
  if (std::holds_alternative<IntDistribution>(distribution))
    return AsText()(static_cast<std::int64_t>(value));
  return AsText()(value);
}

}  // namespace tessera::search
