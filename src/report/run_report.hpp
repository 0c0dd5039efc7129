// SPDX-License-Identifier: Apache-2.0
// The page about one training run: what was trained, how well, how it went, on what data and machines. It
// shows what the run's folder holds and says what it does not.
#pragma once

#include <filesystem>
#include <string>

namespace tessera::report {

/// The whole HTML document. Raises InputError where `run_folder` holds no run.
std::string make_run_report(const std::filesystem::path& run_folder);

/// Writes a page to `file`, whole or not at all, through symbolic links. Raises InputError where a device,
/// pipe or folder stands there: replacing it by a file would destroy it.
void write_report(const std::filesystem::path& file, const std::string& page);

}  // namespace tessera::report
