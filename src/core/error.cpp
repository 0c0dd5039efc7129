// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

namespace tessera::core {

int exit_code_of(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  return ours ? ours->exit_code() : kExitFailed;
}

void fail_assertion(const char* condition, const char* file, int line) {
  throw InternalError(std::string(condition) + " does not hold (" + file + ":" + std::to_string(line) + ")");
}

}  // namespace tessera::core
