// SPDX-License-Identifier: Apache-2.0
// What make_fixtures.py wrote, as studies of ours.
#pragma once

#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "core/file.hpp"
#include "search/space.hpp"
#include "search/trial.hpp"

namespace tessera::search::test {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The cases of fixtures/NAME.json; null where TESSERA_SOURCE is not set (run through ctest).
inline nlohmann::json fixture(const std::string& name) {
  const char* source = std::getenv("TESSERA_SOURCE");
  if (!source) return nullptr;
  const auto path = std::string(source) + "/tests/search/fixtures/" + name + ".json";
  return nlohmann::json::parse(core::read_file(path)).at("cases");
}

inline Trial trial_of(std::int64_t number, TrialState state, Settings settings = {}) {
  Trial trial;
  trial.number = number;
  trial.state = state;
  trial.settings = std::move(settings);
  return trial;
}

inline double number_of(const nlohmann::json& value) {
  return value.is_null() ? kNaN : value.get<double>();
}

inline Distribution distribution_of(const nlohmann::json& json) {
  const auto& attributes = json.at("attributes");
  if (json.at("name") == "CategoricalDistribution") {
    CategoricalDistribution categorical;
    for (const auto& choice : attributes.at("choices"))
      categorical.choices.emplace_back(choice.get<std::string>());
    return categorical;
  }
  if (json.at("name") == "IntDistribution")
    return IntDistribution{attributes.at("low"), attributes.at("high"), attributes.at("step"),
                           attributes.at("log")};
  FloatDistribution real{attributes.at("low"), attributes.at("high"), attributes.at("log"), {}};
  if (!attributes.at("step").is_null()) real.step = attributes.at("step").get<double>();
  return real;
}

inline Study study_of(const nlohmann::json& json) {
  Study study;
  study.direction = static_cast<Direction>(json.at("direction").get<int>());
  for (const auto& written : json.at("trials")) {
    Trial trial;
    trial.number = written.at("number");
    trial.state = static_cast<TrialState>(written.at("state").get<int>());
    for (const auto& [key, setting] : written.at("settings").items())
      trial.settings[key] = {distribution_of(json.at("space").at(key)), setting};
    for (const auto& report : written.at("intermediate"))
      trial.intermediate[report.at(0)] = number_of(report.at(1));
    if (!written.at("value").is_null()) trial.value = written.at("value").get<double>();
    study.trials.push_back(std::move(trial));
  }
  return study;
}

}  // namespace tessera::search::test
