// SPDX-License-Identifier: Apache-2.0
#include "dist/mpi_calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"

namespace tessera::dist {

std::string host_name() {
  char name[MPI_MAX_PROCESSOR_NAME] = {};
  int length = 0;
  MPI_Get_processor_name(name, &length);
  return std::string(name, static_cast<std::size_t>(length));
}

void check_mpi(int code, std::string_view call, std::string_view what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0, rank = 0;
  MPI_Error_string(code, text, &length);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  throw core::ParallelError(
      fmt::format("{} failed in '{}' on rank {} on {}: {}", call, what, rank, host_name(), text));
}

// MPI_Abort may itself wait for a lock that the stuck thread holds; leaving without finalize ends the job
// too.
void end_job() {
  static constexpr auto kAbortSeconds = std::chrono::seconds(5);
  std::thread([] {
    std::this_thread::sleep_for(kAbortSeconds);
    std::_Exit(core::kExitFailed);
  }).detach();
  MPI_Abort(MPI_COMM_WORLD, core::kExitFailed);
}

int to_int(std::int64_t count) {
  if (count < 0 || count > kMaxMpiCount)
    throw core::InternalError(fmt::format("an MPI count must be 0 to 2^31 - 1, got {}", count));
  return static_cast<int>(count);
}

std::size_t bytes_of(Scalar type) {
  switch (type) {
    case Scalar::Byte: return 1;
    case Scalar::Int32:
    case Scalar::Float32: return 4;
    case Scalar::Int64:
    case Scalar::Float64: return 8;
  }
  throw core::InternalError("unknown scalar type");
}

MPI_Datatype mpi_type(Scalar type) {
  switch (type) {
    case Scalar::Byte: return MPI_UINT8_T;  // MPI_BYTE knows no reduction
    case Scalar::Int32: return MPI_INT32_T;
    case Scalar::Int64: return MPI_INT64_T;
    case Scalar::Float32: return MPI_FLOAT;
    case Scalar::Float64: return MPI_DOUBLE;
  }
  throw core::InternalError("unknown scalar type");
}

MPI_Op mpi_op(Reduce op) {
  switch (op) {
    case Reduce::Sum: return MPI_SUM;
    case Reduce::Min: return MPI_MIN;
    case Reduce::Max: return MPI_MAX;
  }
  throw core::InternalError("unknown reduction");
}

void broadcast_pieces(void* values, std::int64_t count, Scalar type, int root, MPI_Comm comm,
                      std::string_view what, std::int64_t limit) {
  auto* bytes = static_cast<std::byte*>(values);
  for_each_piece(count, limit, [&](std::int64_t offset, int piece) {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Ibcast(bytes + static_cast<std::size_t>(offset) * bytes_of(type), piece, mpi_type(type),
                         root, comm, &request),
              "MPI_Ibcast", what);
    wait_for(request, what);
  });
}

void all_gather_parts(const void* local, void* all, std::span<const std::int64_t> counts, Scalar type,
                      MPI_Comm comm, std::string_view what, std::int64_t limit) {
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  std::vector<std::int64_t> starts(counts.size() + 1, 0);
  for (std::size_t r = 0; r < counts.size(); ++r) starts[r + 1] = starts[r] + counts[r];

  if (starts.back() <= limit) {
    std::vector<int> lengths(counts.size()), places(counts.size());
    std::transform(counts.begin(), counts.end(), lengths.begin(), to_int);
    std::transform(starts.begin(), starts.end() - 1, places.begin(), to_int);
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Iallgatherv(local, lengths[static_cast<std::size_t>(rank)], mpi_type(type), all,
                              lengths.data(), places.data(), mpi_type(type), comm, &request),
              "MPI_Iallgatherv", what);
    wait_for(request, what);
    return;
  }
  auto* bytes = static_cast<std::byte*>(all);
  for (std::size_t r = 0; r < counts.size(); ++r) {
    auto* part = bytes + static_cast<std::size_t>(starts[r]) * bytes_of(type);
    if (static_cast<int>(r) == rank)
      std::memcpy(part, local, static_cast<std::size_t>(counts[r]) * bytes_of(type));
    broadcast_pieces(part, counts[r], type, static_cast<int>(r), comm, what, limit);
  }
}

bool wait_for(std::span<MPI_Request> requests, std::string_view what, double seconds) {
  constexpr double kSpinSeconds = 200e-6, kLongestNapSeconds = 200e-6;
  const core::Stopwatch watch;
  for (int done = 0;;) {
    check_mpi(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
              "MPI_Testall", what);
    if (done) return true;
    const double waited = watch.seconds();
    if (seconds >= 0 && waited > seconds) return false;
    if (waited > kSpinSeconds)
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(waited / 50, kLongestNapSeconds)));
  }
}

}  // namespace tessera::dist
