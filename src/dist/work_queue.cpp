// SPDX-License-Identifier: Apache-2.0
// The counter lies with rank 0, whose thread hands it out (request_service.hpp), so rank 0 works like the
// others. One-sided MPI would need no thread, but Open MPI 4 has it between nodes only where their network
// has remote atomics: not over TCP.
#include "dist/work_queue.hpp"

#include "core/clock.hpp"
#include "core/text.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/request_service.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {
namespace {

// Ends where no rank takes from it any more, or the takers wait for ever.
class SharedCounter {
 public:
  explicit SharedCounter(const Communicator& comm)
      : service_(comm, {.answer = [this](int, const std::string& step) {
                   const auto before = next_;
                   next_ += *core::parse_integer(step);
                   return std::to_string(before);
                 }}) {}

  /// Adds `step` and returns the value before.
  std::int64_t take(std::int64_t step) { return *core::parse_integer(service_.ask(std::to_string(step))); }

 private:
  std::int64_t next_ = 0;  // the root's; the service answers one at a time
  RequestService service_;
};

// A rank that is out of work may rightly wait longer for another's last task than any time limit.
void wait_for_last(const Communicator& comm, std::string_view what) {
  const auto guard = comm.in_flight(what, Patience::Unlimited);
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(comm.mpi(), &request), "MPI_Ibarrier", what);
  wait_for(request, what);
}

}  // namespace

WorkSummary for_each_task(const Communicator& comm, std::int64_t num_tasks, std::string_view what,
                          const std::function<void(std::int64_t)>& work,
                          const std::function<bool()>& must_stop) {
  WorkSummary summary;
  const core::Stopwatch elapsed;
  const auto work_on = [&](std::int64_t task) {
    const core::Stopwatch busy;
    work(task);
    summary.busy_seconds += busy.seconds();
    ++summary.tasks_here;
  };

  if (comm.size() == 1) {
    for (std::int64_t task = 0; task < num_tasks && !must_stop(); ++task) work_on(task);
  } else {
    SharedCounter next(comm);
    std::exception_ptr failure, broken;  // in a task; in the queue itself
    const auto guarded = [](std::exception_ptr& error, auto&& call) {
      try {
        call();
      } catch (...) {
        error = std::current_exception();
      }
    };
    guarded(broken, [&] {
      while (!failure && !must_stop()) {
        const auto task = next.take(1);
        if (task >= num_tasks) return;
        guarded(failure, [&] { work_on(task); });
      }
      next.take(num_tasks);  // nothing left for anyone
    });
    wait_for_last(comm, what);
    comm.agree(broken, what);
    comm.agree(failure, what);
  }
  summary.elapsed_seconds = elapsed.seconds();
  return summary;
}

}  // namespace tessera::dist
