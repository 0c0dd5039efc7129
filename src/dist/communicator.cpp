// SPDX-License-Identifier: Apache-2.0
#include "dist/communicator.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <numeric>
#include <random>

#include "core/error.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {

struct Communicator::Group {
  MPI_Comm mpi = MPI_COMM_NULL;
  int rank = 0;
  int size = 1;
  std::string channel = "world";
  std::shared_ptr<Watchdog> watchdog;
  mutable std::atomic<int> num_children{0};  // counted alike on all ranks, so children get the same name

  bool is_serial() const { return mpi == MPI_COMM_NULL; }

  ~Group() {
    if (watchdog) watchdog->close_channel(channel);
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (!is_serial() && !finalized) MPI_Comm_free(&mpi);
  }
};

namespace {

std::shared_ptr<Watchdog> start_watchdog(const Communicator& ranks) {
  auto watchdog = std::make_shared<Watchdog>(end_job);
  const auto hosts = ranks.all_gather_text(host_name(), "exchange of host names");
  const auto endpoints = ranks.all_gather_text(to_text(watchdog->endpoint()), "exchange of addresses");
  std::int64_t key = static_cast<std::int64_t>(std::random_device{}()) << 32 | std::random_device{}();
  ranks.broadcast(std::span(&key, 1), "the job's key");
  std::vector<Peer> peers;
  for (std::size_t r = 0; r < hosts.size(); ++r)
    peers.push_back({hosts[r], endpoint_from_text(endpoints[r])});
  watchdog->start(ranks.rank(), static_cast<std::uint64_t>(key), std::move(peers));
  return watchdog;
}

}  // namespace

Communicator Communicator::serial() {
  return Communicator(std::make_shared<Group>());
}

Communicator Communicator::world() {
  auto group = std::make_shared<Group>();
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &group->mpi), "MPI_Comm_dup", "start");
  check_mpi(MPI_Comm_set_errhandler(group->mpi, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler", "start");
  MPI_Comm_rank(group->mpi, &group->rank);
  MPI_Comm_size(group->mpi, &group->size);
  if (group->size > 1) {
    auto watchdog = start_watchdog(Communicator(group));
    std::vector<int> members(static_cast<std::size_t>(group->size));
    std::iota(members.begin(), members.end(), 0);
    watchdog->open_channel(group->channel, std::move(members));
    group->watchdog = std::move(watchdog);
  }
  return Communicator(group);
}

int Communicator::rank() const {
  return group_->rank;
}
int Communicator::size() const {
  return group_->size;
}
MPI_Comm Communicator::mpi() const {
  return group_->mpi;
}

void Communicator::barrier(std::string_view what) const {
  if (group_->is_serial()) return;
  const auto guard = in_flight(what);
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(group_->mpi, &request), "MPI_Ibarrier", what);
  wait_for(request, what);
}

void Communicator::all_reduce_raw(void* values, std::size_t count, Scalar type, Reduce op,
                                  std::string_view what, Patience patience) const {
  if (group_->is_serial()) return;
  const auto guard = in_flight(what, patience);
  auto* bytes = static_cast<std::byte*>(values);
  for_each_piece(static_cast<std::int64_t>(count), kMaxMpiCount, [&](std::int64_t offset, int piece) {
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Iallreduce(MPI_IN_PLACE, bytes + static_cast<std::size_t>(offset) * bytes_of(type), piece,
                             mpi_type(type), mpi_op(op), group_->mpi, &request),
              "MPI_Iallreduce", what);
    wait_for(request, what);
  });
}

void Communicator::broadcast_raw(void* values, std::size_t count, Scalar type, std::string_view what,
                                 int root) const {
  if (group_->is_serial()) return;
  const auto guard = in_flight(what);
  broadcast_pieces(values, static_cast<std::int64_t>(count), type, root, group_->mpi, what);
}

std::string Communicator::broadcast_text(std::string text, std::string_view what, int root) const {
  auto length = static_cast<std::int64_t>(text.size());
  broadcast(std::span(&length, 1), what, root);
  text.resize(static_cast<std::size_t>(length));
  broadcast(std::span(text), what, root);
  return text;
}

std::vector<std::int64_t> Communicator::all_gather_counts(std::size_t local, std::string_view what) const {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(size()), static_cast<std::int64_t>(local));
  if (group_->is_serial()) return counts;
  const auto guard = in_flight(what);
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, counts.data(), 1, MPI_INT64_T, group_->mpi,
                           &request),
            "MPI_Iallgather", what);
  wait_for(request, what);
  return counts;
}

void Communicator::all_gather_raw(const void* local, void* all, std::span<const std::int64_t> counts,
                                  Scalar type, std::string_view what) const {
  if (group_->is_serial()) {
    if (counts[0] > 0) std::memcpy(all, local, static_cast<std::size_t>(counts[0]) * bytes_of(type));
    return;
  }
  const auto guard = in_flight(what);
  all_gather_parts(local, all, counts, type, group_->mpi, what);
}

std::vector<std::string> Communicator::all_gather_text(const std::string& text, std::string_view what) const {
  const auto lengths = all_gather_counts(text.size(), what);
  std::string all(static_cast<std::size_t>(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})),
                  '\0');
  all_gather_raw(text.data(), all.data(), lengths, Scalar::Byte, what);
  std::vector<std::string> texts;
  std::size_t start = 0;
  for (const auto length : lengths) {
    texts.push_back(all.substr(start, static_cast<std::size_t>(length)));
    start += static_cast<std::size_t>(length);
  }
  return texts;
}

Communicator Communicator::adopt(MPI_Comm mpi, const std::string& name) const {
  auto group = std::make_shared<Group>();
  group->mpi = mpi;
  check_mpi(MPI_Comm_set_errhandler(mpi, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler", name);
  MPI_Comm_rank(mpi, &group->rank);
  MPI_Comm_size(mpi, &group->size);
  group->channel = group_->channel + "/" + name;
  if (group_->watchdog) {
    const int own = group_->watchdog->rank();
    auto members = Communicator(group).all_gather(std::span(&own, 1), "ranks of a new communicator");
    group_->watchdog->open_channel(group->channel, std::move(members));
    group->watchdog = group_->watchdog;
  }
  return Communicator(group);
}

Communicator Communicator::split(int color, std::string_view what) const {
  if (group_->is_serial()) return serial();
  MPI_Comm part = MPI_COMM_NULL;
  {
    const auto guard = in_flight(what);
    check_mpi(MPI_Comm_split(group_->mpi, color, group_->rank, &part), "MPI_Comm_split", what);
  }
  return adopt(part, fmt::format("split{}.{}", group_->num_children++, color));
}

Communicator Communicator::node() const {
  if (group_->is_serial()) return serial();
  MPI_Comm part = MPI_COMM_NULL;
  {
    const auto guard = in_flight("ranks of this node");
    check_mpi(MPI_Comm_split_type(group_->mpi, MPI_COMM_TYPE_SHARED, group_->rank, MPI_INFO_NULL, &part),
              "MPI_Comm_split_type", "ranks of this node");
  }
  return adopt(part, fmt::format("node{}", group_->num_children++));
}

Communicator Communicator::duplicate() const {
  if (group_->is_serial()) return serial();
  MPI_Comm same = MPI_COMM_NULL;
  {
    const auto guard = in_flight("duplicate");
    check_mpi(MPI_Comm_dup(group_->mpi, &same), "MPI_Comm_dup", "duplicate");
  }
  return adopt(same, fmt::format("copy{}", group_->num_children++));
}

void Communicator::set_hang_timeout(double seconds) const {
  if (group_->watchdog) group_->watchdog->set_timeout(seconds);
}

std::int64_t Communicator::count_call(std::string_view what) const {
  return group_->watchdog ? group_->watchdog->count(group_->channel, what) : 0;
}

InFlight Communicator::in_flight(std::int64_t number, std::string_view what, Patience patience) const {
  return InFlight(group_->watchdog.get(), group_->channel, number, what, patience);
}

InFlight Communicator::in_flight(std::string_view what, Patience patience) const {
  return in_flight(count_call(what), what, patience);
}

}  // namespace tessera::dist
