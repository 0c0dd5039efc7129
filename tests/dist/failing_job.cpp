// SPDX-License-Identifier: Apache-2.0
// A job that ends in the way asked for; run_job_test and watchdog_test start it under mpirun.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <new>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "dist/background_watch.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"
#include "dist/watchdog.hpp"
#include "dist/work_queue.hpp"

// What a work queue waits in, made to fail where asked (MPI's profiling interface).
static bool probe_fails = false;

extern "C" int MPI_Improbe(int source, int tag, MPI_Comm comm, int* has_come, MPI_Message* message,
                           MPI_Status* status) {
  return probe_fails ? MPI_ERR_OTHER : PMPI_Improbe(source, tag, comm, has_come, message, status);
}

namespace tessera {
namespace {

using Body = std::function<int(dist::Communicator&)>;

void sleep_for_ever() {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

[[gnu::noinline]] void count_grains_for_ever() {
  for (volatile bool spin = true; spin;) {
  }
}

void fail(const char* text) {
  throw core::InputError(text);
}

const std::map<std::string, Body> kEndings = {
    {"well",
     [](auto& world) {
       std::printf("rank %d of %d\n", world.rank(), world.size());
       return 0;
     }},
    {"stopped", [](auto& world) { return world.rank() == 1 ? core::kExitStoppedInTime : core::kExitDone; }},
    {"together",
     [](auto& world) {
       world.together("reading", [&] {
         if (world.rank() == 1) fail("cutoff must be positive, got -1");
       });
       return 0;
     }},
    {"all", [](auto&) -> int { throw core::InputError("cutoff must be positive, got -1"); }},
    {"alone",
     [](auto& world) {
       if (world.rank() == world.size() - 1) fail("cutoff must be positive, got -1");
       world.barrier("batch order");
       return 0;
     }},
    {"memory",
     [](auto& world) {
       if (world.rank() == world.size() - 1) throw std::bad_alloc();
       world.barrier("batch order");
       return 0;
     }},
    {"late",
     [](auto& world) {  // the others have left the body already
       if (world.rank() == 1) fail("cutoff must be positive, got -1");
       return 0;
     }},
    {"signal",
     [](auto& world) {
       dist::watch_stop_signals();
       if (world.rank() == 0) std::raise(SIGUSR2);
       const auto asked =
           world.all_reduce(static_cast<std::int32_t>(dist::stop_asked()), dist::Reduce::Max, "stop");
       if (world.rank() == 0) std::printf("signal %d\n", dist::stop_asked() == dist::Stop::SaveAndRequeue);
       return asked != 0 ? core::kExitStoppedInTime : core::kExitDone;
     }},
    {"unheeding",
     [](auto& world) {  // looks at no flag, so the signal must end it
       if (world.rank() == 0) std::raise(SIGTERM);
       world.barrier("batch order");
       return 0;
     }},
    {"asleep",
     [](auto& world) {
       world.barrier("batch order");
       if (world.rank() == 1) sleep_for_ever();
       world.barrier("loss of the step");
       return 0;
     }},
    {"frozen",
     [](auto& world) {
       world.barrier("batch order");
       if (world.rank() == 1) std::raise(SIGSTOP);
       world.barrier("loss of the step");
       return 0;
     }},
    {"spinning",
     [](auto& world) {
       world.barrier("batch order");
       if (world.rank() == 1) count_grains_for_ever();
       world.barrier("loss of the step");
       return 0;
     }},
    {"uninterruptible",
     [](auto& world) {  // in a system call as that on a file system that is gone: a parent waits so for its
                        // vfork
       world.barrier("batch order");
       if (world.rank() == 1 && vfork() == 0) {
         sleep(8);
         _exit(0);
       }
       world.barrier("loss of the step");
       return 0;
     }},
    {"astray",
     [](auto& world) {
       const auto part = world.split(world.rank() == 0 ? 0 : 1, "halves");
       if (world.rank() == 1) part.barrier("validation");  // rank 2 never comes there
       world.barrier("loss of the step");
       return 0;
     }},
    {"async",
     [](auto& world) {
       std::vector<float> gradients(1 << 20);
       const auto number = world.count_call("gradients");
       MPI_Request request = MPI_REQUEST_NULL;
       MPI_Iallreduce(MPI_IN_PLACE, gradients.data(), 1 << 20, MPI_FLOAT, MPI_SUM, world.mpi(), &request);
       if (world.rank() == 0) sleep_for_ever();  // launched, and never waited for
       const auto guard = world.in_flight(number, "gradients");
       dist::wait_for(request, "gradients");
       return 0;
     }},
    {"stream",
     [](auto& world) {  // enqueued where rank 1 never comes, and no thread waits for it
       dist::BackgroundWatch watch(world, [] { return std::string(); });
       watch.add(world.count_call("batch order"), "batch order", [] { return true; });
       if (world.rank() != 1) watch.add(world.count_call("gradients"), "gradients", [] { return false; });
       sleep_for_ever();
       return 0;
     }},
    {"stream_done",
     [](auto& world) {  // the stream is done; the rank does other things for longer than the limit
       dist::BackgroundWatch watch(world, [] { return std::string(); });
       watch.add(world.count_call("gradients"), "gradients", [] { return true; });
       std::this_thread::sleep_for(std::chrono::seconds(2));
       return 0;
     }},
    {"stream_error",
     [](auto& world) {
       const bool fails = world.rank() == 1;
       dist::BackgroundWatch watch(world,
                                   [fails] { return std::string(fails ? "remote process exited" : ""); });
       watch.add(world.count_call("gradients"), "gradients", [] { return false; });
       sleep_for_ever();
       return 0;
     }},
    {"hesitant",
     [](auto& world) {  // rank 0, the first to speak, is in no hurry
       if (world.rank() == 0) world.set_hang_timeout(600);
       world.barrier("batch order");
       if (world.rank() == 1) sleep_for_ever();
       world.barrier("loss of the step");
       return 0;
     }},
    {"uneven",
     [](auto& world) {
       const auto share = [&] {
         std::this_thread::sleep_for(std::chrono::seconds(world.rank() == 1 ? 3 : 0));
       };
       world.together("shares", share, dist::Patience::Unlimited);
       dist::for_each_task(world, 3, "tasks", [](auto task) {
         std::this_thread::sleep_for(std::chrono::seconds(task == 0 ? 3 : 0));
       });
       share();  // the end of the job is patient too
       return 0;
     }},
    {"frozen_share",
     [](auto& world) {
       world.together(
           "shares", [&] { world.rank() == 1 ? std::raise(SIGSTOP) : 0; }, dist::Patience::Unlimited);
       return 0;
     }},
    {"frozen_task",
     [](auto& world) {
       dist::for_each_task(world, 10, "tasks", [](auto task) {
         if (task == 0) std::raise(SIGSTOP);
       });
       return 0;
     }},
    {"broken_queue",
     [](auto& world) {
       dist::for_each_task(world, 100, "tasks", [&](auto) {
         probe_fails = world.rank() == 1;
         std::this_thread::sleep_for(std::chrono::milliseconds(5));
       });
       return 0;
     }},
    {"frozen_end",
     [](auto& world) {
       if (world.rank() == 1) std::raise(SIGSTOP);
       return 0;
     }},
    {"slow",
     [](auto& world) {  // slower than the limit, but never in one collective
       for (int step = 0; step < 4; ++step) {
         std::this_thread::sleep_for(std::chrono::milliseconds(400));
         world.barrier("step");
       }
       return 0;
     }},
};

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  std::string ending;
  double timeout = 600;
  tessera::core::CommandLine line("fail", "ends in the way asked for", "fail well");
  line.positional("ending", ending, "how");
  line.option("--timeout", timeout, "hang time-out in seconds");
  return tessera::dist::run_job(argc, argv, line, [&](tessera::dist::Communicator& world) {
    world.set_hang_timeout(timeout);
    return tessera::kEndings.at(ending)(world);
  });
}
