// SPDX-License-Identifier: Apache-2.0
// The counter lies in rank 0's memory and is fetched and raised one-sidedly (MPI 3 RMA), so rank 0 works like
// the others. Where the network has no remote atomics, MPI serves the counter whenever rank 0 enters MPI:
// between its tasks, and while it waits for the last ones.
#include "dist/work_queue.hpp"

#include "core/clock.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {
namespace {

class SharedCounter {
 public:
  explicit SharedCounter(const Communicator& comm) : comm_(comm) {
    std::int64_t* memory = nullptr;
    const MPI_Aint bytes = comm.is_root() ? sizeof(std::int64_t) : 0;
    const auto guard = comm.in_flight("start of a work queue");
    check_mpi(MPI_Win_allocate(bytes, sizeof(std::int64_t), MPI_INFO_NULL, comm.mpi(), &memory, &window_),
              "MPI_Win_allocate", "work queue");
    check_mpi(MPI_Win_set_errhandler(window_, MPI_ERRORS_RETURN), "MPI_Win_set_errhandler", "work queue");
    if (comm.is_root()) *memory = 0;
    check_mpi(MPI_Barrier(comm.mpi()), "MPI_Barrier", "work queue");
    check_mpi(MPI_Win_lock_all(MPI_MODE_NOCHECK, window_), "MPI_Win_lock_all", "work queue");
  }
  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;

  /// Adds `step` and returns the value before. Patient, since rank 0 may have to leave its task for it.
  std::int64_t take(std::int64_t step) {
    std::int64_t before = 0;
    const auto guard = comm_.in_flight(0, "taking a task", Patience::Unlimited);
    check_mpi(MPI_Fetch_and_op(&step, &before, MPI_INT64_T, 0, 0, MPI_SUM, window_), "MPI_Fetch_and_op",
              "work queue");
    check_mpi(MPI_Win_flush(0, window_), "MPI_Win_flush", "work queue");
    return before;
  }

  /// Collective. No destructor does it: after an MPI error some ranks would wait here for others for ever,
  /// and a window left behind costs a job that fails nothing.
  void close() {
    const auto guard = comm_.in_flight("end of a work queue");
    check_mpi(MPI_Win_unlock_all(window_), "MPI_Win_unlock_all", "work queue");
    check_mpi(MPI_Win_free(&window_), "MPI_Win_free", "work queue");
  }

 private:
  const Communicator& comm_;
  MPI_Win window_ = MPI_WIN_NULL;
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
                          const std::function<void(std::int64_t)>& work) {
  WorkSummary summary;
  const core::Stopwatch elapsed;
  const auto work_on = [&](std::int64_t task) {
    const core::Stopwatch busy;
    work(task);
    summary.busy_seconds += busy.seconds();
    ++summary.tasks_here;
  };

  if (comm.size() == 1) {
    for (std::int64_t task = 0; task < num_tasks; ++task) work_on(task);
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
      for (auto task = next.take(1); task < num_tasks && !failure; task = next.take(1))
        guarded(failure, [&] { work_on(task); });
      if (failure) next.take(num_tasks);  // nothing left for anyone
    });
    wait_for_last(comm, what);
    comm.agree(broken, what);
    next.close();
    comm.agree(failure, what);
  }
  summary.elapsed_seconds = elapsed.seconds();
  return summary;
}

}  // namespace tessera::dist
