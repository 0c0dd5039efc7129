// SPDX-License-Identifier: Apache-2.0
#include "core/build_info.hpp"

#include <unistd.h>

#include <array>

#include "git_revision.hpp"  // generated at build time

namespace tessera::core {

std::string version() {
  return std::string(TESSERA_VERSION "+" TESSERA_GIT_REVISION);
}
std::string compiler() {
  return "GCC-compatible " __VERSION__;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace tessera::core
