// SPDX-License-Identifier: Apache-2.0
#include "data_prep/checkpoint_folders.hpp"

#include <algorithm>

namespace tessera::data_prep {

std::vector<std::filesystem::path> checkpoint_folders(const std::filesystem::path& run_folder) {
  std::vector<std::filesystem::path> found;
  if (!std::filesystem::is_directory(run_folder / "checkpoints")) return found;
  for (const auto& entry : std::filesystem::directory_iterator(run_folder / "checkpoints"))
    if (entry.is_directory() && !entry.is_symlink() && entry.path().extension() != ".partial")
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace tessera::data_prep
