// SPDX-License-Identifier: Apache-2.0
// Crystals small enough to read: made atoms, edges and faces, not physics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "data/crystal_record.hpp"

namespace tessera::test {

/// `atoms` atoms in a cube of 5 Å with `neighbors` edges each, and `faces` faces over 8 vertices.
inline data::CrystalRecord tiny_crystal(std::uint64_t seed, std::uint64_t atoms, std::uint64_t faces,
                                        int neighbors = 4) {
  core::RandomStream random(seed, "tiny crystal");
  data::CrystalRecord record;
  record.id = "tiny-" + std::to_string(seed);
  record.structure.lattice *= 5.0;
  for (std::uint64_t i = 0; i < atoms; ++i) {
    record.structure.elements.push_back(static_cast<std::uint8_t>(1 + random.below(90)));
    record.structure.fractional.emplace_back(random.uniform(), random.uniform(), random.uniform());
  }
  crystal::CrystalGraph& graph = record.graph.emplace();
  graph.num_neighbors = neighbors;
  for (std::uint64_t e = 0; e < atoms * static_cast<std::uint64_t>(neighbors); ++e) {
    graph.neighbor.push_back(static_cast<std::int32_t>(random.below(atoms)));
    graph.distance.push_back(static_cast<float>(random.uniform(1.5, 4.5)));
  }
  crystal::Mesh& mesh = record.mesh.emplace();
  mesh.cell = record.structure;
  for (std::int32_t v = 0; v < 8; ++v) {
    mesh.vertices.push_back({static_cast<std::int32_t>(random.below(atoms)),
                             {static_cast<std::int8_t>(v & 1), static_cast<std::int8_t>(v >> 1 & 1),
                              static_cast<std::int8_t>(v >> 2)}});
    if (v < 5) mesh.central.push_back(v);
  }
  for (std::uint64_t f = 0; f < faces; ++f) {
    const auto a = static_cast<std::int32_t>(random.below(6));
    mesh.faces.push_back({a, a + 1, a + 2});
  }
  return record;
}

inline std::vector<const data::CrystalRecord*> pointers_to(const std::vector<data::CrystalRecord>& records) {
  std::vector<const data::CrystalRecord*> pointers;
  for (const auto& record : records) pointers.push_back(&record);
  return pointers;
}

}  // namespace tessera::test
