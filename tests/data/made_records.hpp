// SPDX-License-Identifier: Apache-2.0
// Crystals made from random numbers, for tests of storage: any shape and size, no physics.
#pragma once

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "data/crystal_record.hpp"
#include "data/dataset_schema.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::data {

using test::message_of;
using test::TemporaryFolder;

inline DatasetSchema made_schema() {
  DatasetSchema schema;
  schema.targets = {{"k_vrh_gpa", "GPa"}, {"space_group", ""}, {"crystal_system", ""}};
  schema.graph = crystal::GraphOptions{};
  schema.mesh = "deepcrystet";
  return schema;
}

inline crystal::Structure made_structure(core::RandomStream& random, std::size_t atoms) {
  crystal::Structure structure;
  for (int i = 0; i < 9; ++i) structure.lattice.data()[i] = random.uniform(-6, 6);
  for (std::size_t a = 0; a < atoms; ++a) {
    structure.elements.push_back(static_cast<std::uint8_t>(1 + random.below(118)));
    structure.fractional.emplace_back(random.uniform(), random.uniform(), random.uniform());
  }
  return structure;
}

inline CrystalRecord made_record(int number, std::size_t atoms, std::size_t vertices, std::size_t faces,
                                 bool periodic = false) {
  core::RandomStream random(7, "made record", static_cast<std::uint64_t>(number));
  CrystalRecord record;
  record.id = "mp-" + std::to_string(1000 + number);
  record.source = "cifs.tar.xz:cifs/" + record.id + ".cif";
  record.structure = made_structure(random, atoms);
  auto& graph = record.graph.emplace();
  graph.num_neighbors = 12;
  for (std::size_t e = 0; e < 12 * atoms; ++e) {
    graph.neighbor.push_back(static_cast<std::int32_t>(random.below(atoms)));
    graph.distance.push_back(static_cast<float>(random.uniform(1, 8)));
  }
  auto& mesh = record.mesh.emplace();
  mesh.cell = made_structure(random, atoms + 2);
  const auto shift = [&] { return static_cast<std::int8_t>(static_cast<int>(random.below(5)) - 2); };
  for (std::size_t v = 0; v < vertices; ++v)
    mesh.vertices.push_back(
        {static_cast<std::int32_t>(random.below(atoms + 2)), {shift(), shift(), shift()}});
  const auto corner = [&] { return static_cast<std::int32_t>(random.below(vertices)); };
  for (std::size_t f = 0; f < faces; ++f) mesh.faces.push_back({corner(), corner(), corner()});
  for (std::size_t v = 0; v < vertices; v += 5) mesh.central.push_back(static_cast<std::int32_t>(v));
  if (periodic) {
    for (std::size_t c = 0; c < 1 + faces / 2; ++c)
      mesh.cells.push_back(
          {static_cast<float>(random.uniform(1, 30)), static_cast<float>(random.uniform(1, 5))});
    const auto cell = [&] { return static_cast<std::int32_t>(random.below(1 + faces / 2)); };
    for (std::size_t f = 0; f < faces; ++f) mesh.face_cells.push_back({cell(), cell()});
  }
  record.targets = {random.uniform(10, 300), static_cast<double>(1 + random.below(230)),
                    number % 4 ? 3.0 : std::numeric_limits<double>::quiet_NaN()};
  return record;
}

/// Small ones, different in size.
inline std::vector<CrystalRecord> made_records(int count, int first = 0, bool periodic = false) {
  std::vector<CrystalRecord> records;
  for (int i = first; i < first + count; ++i)
    records.push_back(made_record(i, static_cast<std::size_t>(1 + i % 5),
                                  static_cast<std::size_t>(8 + 3 * (i % 7)),
                                  static_cast<std::size_t>(10 * (i % 4)), periodic));
  return records;
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace tessera::data
