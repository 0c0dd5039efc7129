// SPDX-License-Identifier: Apache-2.0
// Runs a program as a user would, through the shell, and keeps what it said: for tests of whole verbs.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/temporary_folder.hpp"

namespace tessera::test {

struct ProgramResult {
  int exit_code = 0;  // 128 + signal where one ended it
  std::string out;    // stdout
  std::string err;    // stderr
};

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `command` as typed in bash; stdin is empty.
inline ProgramResult run_program(const std::string& command) {
  const TemporaryFolder folder;
  const std::string line =
      "{ " + command + "\n} </dev/null >" + (folder / "out").string() + " 2>" + (folder / "err").string();
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/bash", "bash", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = text_of(folder / "out"),
          .err = text_of(folder / "err")};
}

/// "…/bin/tessera-NAME" of the build under test (environment variable TESSERA_BIN, else beside this test).
inline std::string program_path(const std::string& name) {
  const char* given = std::getenv("TESSERA_BIN");
  const std::filesystem::path folder =
      given ? std::filesystem::path(given) : std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (folder / name).string();
}

/// "mpirun -n N PROGRAM" with what several ranks on few cores, and root, need.
inline std::string under_mpirun(int ranks, const std::string& program) {
  return "OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
         "OMPI_MCA_mpi_yield_when_idle=1 mpirun --oversubscribe --bind-to none -n " +
         std::to_string(ranks) + " " + program;
}

/// The value of `key` on a line "key=value key=value …"; "" where it is not there.
inline std::string value_of(const std::string& line, const std::string& key) {
  const std::string wanted = key + "=";
  for (std::size_t at = line.find(wanted); at != std::string::npos; at = line.find(wanted, at + 1)) {
    if (at != 0 && line[at - 1] != ' ' && line[at - 1] != '\n') continue;
    const auto begin = at + wanted.size();
    return line.substr(begin, line.find_first_of(" \n", begin) - begin);
  }
  return "";
}

}  // namespace tessera::test
