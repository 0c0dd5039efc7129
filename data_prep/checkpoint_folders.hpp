// SPDX-License-Identifier: Apache-2.0
// Which folders of a run are checkpoints: published ones only. Links are looked at where they point, and a
// writer's half folder is none.
#pragma once

#include <filesystem>
#include <vector>

namespace tessera::data_prep {

/// Rising by step; none where the run has no checkpoints yet.
std::vector<std::filesystem::path> checkpoint_folders(const std::filesystem::path& run_folder);

}  // namespace tessera::data_prep
