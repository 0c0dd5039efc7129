// SPDX-License-Identifier: Apache-2.0
// Other programs as oracles: runs a Python script with the readers that `./dev test` installs, so that our
// files are read by somebody else's code.
#pragma once

#include <stdio.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

namespace tessera::test {

struct PythonResult {
  std::string output;  // stdout and stderr
  int exit_code = 0;
};

/// Nothing where no Python with that module is there: the test then skips aloud.
inline std::optional<PythonResult> run_python(const std::string& module, const std::string& script,
                                              const std::vector<std::string>& arguments) {
  const auto run = [](const std::string& command) {
    PythonResult result;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> piece{};
    while (const std::size_t got = ::fread(piece.data(), 1, piece.size(), pipe))
      result.output.append(piece.data(), got);
    result.exit_code = WEXITSTATUS(::pclose(pipe));
    return result;
  };
  std::vector<std::string> candidates;
  if (const char* chosen = std::getenv("TESSERA_PYTHON")) candidates.emplace_back(chosen);
  if (const char* source = std::getenv("TESSERA_SOURCE"))
    candidates.push_back(std::string(source) + "/.deps/python/bin/python3");
  candidates.insert(candidates.end(), {"python3", "/usr/bin/python3"});
  for (const auto& python : candidates) {
    if (run(python + " -c 'import " + module + "'").exit_code != 0) continue;
    TemporaryFolder folder;
    std::ofstream(folder / "script.py") << script;
    std::string command = python + " " + (folder / "script.py").string();
    for (const auto& argument : arguments) command += " '" + argument + "'";
    return run(command);
  }
  return std::nullopt;
}

}  // namespace tessera::test
