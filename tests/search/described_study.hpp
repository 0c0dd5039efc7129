// SPDX-License-Identifier: Apache-2.0
// A study as lines of text, the same that describe_study.py prints of what Optuna reads.
#pragma once

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "core/file.hpp"
#include "search/distribution_text.hpp"
#include "search/json_words.hpp"
#include "support/python.hpp"

namespace tessera::search {

inline std::string described(const std::map<std::string, std::string>& attributes) {
  std::string text;
  for (const auto& [key, json] : attributes)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, json);
  return text;
}

inline std::string described(const Study& study) {
  std::string text = fmt::format("{} {} {} | {}\n", study.name, static_cast<int>(study.direction),
                                 described(study.user_attributes), described(study.system_attributes));
  for (const auto& trial : study.trials) {
    std::string settings, reports;
    for (const auto& [name, setting] : trial.settings)
      settings += fmt::format("{}{}={}:{}", settings.empty() ? "" : " ", name, number_text(setting.value),
                              distribution_text(setting.distribution));
    for (const auto& [step, value] : trial.intermediate)
      reports += fmt::format("{}{}={}", reports.empty() ? "" : " ", step, number_text(value));
    text +=
        fmt::format("{} {} {} {} {} | {} | {} | {} | {}\n", trial.number, static_cast<int>(trial.state),
                    trial.value ? number_text(*trial.value) : "null", trial.started, trial.finished, settings,
                    reports, described(trial.user_attributes), described(trial.system_attributes));
  }
  return text;
}

inline std::filesystem::path test_file(const std::string& name) {
  const char* source = std::getenv("TESSERA_SOURCE");
  return std::filesystem::path(source ? source : ".") / "tests/search" / name;
}

/// Nothing where Optuna is not installed.
inline std::optional<test::PythonResult> described_by_optuna(const std::filesystem::path& journal,
                                                             const std::string& study) {
  return test::run_python("optuna", core::read_file(test_file("describe_study.py")),
                          {journal.string(), study});
}

}  // namespace tessera::search
