// SPDX-License-Identifier: Apache-2.0
// The life of every program: MPI up, command line read, the job's body run, errors said once and made an exit
// code, MPI down. An error that escapes one rank only ends all ranks (MPI_Abort) after its message.
#pragma once

#include <functional>

#include "core/command_line.hpp"
#include "dist/communicator.hpp"

namespace tessera::dist {

/// Runs `body` on every rank and returns the process's exit code. `body` returns an exit code; what it throws
/// on all ranks (see Communicator::together) is printed by one of them, and all return the first failing
/// rank's code; without an error all return the highest code.
int run_job(int argc, char** argv, core::CommandLine& line, const std::function<int(Communicator&)>& body);

}  // namespace tessera::dist
