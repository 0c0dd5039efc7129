// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "data/crystal_shard.hpp"
#include "data/shard_arrays.hpp"

namespace tessera::data {
namespace {

std::vector<crystal::Structure> read_sites(const Hdf5Group& lattice_group, const Hdf5Group& group,
                                           const std::string& prefix, std::int64_t num_records) {
  const auto lattices = read_finite(lattice_group, "lattice", {num_records, 3, 3});
  const auto offsets = read_offsets(group, prefix + "offsets", num_records, 1);
  const auto elements = read_integers(group, prefix + "element", {offsets.back()}, 1, 118);
  const auto fractional = read_finite(group, prefix + "fractional", {offsets.back(), 3});
  std::vector<crystal::Structure> structures(static_cast<std::size_t>(num_records));
  for (std::size_t i = 0; i < structures.size(); ++i) {
    auto& structure = structures[i];
    structure.lattice = Eigen::Map<const crystal::Matrix3>(lattices.data() + 9 * i);
    for (auto row = static_cast<std::size_t>(offsets[i]); row < static_cast<std::size_t>(offsets[i + 1]);
         ++row) {
      structure.elements.push_back(static_cast<std::uint8_t>(elements[row]));
      structure.fractional.emplace_back(Eigen::Map<const crystal::Vector3>(fractional.data() + 3 * row));
    }
  }
  return structures;
}

// Indices must lie in their own record's rows, [0, counts[i]).
void require_local(const Hdf5Dataset& dataset, const Integers& values, std::size_t begin, std::size_t end,
                   std::int64_t count) {
  for (std::size_t at = begin; at < end; ++at)
    if (values[at] >= count)
      refuse(dataset, fmt::format("an index must be below its record's {} rows, got {}", count, values[at]));
}

constexpr std::int64_t kMaxIndex = std::numeric_limits<std::int32_t>::max();

crystal::GraphOptions read_graphs(const Hdf5Group& group, std::vector<CrystalRecord>& records) {
  crystal::GraphOptions options;
  options.cutoff_angstrom = group.number("cutoff_angstrom");
  const auto width = group.integer("num_neighbors");
  if (width < 1 || width > 1000) refuse(group, fmt::format("num_neighbors must be 1 to 1000, got {}", width));
  options.num_neighbors = static_cast<int>(width);
  std::int64_t num_atoms = 0;
  for (const auto& record : records) num_atoms += rows(record.structure.num_atoms());
  const auto neighbors = read_integers(group, "neighbor", {num_atoms, width}, 0, kMaxIndex);
  const auto neighbor_data = group.dataset("neighbor");
  const auto dataset = group.dataset("distance");
  require_shape(dataset, {num_atoms, width});
  const auto distances = dataset.floats();
  for (float distance : distances)
    if (!(distance >= 0) || !std::isfinite(distance))
      refuse(dataset, "distances must be finite, not negative");

  std::size_t begin = 0;
  for (auto& record : records) {
    const std::size_t end = begin + record.structure.num_atoms() * static_cast<std::size_t>(width);
    require_local(neighbor_data, neighbors, begin, end, rows(record.structure.num_atoms()));
    auto& graph = record.graph.emplace();
    graph.num_neighbors = options.num_neighbors;
    graph.neighbor.reserve(end - begin);
    graph.distance.reserve(end - begin);
    for (std::size_t at = begin; at < end; ++at) {
      graph.neighbor.push_back(static_cast<std::int32_t>(neighbors[at]));
      graph.distance.push_back(distances[at]);
    }
    begin = end;
  }
  return options;
}

void read_meshes(const Hdf5Group& group, std::vector<CrystalRecord>& records) {
  const auto count = rows(records.size());
  auto cells = read_sites(group, group, "site_", count);
  const auto vertex_offsets = read_offsets(group, "vertex_offsets", count, 0);
  const auto face_offsets = read_offsets(group, "face_offsets", count, 0);
  const auto central_offsets = read_offsets(group, "central_offsets", count, 0);
  const auto sites = read_integers(group, "vertex_site", {vertex_offsets.back()}, 0, kMaxIndex);
  const auto shifts = read_integers(group, "vertex_shift", {vertex_offsets.back(), 3}, -128, 127);
  const auto corners = read_integers(group, "face_vertex", {face_offsets.back(), 3}, 0, kMaxIndex);
  const auto central = read_integers(group, "central", {central_offsets.back()}, 0, kMaxIndex);
  const auto site_data = group.dataset("vertex_site"), corner_data = group.dataset("face_vertex"),
             central_data = group.dataset("central");

  const auto at = [](const Integers& values, std::size_t i) { return static_cast<std::size_t>(values[i]); };
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto& mesh = records[i].mesh.emplace();
    mesh.cell = std::move(cells[i]);
    const auto num_vertices = vertex_offsets[i + 1] - vertex_offsets[i];
    mesh.vertices.reserve(static_cast<std::size_t>(num_vertices));
    mesh.faces.reserve(static_cast<std::size_t>(face_offsets[i + 1] - face_offsets[i]));
    require_local(site_data, sites, at(vertex_offsets, i), at(vertex_offsets, i + 1),
                  rows(mesh.cell.num_atoms()));
    require_local(corner_data, corners, 3 * at(face_offsets, i), 3 * at(face_offsets, i + 1), num_vertices);
    require_local(central_data, central, at(central_offsets, i), at(central_offsets, i + 1), num_vertices);
    for (auto v = at(vertex_offsets, i); v < at(vertex_offsets, i + 1); ++v) {
      const auto shift = [&](std::size_t axis) { return static_cast<std::int8_t>(shifts[3 * v + axis]); };
      mesh.vertices.push_back({static_cast<std::int32_t>(sites[v]), {shift(0), shift(1), shift(2)}});
    }
    for (auto f = at(face_offsets, i); f < at(face_offsets, i + 1); ++f) {
      const auto corner = [&](std::size_t c) { return static_cast<std::int32_t>(corners[3 * f + c]); };
      mesh.faces.push_back({corner(0), corner(1), corner(2)});
    }
    for (auto c = at(central_offsets, i); c < at(central_offsets, i + 1); ++c)
      mesh.central.push_back(static_cast<std::int32_t>(central[c]));
  }
}

void read_cells(const Hdf5Group& group, std::vector<CrystalRecord>& records) {
  const auto offsets = read_offsets(group, "cell_offsets", rows(records.size()), 1);
  const auto size_data = group.dataset("cell_size"), face_data = group.dataset("face_cell");
  require_shape(size_data, {offsets.back(), 2});
  const auto sizes = size_data.floats();
  for (const float size : sizes)
    if (!(size > 0) || !std::isfinite(size)) refuse(size_data, "sizes must be finite and positive");
  std::int64_t num_faces = 0;
  for (const auto& record : records) num_faces += rows(record.mesh->faces.size());
  const auto face_cells = read_integers(group, "face_cell", {num_faces, 2}, 0, kMaxIndex);

  std::size_t face = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto& mesh = *records[i].mesh;
    for (auto cell = static_cast<std::size_t>(offsets[i]); cell < static_cast<std::size_t>(offsets[i + 1]);
         ++cell)
      mesh.cells.push_back({sizes[2 * cell], sizes[2 * cell + 1]});
    const std::size_t end = face + mesh.faces.size();
    require_local(face_data, face_cells, 2 * face, 2 * end, rows(mesh.cells.size()));
    for (; face < end; ++face)
      mesh.face_cells.push_back({static_cast<std::int32_t>(face_cells[2 * face]),
                                 static_cast<std::int32_t>(face_cells[2 * face + 1])});
  }
}

}  // namespace

CrystalShard decode_crystal_shard(const std::string& bytes, const std::string& name) {
  auto file = Hdf5File::open(name, bytes);
  const auto& root = file.root();
  check_heading(root, kCrystals, name);
  CrystalShard shard;
  auto ids = root.dataset("id").texts();
  const auto num_records = rows(ids.size());
  require_shape(root.dataset("id"), {num_records});
  require_shape(root.dataset("source"), {num_records});
  auto sources = root.dataset("source").texts();
  auto structures = read_sites(root, root.group("atoms"), "", num_records);
  shard.records.resize(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& record = shard.records[i];
    record.id = std::move(ids[i]);
    record.source = std::move(sources[i]);
    record.structure = std::move(structures[i]);
  }
  if (root.has("graph")) shard.schema.graph = read_graphs(root.group("graph"), shard.records);
  if (root.has("mesh")) {
    shard.schema.mesh = root.group("mesh").text("kind");
    read_meshes(root.group("mesh"), shard.records);
    if (shard.schema.mesh == crystal::kPeriodicMesh) read_cells(root.group("mesh"), shard.records);
  }
  auto targets = read_targets(root.group("targets"), num_records);
  shard.schema.targets = std::move(targets.columns);
  for (std::size_t i = 0; i < shard.records.size(); ++i)
    shard.records[i].targets = std::move(targets.of_record[i]);
  return shard;
}

std::size_t memory_of(const CrystalRecord& record) {
  const auto structure = [](const crystal::Structure& s) {
    return s.elements.size() + s.fractional.size() * sizeof(crystal::Vector3);
  };
  std::size_t bytes = sizeof(record) + record.id.size() + record.source.size() + structure(record.structure) +
                      record.targets.size() * sizeof(double);
  if (record.graph) bytes += record.graph->neighbor.size() * (sizeof(std::int32_t) + sizeof(float));
  if (record.mesh)
    bytes += structure(record.mesh->cell) + record.mesh->vertices.size() * sizeof(crystal::MeshVertex) +
             record.mesh->faces.size() * 3 * sizeof(std::int32_t) +
             record.mesh->central.size() * sizeof(std::int32_t) +
             record.mesh->cells.size() * sizeof(crystal::MeshCell) +
             record.mesh->face_cells.size() * 2 * sizeof(std::int32_t);
  return bytes;
}

}  // namespace tessera::data
