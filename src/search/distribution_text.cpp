// SPDX-License-Identifier: Apache-2.0
#include "search/distribution_text.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "search/json_words.hpp"

namespace tessera::search {
namespace {

using Json = nlohmann::json;

struct DistributionText {
  std::string operator()(const FloatDistribution& d) const {
    return fmt::format(
        R"({{"name": "FloatDistribution", "attributes": {{"step": {}, "low": {}, "high": {}, "log": {}}}}})",
        d.step ? number_text(*d.step) : "null", number_text(d.low), number_text(d.high), d.log);
  }
  std::string operator()(const IntDistribution& d) const {
    return fmt::format(
        R"({{"name": "IntDistribution", "attributes": {{"log": {}, "step": {}, "low": {}, "high": {}}}}})",
        d.log, d.step, d.low, d.high);
  }
  std::string operator()(const CategoricalDistribution& d) const {
    std::string choices;
    for (std::size_t i = 0; i < d.choices.size(); ++i)
      choices += (i ? ", " : "") + value_text(d, static_cast<double>(i));
    return fmt::format(R"({{"name": "CategoricalDistribution", "attributes": {{"choices": [{}]}}}})",
                       choices);
  }
};

Choice choice_from(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number()) return json.get<double>();
  throw core::DataError("a choice must be true, false, a number or text, got " + json.dump());
}

}  // namespace

std::string distribution_text(const Distribution& distribution) {
  return std::visit(DistributionText(), distribution);
}

Distribution distribution_from(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    const auto name = json.at("name").get<std::string>();
    const auto& attributes = json.at("attributes");
    if (name == "CategoricalDistribution") {
      CategoricalDistribution categorical;
      for (const auto& choice : attributes.at("choices")) categorical.choices.push_back(choice_from(choice));
      return categorical;
    }
    if (name == "FloatDistribution") {
      FloatDistribution number{attributes.at("low").get<double>(), attributes.at("high").get<double>(),
                               attributes.at("log").get<bool>(), std::nullopt};
      if (!attributes.at("step").is_null()) number.step = attributes["step"].get<double>();
      return number;
    }
    if (name == "IntDistribution")
      return IntDistribution{attributes.at("low").get<std::int64_t>(),
                             attributes.at("high").get<std::int64_t>(),
                             attributes.at("step").get<std::int64_t>(), attributes.at("log").get<bool>()};
    throw core::DataError(fmt::format(
        "distribution '{}' must be Float-, Int- or CategoricalDistribution, as Optuna 3 and later write",
        name));
  } catch (const Json::exception& error) {
    throw core::DataError(fmt::format("'{}' is no distribution: {}", text, error.what()));
  }
}

}  // namespace tessera::search
