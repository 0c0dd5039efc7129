// SPDX-License-Identifier: Apache-2.0
#include "data_prep/verify_run.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

// Finished checkpoints only: links are looked at where they point, and writers' half folders are no
// checkpoints.
std::vector<fs::path> checkpoints_of(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder / "checkpoints")) return found;
  for (const auto& entry : fs::directory_iterator(folder / "checkpoints"))
    if (entry.is_directory() && !entry.is_symlink() && entry.path().extension() != ".partial")
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

void check_checkpoint(const fs::path& checkpoint, RunCheck& check) {
  const auto place = fs::path("checkpoints") / checkpoint.filename();
  const auto damaged = [&](const fs::path& file, const std::string& reason) {
    check.damages.push_back({(place / file).string(), reason});
  };
  ++check.checked;
  try {
    const auto state = nlohmann::json::parse(core::read_file(checkpoint / "state.json"));
    for (const auto& [file, expected] : state.at("sha256").items()) {
      ++check.checked;
      std::error_code missing;
      if (!fs::exists(checkpoint / file, missing))
        damaged(file, "is missing");
      else if (core::sha256_of_file(checkpoint / file) != expected.get<std::string>())
        damaged(file, "has another SHA-256 than was written");
    }
  } catch (const core::Error&) {
    damaged("state.json", "is missing or cannot be read");
  } catch (const nlohmann::json::exception& error) {
    damaged("state.json", std::string("is damaged: ") + error.what());
  }
}

}  // namespace

RunCheck verify_run(const fs::path& folder) {
  RunCheck check;
  for (const auto& checkpoint : checkpoints_of(folder)) check_checkpoint(checkpoint, check);
  return check;
}

}  // namespace tessera::data_prep
