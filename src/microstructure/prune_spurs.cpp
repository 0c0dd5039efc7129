// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "microstructure/skeleton_graph.hpp"

namespace tessera::microstructure {
namespace {

bool touch(Pixel a, Pixel b) {
  return std::abs(a.y - b.y) <= 1 && std::abs(a.x - b.x) <= 1;
}

bool touches_any(Pixel p, const std::vector<Pixel>& pixels) {
  return std::ranges::any_of(pixels, [p](Pixel q) { return touch(p, q); });
}

// From the node's middle to the nearest pixel that is not of the mask, or `limit` where there is none nearer.
double distance_to_rim(const Mask& mask, const SkeletonNode& node, double limit) {
  const int cy = static_cast<int>(std::lround(node.y)), cx = static_cast<int>(std::lround(node.x));
  double nearest = limit;
  for (int ring = 0; ring < nearest; ++ring)
    for (int y = cy - ring; y <= cy + ring; ++y) {
      const bool whole_row = y == cy - ring || y == cy + ring;
      for (int x = cx - ring; x <= cx + ring; x += whole_row || ring == 0 ? 1 : 2 * ring)
        if (mask.contains(y, x) && mask(y, x) == 0)
          nearest = std::min(nearest, std::hypot(y - node.y, x - node.x));
    }
  return nearest;
}

class Pruning {
 public:
  Pruning(SkeletonGraph& graph, const Mask& mask, double factor)
      : graph_(graph),
        mask_(mask),
        factor_(factor),
        edges_at_(graph.nodes.size()),
        gone_(graph.edges.size()) {
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
      if (graph.edges[i].is_closed()) continue;
      edges_at_[index(graph.edges[i].from)].push_back(i);
      edges_at_[index(graph.edges[i].to)].push_back(i);
    }
  }

  // Each round may bare new spurs: lines that ended at a node which is one no more.
  void run() {
    for (bool again = true; again;) {
      again = false;
      for (std::size_t node = 0; node < edges_at_.size(); ++node) again |= prune_at(node);
      for (std::size_t node = 0; node < edges_at_.size(); ++node)
        if (edges_at_[node].size() == 2) merge_at(node);
    }
    for (std::size_t i = 0; i < edges_at_.size(); ++i)
      graph_.nodes[i].degree = static_cast<int>(edges_at_[i].size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < graph_.edges.size(); ++i)
      if (!gone_[i]) std::swap(graph_.edges[kept++], graph_.edges[i]);
    graph_.edges.resize(kept);
  }

 private:
  struct Spur {
    std::size_t edge;
    double length;
  };

  static std::size_t index(int node) { return static_cast<std::size_t>(node); }

  std::size_t other_end(std::size_t edge, std::size_t node) const {
    const SkeletonEdge& e = graph_.edges[edge];
    return index(index(e.from) == node ? e.to : e.from);
  }

  double length_from(std::size_t node, std::size_t edge) const {
    const auto chain = leaving(edge, node);
    double y = graph_.nodes[node].y, x = graph_.nodes[node].x, length = 0;
    const auto step_to = [&](double to_y, double to_x) {
      length += std::hypot(to_y - y, to_x - x);
      y = to_y, x = to_x;
    };
    for (const Pixel p : chain) step_to(p.y, p.x);
    const SkeletonNode& end = graph_.nodes[other_end(edge, node)];
    step_to(end.y, end.x);
    return length;
  }

  bool prune_at(std::size_t node) {
    if (edges_at_[node].size() < 3) return false;
    std::vector<Spur> spurs;
    for (const std::size_t edge : edges_at_[node]) {
      const std::size_t end = other_end(edge, node);
      if (edges_at_[end].size() != 1 || graph_.nodes[end].at_edge) continue;
      const double length = length_from(node, edge);
      const double longest_spur = factor_ * distance_to_rim(mask_, graph_.nodes[node], length / factor_ + 1);
      if (length < longest_spur) spurs.push_back({edge, length});
    }
    // One stays where nothing else would lead on from here, two where nothing else is here at all.
    const std::size_t others = edges_at_[node].size() - spurs.size();
    const std::size_t stay = others < 2 ? 2 - others : 0;
    if (spurs.size() <= stay) return false;
    std::ranges::sort(spurs, std::ranges::greater{}, &Spur::length);
    for (std::size_t i = stay; i < spurs.size(); ++i) remove(spurs[i].edge, node);
    return true;
  }

  void remove(std::size_t edge, std::size_t node) {
    const std::size_t end = other_end(edge, node);
    std::erase(edges_at_[node], edge);
    edges_at_[end].clear();
    graph_.nodes[end].pixels.clear();
    gone_[edge] = true;
  }

  // The chain's pixels in the order in which one meets them coming from the node.
  std::vector<Pixel> leaving(std::size_t edge, std::size_t node) const {
    auto pixels = graph_.edges[edge].pixels;
    if (index(graph_.edges[edge].from) != node) std::ranges::reverse(pixels);
    return pixels;
  }

  // What of the edge lies next to the node: its nearest pixel, or all of the node at its other end.
  std::vector<Pixel> beside(std::size_t edge, std::size_t node) const {
    const auto pixels = leaving(edge, node);
    return pixels.empty() ? graph_.nodes[other_end(edge, node)].pixels : std::vector{pixels.front()};
  }

  // The shortest way through a node's pixels from beside `from` to beside `to`, breadth first.
  static std::vector<Pixel> way_through(const std::vector<Pixel>& cluster, const std::vector<Pixel>& from,
                                        const std::vector<Pixel>& to) {
    constexpr std::size_t kUnseen = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> queue, before(cluster.size(), kUnseen);
    for (std::size_t i = 0; i < cluster.size(); ++i)
      if (touches_any(cluster[i], from)) {
        before[i] = i;
        queue.push_back(i);
      }
    for (std::size_t next = 0; next < queue.size(); ++next) {
      std::size_t i = queue[next];
      if (touches_any(cluster[i], to)) {
        std::vector<Pixel> way{cluster[i]};
        while (before[i] != i) way.push_back(cluster[i = before[i]]);
        std::ranges::reverse(way);
        return way;
      }
      for (std::size_t j = 0; j < cluster.size(); ++j)
        if (before[j] == kUnseen && touch(cluster[i], cluster[j])) {
          before[j] = i;
          queue.push_back(j);
        }
    }
    return {};
  }

  // The two edges at the node, or the two ends of one, become one chain through it.
  void merge_at(std::size_t node) {
    const std::size_t first = edges_at_[node][0], second = edges_at_[node][1];
    auto& pixels = graph_.nodes[node].pixels;
    auto chain = leaving(first, node);
    if (first == second) {
      const auto way = way_through(pixels, {chain.back()}, {chain.front()});
      chain.insert(chain.end(), way.begin(), way.end());
      graph_.edges[first] = {-1, -1, std::move(chain)};
    } else {
      const auto way = way_through(pixels, beside(first, node), beside(second, node));
      const auto rest = leaving(second, node);
      const std::size_t start = other_end(first, node), end = other_end(second, node);
      std::ranges::reverse(chain);
      chain.insert(chain.end(), way.begin(), way.end());
      chain.insert(chain.end(), rest.begin(), rest.end());
      graph_.edges[first] = {static_cast<int>(start), static_cast<int>(end), std::move(chain)};
      gone_[second] = true;
      std::ranges::replace(edges_at_[end], second, first);
    }
    edges_at_[node].clear();
    pixels.clear();
  }

  SkeletonGraph& graph_;
  const Mask& mask_;
  double factor_;
  std::vector<std::vector<std::size_t>> edges_at_;  // of each node; a loop stands there twice
  std::vector<char> gone_;                          // of each edge
};

}  // namespace

void prune_spurs(SkeletonGraph& graph, const Mask& mask, double factor) {
  Pruning(graph, mask, factor).run();
}

}  // namespace tessera::microstructure
