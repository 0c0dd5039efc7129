// SPDX-License-Identifier: Apache-2.0
// A study as its page shows it.
#pragma once

#include <filesystem>
#include <string>

#include "report/study_report.hpp"
#include "search/trial.hpp"

namespace tessera::jobs {

report::StudyFacts facts_of(const search::Study& study);

/// The page about the study in `folder`, made of its journal. Raises InputError where there is none.
std::string make_study_page(const std::filesystem::path& folder);

}  // namespace tessera::jobs
