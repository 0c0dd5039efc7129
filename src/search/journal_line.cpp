// SPDX-License-Identifier: Apache-2.0
#include "search/journal_line.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "search/distribution_text.hpp"
#include "search/json_words.hpp"

namespace tessera::search {

namespace journal_line {
namespace {

using enum JournalOperation;

std::string quoted(const std::string& text) {
  using Json = nlohmann::json;
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string head(JournalOperation operation, const std::string& worker) {
  return fmt::format(R"({{"op_code":{},"worker_id":{})", static_cast<int>(operation), quoted(worker));
}

std::string attribute(JournalOperation operation, const std::string& worker, const char* of, std::int64_t id,
                      const char* kind, const std::string& key, const std::string& json) {
  return fmt::format("{},\"{}\":{},\"{}\":{{{}:{}}}}}\n", head(operation, worker), of, id, kind, quoted(key),
                     json);
}

// "{key:value,…}"
template <typename Map, typename ValueText>
std::string object(const Map& map, ValueText&& value_text) {
  std::string text = "{";
  for (const auto& [key, value] : map)
    text += fmt::format("{}{}:{}", text.size() > 1 ? "," : "", quoted(key), value_text(value));
  return text + "}";
}

}  // namespace

std::string create_study(const std::string& worker, const std::string& name, Direction direction) {
  return fmt::format("{},\"study_name\":{},\"directions\":[{}]}}\n", head(kCreateStudy, worker), quoted(name),
                     static_cast<int>(direction));
}

std::string study_user_attribute(const std::string& worker, std::int64_t study_id, const std::string& key,
                                 const std::string& json) {
  return attribute(kStudyUserAttribute, worker, "study_id", study_id, "user_attr", key, json);
}

std::string study_system_attribute(const std::string& worker, std::int64_t study_id, const std::string& key,
                                   const std::string& json) {
  return attribute(kStudySystemAttribute, worker, "study_id", study_id, "system_attr", key, json);
}

std::string create_trial(const std::string& worker, std::int64_t study_id, const Trial& trial) {
  const auto as_is = [](const std::string& json) { return json; };
  return fmt::format(
      R"({},"study_id":{},"datetime_start":{},"state":{},"distributions":{},"params":{},"user_attrs":{},"system_attrs":{}}})"
      "\n",
      head(kCreateTrial, worker), study_id, trial.started.empty() ? "null" : quoted(trial.started),
      static_cast<int>(trial.state),
      object(trial.settings, [](const Setting& s) { return quoted(distribution_text(s.distribution)); }),
      object(trial.settings, [](const Setting& s) { return number_text(s.value); }),
      object(trial.user_attributes, as_is), object(trial.system_attributes, as_is));
}

std::string set_param(const std::string& worker, std::int64_t trial_id, const std::string& name,
                      const Setting& setting) {
  return fmt::format(
      "{},\"trial_id\":{},\"param_name\":{},\"param_value_internal\":{},\"distribution\":{}}}\n",
      head(kSetParam, worker), trial_id, quoted(name), number_text(setting.value),
      quoted(distribution_text(setting.distribution)));
}

std::string set_state(const std::string& worker, std::int64_t trial_id, TrialState state,
                      std::optional<double> value, const std::string& time) {
  std::string when;
  if (state == TrialState::kRunning) when = ",\"datetime_start\":" + quoted(time);
  if (is_finished(state)) when = ",\"datetime_complete\":" + quoted(time);
  return fmt::format("{},\"trial_id\":{},\"state\":{},\"values\":{}{}}}\n", head(kSetState, worker), trial_id,
                     static_cast<int>(state), value ? "[" + number_text(*value) + "]" : "null", when);
}

std::string report(const std::string& worker, std::int64_t trial_id, std::int64_t step, double value) {
  return fmt::format("{},\"trial_id\":{},\"step\":{},\"intermediate_value\":{}}}\n", head(kReport, worker),
                     trial_id, step, number_text(value));
}

std::string trial_user_attribute(const std::string& worker, std::int64_t trial_id, const std::string& key,
                                 const std::string& json) {
  return attribute(kTrialUserAttribute, worker, "trial_id", trial_id, "user_attr", key, json);
}

std::string trial_system_attribute(const std::string& worker, std::int64_t trial_id, const std::string& key,
                                   const std::string& json) {
  return attribute(kTrialSystemAttribute, worker, "trial_id", trial_id, "system_attr", key, json);
}

}  // namespace journal_line

}  // namespace tessera::search
