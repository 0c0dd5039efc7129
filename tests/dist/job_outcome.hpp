// SPDX-License-Identifier: Apache-2.0
// Runs the failing job under mpirun, as a user would, and keeps all that can be seen from outside.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/clock.hpp"

namespace tessera::dist {

struct JobOutcome {
  int exit_code = -1;
  std::string output;  // stdout and stderr
  double seconds = 0;
};

/// `ranks` = 0 starts the program without mpirun.
inline JobOutcome run_failing_job(int ranks, const std::string& arguments) {
  const char* folder = std::getenv("TESSERA_BIN");
  const std::string program = std::string(folder ? folder : "bin") + "/dist_failing_job " + arguments;
  const std::string launcher =
      std::string(TESSERA_MPIEXEC) + " --oversubscribe --bind-to none --mca odls_base_sigkill_timeout 0 -n ";
  const std::string command =
      "timeout 30 " + (ranks > 0 ? launcher + std::to_string(ranks) + " " + program : program) + " 2>&1";

  JobOutcome outcome;
  const core::Stopwatch watch;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe)) outcome.output += buffer.data();
  const int status = pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.seconds = watch.seconds();
  return outcome;
}

inline int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace tessera::dist
