// SPDX-License-Identifier: Apache-2.0
#include "microstructure/skeleton_graph.hpp"

#include <array>

namespace tessera::microstructure {
namespace {

constexpr std::array<Pixel, 8> kAround{
    {{-1, 0}, {-1, 1}, {0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}, {-1, -1}}};

// Walks a skeleton that has a frame of one empty pixel, so that no neighbour needs a bounds check.
class Tracer {
 public:
  explicit Tracer(const Mask& skeleton)
      : kind_(skeleton.height() + 2, skeleton.width() + 2),
        node_at_(skeleton.height() + 2, skeleton.width() + 2),
        graph_{skeleton.height(), skeleton.width(), {}, {}} {
    for (int y = 0; y < skeleton.height(); ++y)
      for (int x = 0; x < skeleton.width(); ++x)
        if (skeleton(y, x)) {
          kind_(y + 1, x + 1) = kChain;
          pixels_.push_back({y + 1, x + 1});
        }
    for (const Pixel p : pixels_)
      if (const int count = num_neighbours(p); count != 2) kind_(p.y, p.x) = count > 2 ? kJunction : kEnd;
  }

  SkeletonGraph trace() {
    for (const Pixel p : pixels_)
      if (kind_(p.y, p.x) >= kEnd && node_at_(p.y, p.x) == 0) add_node(p);
    for (std::size_t node = 0; node < graph_.nodes.size(); ++node) trace_from(static_cast<int>(node));
    for (const Pixel p : pixels_)
      if (kind_(p.y, p.x) == kChain) trace_closed(p);
    return std::move(graph_);
  }

 private:
  enum Kind : std::uint8_t { kNothing, kTraced, kChain, kEnd, kJunction };

  int num_neighbours(Pixel p) const {
    int count = 0;
    for (const auto [dy, dx] : kAround) count += kind_(p.y + dy, p.x + dx) != kNothing;
    return count;
  }

  void add_node(Pixel first) {
    const int index = static_cast<int>(graph_.nodes.size());
    const std::uint8_t kind = kind_(first.y, first.x);
    std::vector<Pixel> cluster{first};
    node_at_(first.y, first.x) = index + 1;
    for (std::size_t i = 0; kind == kJunction && i < cluster.size(); ++i)
      for (const auto [dy, dx] : kAround) {
        const Pixel q{cluster[i].y + dy, cluster[i].x + dx};
        if (kind_(q.y, q.x) != kJunction || node_at_(q.y, q.x) != 0) continue;
        node_at_(q.y, q.x) = index + 1;
        cluster.push_back(q);
      }
    SkeletonNode node;
    for (Pixel p : cluster) {
      p = {p.y - 1, p.x - 1};
      node.y += p.y / static_cast<double>(cluster.size());
      node.x += p.x / static_cast<double>(cluster.size());
      node.pixels.push_back(p);
    }
    const Pixel p = node.pixels.front();
    node.at_edge =
        kind == kEnd && (p.y == 0 || p.x == 0 || p.y == graph_.height - 1 || p.x == graph_.width - 1);
    graph_.nodes.push_back(std::move(node));
  }

  void add_edge(SkeletonEdge edge) {
    if (!edge.is_closed()) {
      ++graph_.nodes[static_cast<std::size_t>(edge.from)].degree;
      ++graph_.nodes[static_cast<std::size_t>(edge.to)].degree;
    }
    graph_.edges.push_back(std::move(edge));
  }

  void trace_from(int node) {
    const auto starts = graph_.nodes[static_cast<std::size_t>(node)].pixels;
    for (const Pixel start : starts)
      for (const auto [dy, dx] : kAround) {
        const Pixel p{start.y + 1, start.x + 1}, q{p.y + dy, p.x + dx};
        if (kind_(q.y, q.x) == kChain)
          trace_chain(node, p, q);
        else if (node_at_(q.y, q.x) > node + 1)  // touching nodes, each pair once
          add_edge({node, node_at_(q.y, q.x) - 1, {}});
      }
  }

  // Along the chain that leaves the node's pixel `before` by `here`.
  void trace_chain(int node, Pixel before, Pixel here) {
    SkeletonEdge edge{node, node, {}};
    while (kind_(here.y, here.x) == kChain) {
      kind_(here.y, here.x) = kTraced;
      edge.pixels.push_back({here.y - 1, here.x - 1});
      const Pixel next = other_neighbour(here, before);
      before = here;
      here = next;
    }
    edge.to = node_at_(here.y, here.x) - 1;
    add_edge(std::move(edge));
  }

  void trace_closed(Pixel start) {
    SkeletonEdge edge;
    Pixel before = other_neighbour(start, start), here = start;
    do {
      kind_(here.y, here.x) = kTraced;
      edge.pixels.push_back({here.y - 1, here.x - 1});
      const Pixel next = other_neighbour(here, before);
      before = here;
      here = next;
    } while (here != start);
    add_edge(std::move(edge));
  }

  // A pixel of a chain has two neighbours: the one that is not `known`.
  Pixel other_neighbour(Pixel here, Pixel known) const {
    for (const auto [dy, dx] : kAround) {
      const Pixel q{here.y + dy, here.x + dx};
      if (q != known && kind_(q.y, q.x) != kNothing) return q;
    }
    return known;
  }

  Raster<std::uint8_t> kind_;
  Raster<std::int32_t> node_at_;  // 0, or 1 + index of the node
  std::vector<Pixel> pixels_;
  SkeletonGraph graph_;
};

}  // namespace

SkeletonGraph make_skeleton_graph(const Mask& skeleton) {
  return Tracer(skeleton).trace();
}

Mask draw(const SkeletonGraph& graph) {
  Mask mask(graph.height, graph.width);
  for (const auto& node : graph.nodes)
    for (const auto [y, x] : node.pixels) mask(y, x) = 1;
  for (const auto& edge : graph.edges)
    for (const auto [y, x] : edge.pixels) mask(y, x) = 1;
  return mask;
}

}  // namespace tessera::microstructure
