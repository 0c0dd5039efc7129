// SPDX-License-Identifier: Apache-2.0
// What this program was built from, and what it runs on: for run.json, manifests and --version.
#pragma once

#include <string>

namespace tessera::core {

/// "0.1.0+1a2b3c4", with "-dirty" where the tree had changes.
std::string version();
std::string compiler();
std::string host_name();

}  // namespace tessera::core
