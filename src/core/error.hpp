// SPDX-License-Identifier: Apache-2.0
// The four errors everything in Tessera ends in, and the exit codes they carry to the shell. A message says
// what must hold, what was got, where, and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace tessera::core {

enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitWrongInput = 2,
  kExitStoppedInTime = 3,  // what was done is saved; the same command goes on
};

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, int exit_code = kExitFailed)
      : std::runtime_error(message), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// Configuration, command line, missing file: the user can mend it.
struct InputError : Error {
  explicit InputError(const std::string& message) : Error(message, kExitWrongInput) {}
};

/// A dataset's or checkpoint's content is wrong.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(message) {}
};

/// An MPI, NCCL, CUDA or HDF5 call failed, or another rank did.
struct ParallelError : Error {
  explicit ParallelError(const std::string& message) : Error(message) {}
};

/// A bug of ours, never the user's doing.
struct InternalError : Error {
  explicit InternalError(const std::string& message) : Error("bug in Tessera: " + message) {}
};

/// The exit code of whatever was thrown: an Error's own, kExitFailed for any other.
int exit_code_of(const std::exception& error);

[[noreturn]] void fail_assertion(const char* condition, const char* file, int line);

}  // namespace tessera::core

// For our bugs only, never reachable from user input; compiled out unless TESSERA_ASSERTIONS is defined.
#ifdef TESSERA_ASSERTIONS
#define TESSERA_ASSERT(condition) \
  ((condition) ? void() : ::tessera::core::fail_assertion(#condition, __FILE__, __LINE__))
#else
#define TESSERA_ASSERT(condition) void(sizeof(!(condition)))
#endif
