// SPDX-License-Identifier: Apache-2.0
#include "data_prep/verify_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "data/sealed_text.hpp"
#include "data_prep/checkpoint_folders.hpp"
#include "data_prep/run_audit.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kFaultsShown = 5;

// What `work` finds wrong with one file; whatever it raises is damage of that file, and the next is looked
// at.
template <typename Work>
void check_file(RunCheck& check, const fs::path& file, Work&& work) {
  ++check.checked;
  std::string reason;
  try {
    reason = work();
  } catch (const std::exception& error) {
    reason = std::string("cannot be read: ") + error.what();
  }
  if (!reason.empty()) check.damages.push_back({file.string(), reason});
}

// The state of a checkpoint; null where it is damaged.
json check_checkpoint(const fs::path& run, const fs::path& place, RunCheck& check) {
  json state;
  check_file(check, place / "state.json", [&]() -> std::string {
    if (!fs::exists(run / place / "state.json")) return "is missing";
    const std::string text = core::read_file(run / place / "state.json");
    try {
      data::check_seal(text, "state.json");
    } catch (const core::DataError&) {
      return "has another content_sha256 than was written";
    }
    state = json::parse(text);
    state.at("sha256").at("weights.safetensors");
    return "";
  });
  if (state.is_null()) return state;
  for (const auto& [file, expected] : state.at("sha256").items())
    check_file(check, place / file, [&]() -> std::string {
      if (!fs::exists(run / place / file)) return "is missing";
      return core::sha256_of_file(run / place / file) == expected ? ""
                                                                  : "has another SHA-256 than was written";
    });
  return state;
}

void check_link(const fs::path& run, const fs::path& link, RunCheck& check) {
  check_file(check, link, [&]() -> std::string {
    if (!fs::is_symlink(run / link)) return "is missing";
    if (fs::is_directory(run / link)) return "";
    return fmt::format("points at {}, which is not there", fs::read_symlink(run / link).string());
  });
}

// Was every record trained on exactly once an epoch? Only the dataset tells which record has which number.
void check_ledger(const fs::path& run, RunCheck& check) {
  if (!fs::exists(run / "run.json") || !fs::exists(run / "splits.csv")) return;
  check_file(check, "ledger.csv", [&]() -> std::string {
    const auto ledger = find_ledger(run);
    if (!ledger) {
      core::log::warning("the dataset of {} is gone: its ledger cannot be held against it", run.string());
      return "";
    }
    const auto audit = data::audit_ledger(ledger->path, ledger->train);
    if (audit.faults.empty()) return "";
    const auto shown = std::span(audit.faults).first(std::min(audit.faults.size(), kFaultsShown));
    return fmt::format("is not what was trained on: {}{}", fmt::join(shown, "; "),
                       audit.faults.size() > kFaultsShown ? "; and more" : "");
  });
}

}  // namespace

RunCheck verify_run(const fs::path& folder) {
  RunCheck check;
  bool has_best = fs::is_symlink(folder / "checkpoints" / "best");
  const auto checkpoints = checkpoint_folders(folder);
  for (const auto& checkpoint : checkpoints) {
    const auto state = check_checkpoint(folder, fs::path("checkpoints") / checkpoint.filename(), check);
    if (!state.is_null() && state.value("best_epoch", 0) > 0) has_best = true;
  }
  if (!checkpoints.empty()) check_link(folder, "checkpoints/last", check);
  if (has_best) check_link(folder, "checkpoints/best", check);
  if (!checkpoints.empty()) check_ledger(folder, check);
  return check;
}

}  // namespace tessera::data_prep
