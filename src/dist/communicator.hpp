// SPDX-License-Identifier: Apache-2.0
// The ranks of a job, as a value that is passed down: one interface whether there is one process (no MPI call
// is made) or many. Ranks fail together: work that one rank may fail alone goes through `together`.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tessera::dist {

enum class Reduce { Sum, Min, Max };

/// The element types that travel.
enum class Scalar { Byte, Int32, Int64, Float32, Float64 };

template <typename T>
constexpr Scalar scalar_of() {
  if constexpr (std::is_same_v<T, double>)
    return Scalar::Float64;
  else if constexpr (std::is_same_v<T, float>)
    return Scalar::Float32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return Scalar::Int64;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return Scalar::Int32;
  else {
    static_assert(sizeof(T) == 1, "only bytes, 32/64-bit integers and floats travel");
    return Scalar::Byte;
  }
}

/// How long ranks may rightly be apart in a call: up to the hang timeout; or for ever (hours of uneven work),
/// where only a rank that answers no more (stopped, killed, its node gone) ends the job.
enum class Patience { Limited, Unlimited };

class InFlight;

class Communicator {
 public:
  /// One rank, without MPI.
  static Communicator serial();
  /// All ranks of an initialised MPI; duplicates MPI_COMM_WORLD with errors returned, not fatal.
  static Communicator world();

  int rank() const;
  int size() const;
  bool is_root() const { return rank() == 0; }
  /// MPI_COMM_NULL for a serial one.
  MPI_Comm mpi() const;

  /// Collective. Every call below is; `what` names the call site in error and stall reports.
  void barrier(std::string_view what) const;

  /// Collective. In place, over all ranks. Raises ParallelError naming call, library text, rank and host.
  template <typename T>
  void all_reduce(std::span<T> values, Reduce op, std::string_view what) const {
    all_reduce_raw(values.data(), values.size(), scalar_of<T>(), op, what);
  }
  template <typename T>
  T all_reduce(T value, Reduce op, std::string_view what) const {
    all_reduce(std::span<T>(&value, 1), op, what);
    return value;
  }

  template <typename T>
  void broadcast(std::span<T> values, std::string_view what, int root = 0) const {
    broadcast_raw(values.data(), values.size(), scalar_of<T>(), what, root);
  }
  /// Collective. The root's text, whatever its length.
  std::string broadcast_text(std::string text, std::string_view what, int root = 0) const;

  /// Collective. Every rank's values one behind the other in rank order; lengths may differ.
  template <typename T>
  std::vector<T> all_gather(std::span<const T> local, std::string_view what) const {
    std::vector<T> all;
    const auto counts = all_gather_counts(local.size(), what);
    std::size_t total = 0;
    for (auto count : counts) total += static_cast<std::size_t>(count);
    all.resize(total);
    all_gather_raw(local.data(), all.data(), counts, scalar_of<T>(), what);
    return all;
  }
  /// Collective. One text of each rank, in rank order.
  std::vector<std::string> all_gather_text(const std::string& text, std::string_view what) const;

  /// Collective. If `failure` is set on any rank, every rank throws: those that failed their own error, the
  /// others the first failing rank's text and exit code, with its rank and host named.
  void agree(const std::exception_ptr& failure, std::string_view what,
             Patience patience = Patience::Limited) const;

  /// Collective. Runs `work` here; if it threw anywhere, every rank throws (see agree). Work that one rank
  /// may be hours ahead of another in needs Patience::Unlimited.
  template <typename Work>
  auto together(std::string_view what, Work&& work, Patience patience = Patience::Limited) const {
    std::exception_ptr failure;
    if constexpr (std::is_void_v<decltype(work())>) {
      try {
        std::forward<Work>(work)();
      } catch (...) {
        failure = std::current_exception();
      }
      agree(failure, what, patience);
    } else {
      std::unique_ptr<decltype(work())> result;
      try {
        result = std::make_unique<decltype(work())>(std::forward<Work>(work)());
      } catch (...) {
        failure = std::current_exception();
      }
      agree(failure, what, patience);
      return std::move(*result);
    }
  }

  /// Collective. Ranks of equal colour form a new communicator, ordered by their rank here.
  Communicator split(int color, std::string_view what) const;
  /// Collective. The ranks that share this node's memory.
  Communicator node() const;
  /// Collective. The same ranks on a channel of their own.
  Communicator duplicate() const;

  /// Local. For all communicators of this `world`: a collective that has not finished after `seconds` is
  /// reported with the ranks that are missing, and the job ended (see watchdog.hpp). 0 = never; 600 at first.
  void set_hang_timeout(double seconds) const;
  /// Local. For collectives made through mpi() itself: counts the call, which all ranks must do alike.
  std::int64_t count_call(std::string_view what) const;
  /// Local. Watches call `number` until the guard goes out of scope (include dist/watchdog.hpp).
  InFlight in_flight(std::int64_t number, std::string_view what, Patience patience = Patience::Limited) const;
  /// Local. Both at once, for a blocking call.
  InFlight in_flight(std::string_view what, Patience patience = Patience::Limited) const;

 private:
  struct Group;
  explicit Communicator(std::shared_ptr<const Group> group) : group_(std::move(group)) {}
  Communicator adopt(MPI_Comm mpi, const std::string& name) const;
  void all_reduce_raw(void* values, std::size_t count, Scalar type, Reduce op, std::string_view what,
                      Patience patience = Patience::Limited) const;
  void broadcast_raw(void* values, std::size_t count, Scalar type, std::string_view what, int root) const;
  std::vector<std::int64_t> all_gather_counts(std::size_t local, std::string_view what) const;
  void all_gather_raw(const void* local, void* all, std::span<const std::int64_t> counts, Scalar type,
                      std::string_view what) const;
  std::shared_ptr<const Group> group_;  // copies share one MPI communicator
};

}  // namespace tessera::dist
