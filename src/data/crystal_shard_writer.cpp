// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "core/error.hpp"
#include "data/crystal_shard.hpp"
#include "data/shard_arrays.hpp"

namespace tessera::data {
namespace {

// Sites of structures one behind the other: of the crystals as read, or of the meshes' cells.
struct Sites {
  Integers offsets{0}, elements;
  std::vector<double> lattices, fractional;

  void add(const crystal::Structure& structure) {
    elements.insert(elements.end(), structure.elements.begin(), structure.elements.end());
    lattices.insert(lattices.end(), structure.lattice.data(), structure.lattice.data() + 9);
    for (const auto& site : structure.fractional)
      fractional.insert(fractional.end(), site.data(), site.data() + 3);
    offsets.push_back(rows(elements.size()));
  }
  void write(Hdf5Group& lattice_group, Hdf5Group& group, const std::string& prefix) const {
    describe(lattice_group.write("lattice", {rows(offsets.size()) - 1, 3, 3}, lattices),
             "rows a, b, c; columns x, y, z", "angstrom");
    write_offsets(group, prefix + "offsets", offsets);
    describe(group.write(prefix + "element", {rows(elements.size())}, elements), "atomic number", "");
    describe(group.write(prefix + "fractional", {rows(elements.size()), 3}, fractional), "along a, b, c", "");
  }
};

void write_graphs(Hdf5Group& root, std::span<const CrystalRecord> records,
                  const crystal::GraphOptions& options) {
  Integers neighbors;
  std::vector<float> distances;
  for (const auto& record : records) {
    neighbors.insert(neighbors.end(), record.graph->neighbor.begin(), record.graph->neighbor.end());
    distances.insert(distances.end(), record.graph->distance.begin(), record.graph->distance.end());
  }
  auto group = root.create_group("graph");
  group.set("cutoff_angstrom", options.cutoff_angstrom);
  group.set("num_neighbors", std::int64_t{options.num_neighbors});
  const Shape shape{rows(neighbors.size()) / options.num_neighbors, options.num_neighbors};
  describe(group.write("neighbor", shape, neighbors), "row of the record's own atoms, nearest first", "");
  describe(group.write("distance", shape, distances), "distance to that neighbor", "angstrom");
}

void write_cells(Hdf5Group& mesh_group, std::span<const CrystalRecord> records) {
  Integers cell_offsets{0}, face_cell;
  std::vector<float> sizes;
  for (const auto& record : records) {
    for (const auto& cell : record.mesh->cells) sizes.insert(sizes.end(), {cell.volume, cell.circumradius});
    for (const auto& cells : record.mesh->face_cells)
      face_cell.insert(face_cell.end(), cells.begin(), cells.end());
    cell_offsets.push_back(rows(sizes.size()) / 2);
  }
  write_offsets(mesh_group, "cell_offsets", cell_offsets);
  describe(mesh_group.write("cell_size", {rows(sizes.size()) / 2, 2}, sizes), "volume, circumradius",
           "angstrom^3, angstrom");
  describe(mesh_group.write("face_cell", {rows(face_cell.size()) / 2, 2}, face_cell),
           "cells behind and before the face, rows of the record's cells", "");
}

void write_meshes(Hdf5Group& root, std::span<const CrystalRecord> records, const std::string& kind) {
  Sites sites;
  Integers vertex_offsets{0}, vertex_site, vertex_shift, face_offsets{0}, face_vertex, central_offsets{0},
      central;
  for (const auto& record : records) {
    const auto& mesh = *record.mesh;
    sites.add(mesh.cell);
    for (const auto& vertex : mesh.vertices) {
      vertex_site.push_back(vertex.site);
      vertex_shift.insert(vertex_shift.end(), vertex.shift.begin(), vertex.shift.end());
    }
    for (const auto& face : mesh.faces) face_vertex.insert(face_vertex.end(), face.begin(), face.end());
    central.insert(central.end(), mesh.central.begin(), mesh.central.end());
    vertex_offsets.push_back(rows(vertex_site.size()));
    face_offsets.push_back(rows(face_vertex.size()) / 3);
    central_offsets.push_back(rows(central.size()));
  }
  auto group = root.create_group("mesh");
  group.set("kind", kind);
  sites.write(group, group, "site_");
  write_offsets(group, "vertex_offsets", vertex_offsets);
  describe(group.write("vertex_site", {rows(vertex_site.size())}, vertex_site), "row of the record's sites",
           "");
  describe(group.write("vertex_shift", {rows(vertex_site.size()), 3}, vertex_shift),
           "lattice translation along a, b, c", "");
  write_offsets(group, "face_offsets", face_offsets);
  describe(group.write("face_vertex", {rows(face_vertex.size()) / 3, 3}, face_vertex),
           "corners, rows of the record's vertices", "");
  write_offsets(group, "central_offsets", central_offsets);
  describe(group.write("central", {rows(central.size())}, central), "row of the record's vertices", "");
  if (kind == crystal::kPeriodicMesh) write_cells(group, records);
}

// Each record must have what the schema promises of it: a bug of the caller otherwise.
void check_records(std::span<const CrystalRecord> records, const DatasetSchema& schema) {
  for (const auto& record : records) {
    const auto atoms = record.structure.num_atoms();
    const bool graph_fits =
        record.graph.has_value() == schema.graph.has_value() &&
        (!record.graph ||
         (record.graph->num_neighbors == schema.graph->num_neighbors &&
          record.graph->neighbor.size() == atoms * static_cast<std::size_t>(record.graph->num_neighbors) &&
          record.graph->distance.size() == record.graph->neighbor.size()));
    if (!graph_fits || record.mesh.has_value() != schema.mesh.has_value() ||
        (record.mesh && record.mesh->is_periodic() != (schema.mesh == crystal::kPeriodicMesh)) ||
        record.targets.size() != schema.targets.size() || record.structure.fractional.size() != atoms)
      throw core::InternalError(
          fmt::format("record {} does not have what its shard's schema says", record.id));
  }
}

}  // namespace

std::string encode_shard(std::span<const CrystalRecord> records, const DatasetSchema& schema) {
  check_records(records, schema);
  std::vector<std::string> ids, sources;
  Sites sites;
  for (const auto& record : records) {
    ids.push_back(record.id);
    sources.push_back(record.source);
    sites.add(record.structure);
  }
  auto file = Hdf5File::create("new shard");
  auto& root = file.root();
  write_heading(root, kCrystals);
  describe(root.write("id", ids), "name of the record", "");
  describe(root.write("source", sources), "file (and member) it came from", "");
  auto atoms = root.create_group("atoms");
  sites.write(root, atoms, "");
  if (schema.graph) write_graphs(root, records, *schema.graph);
  if (schema.mesh) write_meshes(root, records, *schema.mesh);
  std::vector<double> targets;
  for (const auto& record : records)
    targets.insert(targets.end(), record.targets.begin(), record.targets.end());
  write_targets(root, targets, schema.targets);
  return file.finish();
}

}  // namespace tessera::data
