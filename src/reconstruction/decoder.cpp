// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/decoder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <queue>

namespace tessera::reconstruction {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

struct Move {
  double loss = 0;  // of summed shares, if the cell changes phase
  std::int64_t cell = 0;
  bool operator>(const Move& other) const {
    return loss != other.loss ? loss > other.loss : cell > other.cell;
  }
};
using CheapestFirst = std::priority_queue<Move, std::vector<Move>, std::greater<>>;

// Labels, and for each pair of phases the cell of the one that goes over to the other at the least loss.
class Assignment {
 public:
  Assignment(std::span<const double> shares, std::size_t phases)
      : shares_(shares),
        phases_(phases),
        cells_(shares.size() / phases),
        labels_(cells_),
        moves_(phases * phases),
        counts_(phases) {
    for (std::size_t cell = 0; cell < cells_; ++cell) {
      std::size_t largest = 0;
      for (std::size_t phase = 1; phase < phases_; ++phase)
        if (share(phase, cell) > share(largest, cell)) largest = phase;
      assign(cell, largest);
    }
  }

  std::int64_t count(std::size_t phase) const { return counts_[phase]; }
  std::vector<std::uint8_t> labels() && { return std::move(labels_); }

  // Moves one cell out of `from` and, through other phases if that is cheaper, one into `to`.
  void shift(std::size_t from, std::size_t to) {
    std::vector<double> distance(phases_, kNever);
    std::vector<std::size_t> before(phases_, from);
    distance[from] = 0;
    for (std::size_t round = 1; round < phases_; ++round)  // Bellman and Ford: losses may be gains
      for (std::size_t a = 0; a < phases_; ++a)
        for (std::size_t b = 0; b < phases_; ++b) {
          if (a == b || b == from || distance[a] == kNever) continue;
          const Move* move = cheapest(a, b);
          if (!move || distance[a] + move->loss >= distance[b]) continue;
          distance[b] = distance[a] + move->loss;
          before[b] = a;
        }
    std::vector<std::pair<std::size_t, std::size_t>> path;  // cell, its next phase
    for (std::size_t phase = to; phase != from; phase = before[phase])
      path.emplace_back(static_cast<std::size_t>(cheapest(before[phase], phase)->cell), phase);
    for (const auto& [cell, phase] : path) {
      --counts_[labels_[cell]];
      assign(cell, phase);
    }
  }

 private:
  double share(std::size_t phase, std::size_t cell) const { return shares_[phase * cells_ + cell]; }

  void assign(std::size_t cell, std::size_t phase) {
    labels_[cell] = static_cast<std::uint8_t>(phase);
    ++counts_[phase];
    for (std::size_t other = 0; other < phases_; ++other)
      if (other != phase)
        moves_[phase * phases_ + other].push(
            {share(phase, cell) - share(other, cell), static_cast<std::int64_t>(cell)});
  }

  const Move* cheapest(std::size_t from, std::size_t to) {
    auto& moves = moves_[from * phases_ + to];
    while (!moves.empty() && labels_[static_cast<std::size_t>(moves.top().cell)] != from) moves.pop();
    return moves.empty() ? nullptr : &moves.top();
  }

  std::span<const double> shares_;
  std::size_t phases_, cells_;
  std::vector<std::uint8_t> labels_;
  std::vector<CheapestFirst> moves_;  // (from, to); those of cells that have left are thrown away when met
  std::vector<std::int64_t> counts_;
};

}  // namespace

std::vector<std::int64_t> phase_counts(const microstructure::PhaseMap& sample, int phases,
                                       std::int64_t cells) {
  std::vector<std::int64_t> of_sample(static_cast<std::size_t>(phases)), counts, remainders;
  for (const auto label : sample.labels) ++of_sample[label];
  for (const auto count : of_sample) {
    counts.push_back(count * cells / sample.num_cells());
    remainders.push_back(count * cells % sample.num_cells());
  }
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t phase) { return remainders[phase]; });
  const auto missing = cells - std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  for (std::size_t i = 0; i < static_cast<std::size_t>(missing); ++i) ++counts[order[i]];
  return counts;
}

std::vector<std::uint8_t> decode(std::span<const double> shares, std::span<const std::int64_t> counts) {
  Assignment assignment(shares, counts.size());
  // The best assignment for its own counts; each shift leaves the best for the counts after it.
  for (std::size_t to = 0; to < counts.size(); ++to)
    while (assignment.count(to) < counts[to])
      for (std::size_t from = 0; from < counts.size() && assignment.count(to) < counts[to]; ++from)
        if (assignment.count(from) > counts[from]) assignment.shift(from, to);
  return std::move(assignment).labels();
}

}  // namespace tessera::reconstruction
