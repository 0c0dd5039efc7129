// SPDX-License-Identifier: Apache-2.0
#include "dist/ordered_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/error.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/partition.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {
namespace {

// Columns worked on at a time: bounds the copies made, and keeps every MPI count far below 2^31.
constexpr std::int64_t kColumns = std::int64_t{1} << 20;

/// The shards [begin, end): a subtree that one rank holds whole.
using Node = Block;

/// The fewest subtrees that make up `shards`. At stride s the tree joins shard i (a multiple of 2s) with
/// i + s, so a subtree begins at a multiple of its length, a power of two, and may be cut off by the end.
std::vector<Node> subtrees_of(const Block& shards, std::int64_t num_shards) {
  std::vector<Node> nodes;
  for (std::int64_t begin = shards.begin; begin < shards.end;) {
    std::int64_t length = 1;
    while (begin % (2 * length) == 0 && std::min(begin + 2 * length, num_shards) <= shards.end &&
           length < num_shards)
      length *= 2;
    const std::int64_t end = std::min(begin + length, num_shards);
    nodes.push_back({begin, end});
    begin = end;
  }
  return nodes;
}

/// Adds up the tree over `rows` (one for each of `nodes`, `num_columns` long) into the row of the first. The
/// nodes are neighbours from a multiple of the whole's length on, so the strides meet them as they are.
template <typename T>
void add_up(std::vector<T*> rows, std::vector<Node> nodes, std::int64_t num_columns) {
  for (std::int64_t stride = 1; rows.size() > 1; stride *= 2) {
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      if (nodes[i].begin % (2 * stride) != 0 || nodes[i + 1].begin != nodes[i].begin + stride) continue;
      T* __restrict into = rows[i];
      const T* __restrict from = rows[i + 1];
      for (std::int64_t k = 0; k < num_columns; ++k) into[k] += from[k];
      nodes[i].end = nodes[i + 1].end;
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }
}

std::vector<Node> leaves_of(const Node& node) {
  std::vector<Node> leaves;
  for (auto shard = node.begin; shard < node.end; ++shard) leaves.push_back({shard, shard + 1});
  return leaves;
}

/// What one rank works with while it sums; every buffer holds one stretch of columns.
template <typename T>
struct Exchange {
  const Communicator& comm;
  std::vector<std::vector<Node>> nodes_of;  // by rank
  std::vector<T> leaves, sent, received;
  std::vector<int> send_counts, send_starts, receive_counts, receive_starts;

  /// Sends every owner its slice of this rank's node rows; the rows of all nodes come back, one slice long.
  void swap_slices(const std::vector<const T*>& rows, std::int64_t num_columns, std::string_view what) {
    const auto size = comm.size();
    const auto own = partition(num_columns, size, comm.rank()).size();
    int sent_so_far = 0, received_so_far = 0;
    for (int r = 0; r < size; ++r) {
      const auto at = static_cast<std::size_t>(r);
      const auto slice = partition(num_columns, size, r);
      send_starts[at] = sent_so_far;
      send_counts[at] = to_int(slice.size() * static_cast<std::int64_t>(rows.size()));
      for (const T* row : rows) {
        std::copy(row + slice.begin, row + slice.end, sent.begin() + sent_so_far);
        sent_so_far += static_cast<int>(slice.size());
      }
      receive_starts[at] = received_so_far;
      receive_counts[at] = to_int(own * static_cast<std::int64_t>(nodes_of[at].size()));
      received_so_far += receive_counts[at];
    }
    const auto guard = comm.in_flight(what);
    MPI_Request request = MPI_REQUEST_NULL;
    check_mpi(MPI_Ialltoallv(sent.data(), send_counts.data(), send_starts.data(), mpi_type(scalar_of<T>()),
                             received.data(), receive_counts.data(), receive_starts.data(),
                             mpi_type(scalar_of<T>()), comm.mpi(), &request),
              "MPI_Ialltoallv", what);
    wait_for(request, what);
  }
};

template <typename T>
void sum_in_order(const Communicator& comm, std::span<const T> local, std::int64_t num_shards,
                  std::span<T> sum, std::string_view what) {
  const auto length = static_cast<std::int64_t>(sum.size());
  const auto held = partition(num_shards, comm.size(), comm.rank());
  if (num_shards < 1 || static_cast<std::int64_t>(local.size()) != held.size() * length)
    throw core::InternalError(
        fmt::format("ordered sum '{}': {} shards of {} values must be {} values, got {}", what, held.size(),
                    length, held.size() * length, local.size()));
  if (length == 0) return;

  const auto size = static_cast<std::size_t>(comm.size());
  Exchange<T> exchange{.comm = comm,
                       .nodes_of = {},
                       .leaves = {},
                       .sent = {},
                       .received = {},
                       .send_counts = std::vector<int>(size),
                       .send_starts = std::vector<int>(size),
                       .receive_counts = std::vector<int>(size),
                       .receive_starts = std::vector<int>(size)};
  std::vector<Node> all_nodes;
  for (int r = 0; r < comm.size(); ++r) {
    exchange.nodes_of.push_back(subtrees_of(partition(num_shards, comm.size(), r), num_shards));
    all_nodes.insert(all_nodes.end(), exchange.nodes_of.back().begin(), exchange.nodes_of.back().end());
  }
  const auto& own_nodes = exchange.nodes_of[static_cast<std::size_t>(comm.rank())];

  const auto widest = std::min(length, kColumns);
  const auto widest_slice = partition(widest, comm.size(), 0).size();
  exchange.leaves.resize(static_cast<std::size_t>(held.size() * widest));
  exchange.sent.resize(own_nodes.size() * static_cast<std::size_t>(widest));
  exchange.received.resize(all_nodes.size() * static_cast<std::size_t>(widest_slice));

  for (std::int64_t column = 0; column < length; column += widest) {
    const auto columns = std::min(widest, length - column);
    std::vector<T*> rows;
    for (std::int64_t shard = 0; shard < held.size(); ++shard) {
      rows.push_back(exchange.leaves.data() + shard * columns);
      const auto from = local.begin() + shard * length + column;
      std::copy(from, from + columns, rows.back());
    }
    std::vector<const T*> node_rows;
    for (const auto& node : own_nodes) {
      const auto first = rows.begin() + (node.begin - held.begin);
      add_up(std::vector<T*>(first, first + node.size()), leaves_of(node), columns);
      node_rows.push_back(*first);
    }
    if (comm.size() == 1) {
      std::copy(node_rows[0], node_rows[0] + columns, sum.begin() + column);
      continue;
    }

    exchange.swap_slices(node_rows, columns, what);
    const auto slice = partition(columns, comm.size(), comm.rank());
    std::vector<T*> slices;
    for (std::size_t i = 0; i < all_nodes.size(); ++i)
      slices.push_back(exchange.received.data() + static_cast<std::int64_t>(i) * slice.size());
    add_up(slices, all_nodes, slice.size());

    std::vector<std::int64_t> counts;
    for (int r = 0; r < comm.size(); ++r) counts.push_back(partition(columns, comm.size(), r).size());
    const auto guard = comm.in_flight(what);
    all_gather_parts(slices[0], sum.data() + column, counts, scalar_of<T>(), comm.mpi(), what);
  }
}

}  // namespace

void ordered_sum(const Communicator& comm, std::span<const float> local, std::int64_t num_shards,
                 std::span<float> sum, std::string_view what) {
  sum_in_order(comm, local, num_shards, sum, what);
}

void ordered_sum(const Communicator& comm, std::span<const double> local, std::int64_t num_shards,
                 std::span<double> sum, std::string_view what) {
  sum_in_order(comm, local, num_shards, sum, what);
}

}  // namespace tessera::dist
