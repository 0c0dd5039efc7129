// SPDX-License-Identifier: Apache-2.0
#include "search/journal_replay.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "search/distribution_text.hpp"
#include "search/journal_line.hpp"
#include "search/json_words.hpp"

namespace tessera::search {
namespace {

using Json = nlohmann::json;
using enum JournalOperation;

Json parse_json(std::string_view text) {
  return Json::parse(with_marked_words(text));
}

double json_number(const Json& json) {
  if (json.is_string())
    if (const auto number = number_of_marked(json.get_ref<const std::string&>())) return *number;
  return json.get<double>();
}

std::string json_text(const Json& json) {
  return with_bare_words(json.dump(-1, ' ', true, Json::error_handler_t::replace));
}

TrialState state_from(const Json& json) {
  const auto state = json.get<int>();
  if (state < 0 || state > 4)
    throw core::DataError(fmt::format("a trial's state must be 0 to 4, got {}", state));
  return static_cast<TrialState>(state);
}

std::string text_or_nothing(const Json& line, const char* key) {
  const auto found = line.find(key);
  return found == line.end() || found->is_null() ? "" : found->get<std::string>();
}

std::optional<double> first_of(const Json& values) {
  if (values.is_null()) return std::nullopt;
  if (values.size() != 1)
    throw core::DataError(fmt::format("a trial must have one value, got {}", values.size()));
  return json_number(values.front());
}

void read_attributes(const Json& attributes, std::map<std::string, std::string>& into) {
  for (const auto& [key, value] : attributes.items()) into[key] = json_text(value);
}

Setting checked(Setting setting) {
  const auto* categorical = std::get_if<CategoricalDistribution>(&setting.distribution);
  if (categorical &&
      !(setting.value >= 0 && setting.value < static_cast<double>(categorical->choices.size())))
    throw core::DataError(
        fmt::format("choice {} must be one of {}", setting.value, categorical->choices.size()));
  return setting;
}

// What Optuna asks of two distributions of one name (check_distribution_compatibility).
bool are_compatible(const Distribution& a, const Distribution& b) {
  if (a.index() != b.index()) return false;
  if (const auto* number = std::get_if<FloatDistribution>(&a))
    return number->log == std::get<FloatDistribution>(b).log;
  if (const auto* number = std::get_if<IntDistribution>(&a))
    return number->log == std::get<IntDistribution>(b).log;
  return a == b;
}

}  // namespace

struct JournalReplay::Line {
  const Json& json;
};

JournalReplay::JournalReplay(std::string study_name) : name_(std::move(study_name)) {}

std::vector<std::string> JournalReplay::study_names() const {
  std::vector<std::string> names;
  for (const auto& [id, name] : names_) names.push_back(name);
  return names;
}

std::int64_t JournalReplay::trial_id(std::int64_t number) const {
  return ids_.at(static_cast<std::size_t>(number));
}

void JournalReplay::apply(std::string_view text) {
  try {
    const Json json = parse_json(text);
    const Line line{json};
    const auto operation = static_cast<JournalOperation>(json.at("op_code").get<int>());
    if (operation == kCreateStudy) return create_study(line);
    if (operation < kCreateStudy || operation > kTrialSystemAttribute) return;
    if (operation <= kCreateTrial) {
      const auto id = json.at("study_id").get<std::int64_t>();
      if (operation == kDeleteStudy) return delete_study(id);
      if (operation == kCreateTrial) return names_.contains(id) ? create_trial(line) : void();
      if (!study_ || id != study_id_) return;
      if (operation == kStudyUserAttribute)
        read_attributes(json.at("user_attr"), study_->user_attributes);
      else
        read_attributes(json.at("system_attr"), study_->system_attributes);
      return;
    }
    const auto id = json.at("trial_id").get<std::int64_t>();
    if (id < 0 || id >= std::ssize(numbers_) || numbers_[static_cast<std::size_t>(id)] < 0) return;
    Trial& trial = study_->trials[static_cast<std::size_t>(numbers_[static_cast<std::size_t>(id)])];
    if (is_finished(trial.state)) return;
    switch (operation) {
      case kSetParam: return set_param(line, trial);
      case kSetState: return set_state(line, trial);
      case kReport:
        trial.intermediate[json.at("step").get<std::int64_t>()] = json_number(json.at("intermediate_value"));
        return;
      case kTrialUserAttribute: return read_attributes(json.at("user_attr"), trial.user_attributes);
      default: return read_attributes(json.at("system_attr"), trial.system_attributes);
    }
  } catch (const Json::exception& error) {
    throw core::DataError(error.what());
  }
}

void JournalReplay::create_study(const Line& line) {
  const auto name = line.json.at("study_name").get<std::string>();
  const auto directions = line.json.at("directions").get<std::vector<int>>();
  for (const auto& [id, other] : names_)
    if (other == name) return;
  if (name == name_) {
    if (directions.size() != 1 || directions[0] < 1 || directions[0] > 2)
      throw core::DataError(
          fmt::format("study '{}' must have one direction, 1 (minimise) or 2 (maximise)", name));
    study_ = Study{name, static_cast<Direction>(directions[0]), {}, {}, {}};
    study_id_ = next_study_id_;
  }
  names_[next_study_id_++] = name;
}

void JournalReplay::delete_study(std::int64_t id) {
  names_.erase(id);
  if (!study_ || id != study_id_) return;
  study_.reset();
  study_id_ = -1;
  ids_.clear();
  first_distributions_.clear();
  std::ranges::fill(numbers_, -1);
}

void JournalReplay::create_trial(const Line& line) {
  const Json& json = line.json;
  if (!study_ || json.at("study_id").get<std::int64_t>() != study_id_) {
    numbers_.push_back(-1);
    return;
  }
  Trial trial;
  trial.number = std::ssize(study_->trials);
  trial.started = text_or_nothing(json, "datetime_start");
  if (json.contains("state")) trial.state = state_from(json["state"]);
  if (json.contains("values")) trial.value = first_of(json["values"]);
  if (json.contains("value") && !json["value"].is_null()) trial.value = json_number(json["value"]);
  trial.finished = text_or_nothing(json, "datetime_complete");
  if (json.contains("params"))
    for (const auto& [name, value] : json["params"].items())
      trial.settings[name] = checked(
          {distribution_of(json.at("distributions").at(name).get<std::string>()), json_number(value)});
  if (json.contains("user_attrs")) read_attributes(json["user_attrs"], trial.user_attributes);
  if (json.contains("system_attrs")) read_attributes(json["system_attrs"], trial.system_attributes);
  if (json.contains("intermediate_values"))
    for (const auto& [step, value] : json["intermediate_values"].items())
      trial.intermediate[std::stoll(step)] = json_number(value);
  for (const auto& [name, setting] : trial.settings) fits(name, setting.distribution, trial.number);
  ids_.push_back(std::ssize(numbers_));
  numbers_.push_back(trial.number);
  study_->trials.push_back(std::move(trial));
}

void JournalReplay::set_param(const Line& line, Trial& trial) {
  const auto name = line.json.at("param_name").get<std::string>();
  const auto& distribution = distribution_of(line.json.at("distribution").get<std::string>());
  Setting setting = checked({distribution, json_number(line.json.at("param_value_internal"))});
  if (fits(name, distribution, trial.number)) trial.settings[name] = std::move(setting);
}

void JournalReplay::set_state(const Line& line, Trial& trial) {
  const TrialState state = state_from(line.json.at("state"));
  if (state == TrialState::kRunning && trial.state == TrialState::kRunning) return;
  const auto value = first_of(line.json.at("values"));
  if (state == TrialState::kRunning) trial.started = text_or_nothing(line.json, "datetime_start");
  if (is_finished(state)) trial.finished = text_or_nothing(line.json, "datetime_complete");
  trial.state = state;
  if (value) trial.value = value;
}

const Distribution& JournalReplay::distribution_of(const std::string& text) {
  const auto found = read_distributions_.find(text);
  return found != read_distributions_.end()
             ? found->second
             : read_distributions_.emplace(text, distribution_from(text)).first->second;
}

// Whether a setting may stand beside those of the same name; the trial of the least number sets the measure.
bool JournalReplay::fits(const std::string& name, const Distribution& distribution, std::int64_t number) {
  const auto [found, is_new] = first_distributions_.try_emplace(name, number, distribution);
  if (is_new) return true;
  auto& [first, measure] = found->second;
  if (!are_compatible(measure, distribution)) return false;
  if (number <= first) found->second = {number, distribution};
  return true;
}

bool is_journal_line(std::string_view line) {
  try {
    return parse_json(line).is_object();
  } catch (const Json::exception&) {
    return false;
  }
}

}  // namespace tessera::search
