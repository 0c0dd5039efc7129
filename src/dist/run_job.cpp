// SPDX-License-Identifier: Apache-2.0
#include "dist/run_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "core/error.hpp"
#include "core/log.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {
namespace {

// Ranks that failed together come to the end within milliseconds of each other; whoever is alone after this
// long has left the others waiting in some collective.
constexpr double kSecondsToMeet = 1.0;

/// How the body ended here.
struct Ending {
  std::int32_t failed = 0;
  std::int32_t exit_code = core::kExitDone;
};

Ending run_body(Communicator& world, const std::function<int(Communicator&)>& body, std::string& message) {
  int exit_code = core::kExitFailed;
  try {
    return {0, body(world)};
  } catch (const std::bad_alloc&) {
    message = "out of memory (std::bad_alloc)";
  } catch (const std::exception& error) {
    message = error.what();
    exit_code = core::exit_code_of(error);
  } catch (...) {
    message = "an exception of unknown type";
  }
  return {1, exit_code};
}

[[noreturn]] void abort_job(const std::string& message, int exit_code) {
  core::log::error("{} (on {}; the other ranks are stopped)", message, host_name());
  MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

/// Collective. True where every rank came to its end. Where not, MPI may still read `own` and write `endings`
/// at any time: they must live until the process ends.
bool meet_at_end(const Communicator& end, const Ending& own, std::vector<Ending>& endings) {
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallgather(&own, 2, MPI_INT32_T, endings.data(), 2, MPI_INT32_T, end.mpi(), &request),
            "MPI_Iallgather", "end of the job");
  const auto guard = end.in_flight("end of the job", Patience::Unlimited);
  return wait_for(request, "end of the job", own.failed ? kSecondsToMeet : -1);
}

int run_and_meet(const std::function<int(Communicator&)>& body) {
  auto world = Communicator::world();
  const auto end = world.duplicate();
  std::string message;
  const auto own = run_body(world, body, message);
  std::vector<Ending> endings(static_cast<std::size_t>(end.size()));
  if (!meet_at_end(end, own, endings)) abort_job(message, own.exit_code);

  const auto first = std::find_if(endings.begin(), endings.end(), [](auto& it) { return it.failed; });
  if (first != endings.end()) {
    if (first - endings.begin() == world.rank()) core::log::error("{}", message);
    return first->exit_code;
  }
  return std::max_element(endings.begin(), endings.end(),
                          [](auto& a, auto& b) { return a.exit_code < b.exit_code; })
      ->exit_code;
}

}  // namespace

int run_job(int argc, char** argv, core::CommandLine& line, const std::function<int(Communicator&)>& body) {
  int level = MPI_THREAD_SINGLE, rank = 0, size = 1;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &level);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  core::log::set_rank(rank, size);
  if (level < MPI_THREAD_SERIALIZED)
    abort_job("MPI must offer the thread level MPI_THREAD_SERIALIZED or higher; this one was built without",
              core::kExitFailed);

  const auto parsed = line.parse(argc, argv);
  int exit_code = parsed.exit_code;
  if (parsed.run) {
    try {
      exit_code = run_and_meet(body);
    } catch (const std::exception& error) {
      abort_job(error.what(), core::exit_code_of(error));
    }
  } else if (rank == 0) {
    std::fputs(parsed.text.c_str(), exit_code == core::kExitDone ? stdout : stderr);
  }
  MPI_Finalize();
  return exit_code;
}

}  // namespace tessera::dist
