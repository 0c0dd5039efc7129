// SPDX-License-Identifier: Apache-2.0
// What every MPI call here needs: its error code made into words, and 64-bit counts cut into the 32-bit
// counts MPI 3.1 takes.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "dist/communicator.hpp"

namespace tessera::dist {

inline constexpr std::int64_t kMaxMpiCount = std::numeric_limits<int>::max();

/// This process's host, as MPI names it.
std::string host_name();

/// Raises ParallelError with `call`, the library's text, `what`, rank and host, unless `code` is MPI_SUCCESS.
void check_mpi(int code, std::string_view call, std::string_view what);

/// Ends the processes of all ranks with kExitFailed, from any thread, even where MPI is stuck.
void end_job();

/// Raises InternalError where a count does not fit into MPI's int.
int to_int(std::int64_t count);

std::size_t bytes_of(Scalar type);
MPI_Datatype mpi_type(Scalar type);
MPI_Op mpi_op(Reduce op);

/// Calls `call(offset, int count)` over [0, count) in pieces of at most `limit`; at least once.
template <typename Call>
void for_each_piece(std::int64_t count, std::int64_t limit, Call&& call) {
  std::int64_t offset = 0;
  do {
    const std::int64_t piece = count - offset < limit ? count - offset : limit;
    call(offset, to_int(piece));
    offset += piece;
  } while (offset < count);
}

/// Collective. Ranks' parts one behind the other. Where the whole is longer than `limit`, MPI's int
/// displacements do not reach its end, and each part is broadcast by itself.
void all_gather_parts(const void* local, void* all, std::span<const std::int64_t> counts, Scalar type,
                      MPI_Comm comm, std::string_view what, std::int64_t limit = kMaxMpiCount);

/// Collective. In pieces of at most `limit`.
void broadcast_pieces(void* values, std::int64_t count, Scalar type, int root, MPI_Comm comm,
                      std::string_view what, std::int64_t limit = kMaxMpiCount);

/// Waits until all are done: at first at full speed, then in short naps, since ranks may share cores and the
/// one waited for needs this one. (Blocking MPI calls spin; on a loaded machine they took 50 times as long.)
/// With `seconds` ≥ 0 gives up after them and returns false.
bool wait_for(std::span<MPI_Request> requests, std::string_view what, double seconds = -1);
inline bool wait_for(MPI_Request& request, std::string_view what, double seconds = -1) {
  return wait_for(std::span(&request, 1), what, seconds);
}

}  // namespace tessera::dist
