// SPDX-License-Identifier: Apache-2.0
#include "models/crystal_batch.hpp"

#include <fmt/core.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <vector>

#include "core/error.hpp"
#include "crystal/element.hpp"

namespace tessera::models {
namespace {

using Records = std::span<const data::CrystalRecord* const>;

std::int64_t featured(int element, const std::string& id) {
  if (element < 1 || element > crystal::kMaxFeaturedElement)
    throw core::DataError(
        fmt::format("{}: elements must be 1 to {} to have features, got {}. Remove the crystal.", id,
                    crystal::kMaxFeaturedElement, element));
  return element;
}

[[noreturn]] void refuse_missing(const std::string& id, const char* part) {
  throw core::DataError(
      fmt::format("{} has no {}. Prepare the dataset again with --features {}.", id, part, part));
}

const crystal::Mesh& mesh_of(const data::CrystalRecord& record) {
  if (!record.mesh) refuse_missing(record.id, "mesh");
  return *record.mesh;
}

GraphBatch make_graphs(Records records) {
  std::int64_t atoms = 0, neighbors = 0;
  for (const auto* record : records) {
    if (!record->graph) refuse_missing(record->id, "graph");
    atoms += static_cast<std::int64_t>(record->structure.num_atoms());
    if (neighbors != 0 && neighbors != record->graph->num_neighbors)
      throw core::DataError(fmt::format("{} has {} neighbours an atom where others of its batch have {}.",
                                        record->id, record->graph->num_neighbors, neighbors));
    neighbors = record->graph->num_neighbors;
  }

  GraphBatch batch;
  batch.element = torch::empty(atoms, torch::kLong);
  batch.sample = torch::empty(atoms, torch::kLong);
  batch.neighbor = torch::empty({atoms, neighbors}, torch::kLong);
  batch.distance = torch::empty({atoms, neighbors});
  auto* element = batch.element.data_ptr<std::int64_t>();
  auto* sample = batch.sample.data_ptr<std::int64_t>();
  auto* neighbor = batch.neighbor.data_ptr<std::int64_t>();
  auto* distance = batch.distance.data_ptr<float>();
  std::int64_t first_atom = 0;
  for (std::size_t s = 0; s < records.size(); ++s) {
    const data::CrystalRecord& record = *records[s];
    for (const std::uint8_t z : record.structure.elements) *element++ = featured(z, record.id);
    sample = std::fill_n(sample, record.structure.num_atoms(), static_cast<std::int64_t>(s));
    for (const std::int32_t atom : record.graph->neighbor) *neighbor++ = first_atom + atom;
    distance = std::copy(record.graph->distance.begin(), record.graph->distance.end(), distance);
    first_atom += static_cast<std::int64_t>(record.structure.num_atoms());
  }
  return batch;
}

// Where the features of the next face go.
struct FaceWriter {
  float *center, *edge, *normal, *corner;
  std::int64_t *element, *sample;

  explicit FaceWriter(const MeshBatch& batch)
      : center(batch.center.data_ptr<float>()),
        edge(batch.edge.data_ptr<float>()),
        normal(batch.normal.data_ptr<float>()),
        corner(batch.corner.data_ptr<float>()),
        element(batch.element.data_ptr<std::int64_t>()),
        sample(batch.sample.data_ptr<std::int64_t>()) {}
};

float* put(float* to, const crystal::Vector3& vector) {
  for (int k = 0; k < 3; ++k) *to++ = static_cast<float>(vector[k]);
  return to;
}

void write_faces(const crystal::Mesh& mesh, std::int64_t sample, FaceWriter& out) {
  std::vector<crystal::Vector3> position;
  position.reserve(mesh.vertices.size());
  for (std::size_t v = 0; v < mesh.vertices.size(); ++v)
    position.push_back(mesh.position(static_cast<std::int32_t>(v)));
  const auto corners_of = [&](const std::array<std::int32_t, 3>& face) {
    return std::array<const crystal::Vector3*, 3>{&position[static_cast<std::size_t>(face[0])],
                                                  &position[static_cast<std::size_t>(face[1])],
                                                  &position[static_cast<std::size_t>(face[2])]};
  };

  crystal::Vector3 middle = crystal::Vector3::Zero();  // mean of the face centres
  for (const auto& face : mesh.faces)
    for (const crystal::Vector3* corner : corners_of(face)) middle += *corner;
  middle /= 3.0 * static_cast<double>(std::max<std::size_t>(mesh.faces.size(), 1));

  for (const auto& face : mesh.faces) {
    const auto corners = corners_of(face);
    const crystal::Vector3 first = *corners[1] - *corners[0], second = *corners[2] - *corners[0];
    const crystal::Vector3 center = (*corners[0] + *corners[1] + *corners[2]) / 3.0;
    std::array<double, 3> lengths = {first.norm(), second.norm(), (second - first).norm()};
    std::sort(lengths.begin(), lengths.end());
    const crystal::Vector3 area = first.cross(second);
    const double norm = area.norm();
    // Corners of one line leave only rounding noise to normalise.
    const bool flat = norm <= 1e-9 * lengths[2] * lengths[2];

    // A periodic mesh has no middle: where a face lies is a matter of the cell chosen.
    out.center = put(out.center, mesh.is_periodic() ? crystal::Vector3(crystal::Vector3::Zero())
                                                    : crystal::Vector3(center - middle));
    for (const double length : lengths) *out.edge++ = static_cast<float>(length);
    out.normal =
        put(out.normal, flat ? crystal::Vector3(crystal::Vector3::Zero()) : crystal::Vector3(area / norm));
    for (const crystal::Vector3* corner : corners) out.corner = put(out.corner, *corner - center);
    for (const std::int32_t vertex : face) {
      const auto site = static_cast<std::size_t>(mesh.vertices[static_cast<std::size_t>(vertex)].site);
      *out.element++ = mesh.cell.elements[site];
    }
    *out.sample++ = sample;
  }
}

MeshBatch make_meshes(Records records) {
  std::int64_t faces = 0;
  for (const auto* record : records) {
    const crystal::Mesh& mesh = mesh_of(*record);
    for (const std::uint8_t element : mesh.cell.elements) featured(element, record->id);
    faces += static_cast<std::int64_t>(mesh.faces.size());
  }
  MeshBatch batch;
  batch.center = torch::empty({faces, 3});
  batch.edge = torch::empty({faces, 3});
  batch.normal = torch::empty({faces, 3});
  batch.corner = torch::empty({faces, 9});
  batch.element = torch::empty({faces, 3}, torch::kLong);
  batch.sample = torch::empty(faces, torch::kLong);
  FaceWriter out(batch);
  for (std::size_t s = 0; s < records.size(); ++s)
    write_faces(*records[s]->mesh, static_cast<std::int64_t>(s), out);
  return batch;
}

PointBatch make_points(Records records) {
  std::int64_t points = 0;
  for (const auto* record : records) points += static_cast<std::int64_t>(mesh_of(*record).central.size());
  PointBatch batch;
  batch.position = torch::empty({points, 3});
  batch.element = torch::empty(points, torch::kLong);
  batch.sample = torch::empty(points, torch::kLong);
  auto* position = batch.position.data_ptr<float>();
  auto* element = batch.element.data_ptr<std::int64_t>();
  auto* sample = batch.sample.data_ptr<std::int64_t>();
  for (std::size_t s = 0; s < records.size(); ++s) {
    const crystal::Mesh& mesh = *records[s]->mesh;
    crystal::Vector3 centroid = crystal::Vector3::Zero();
    for (const std::int32_t vertex : mesh.central) centroid += mesh.position(vertex);
    centroid /= static_cast<double>(std::max<std::size_t>(mesh.central.size(), 1));
    for (const std::int32_t vertex : mesh.central) {
      const auto site = static_cast<std::size_t>(mesh.vertices[static_cast<std::size_t>(vertex)].site);
      position = put(position, mesh.position(vertex) - centroid);
      *element++ = featured(mesh.cell.elements[site], records[s]->id);
    }
    sample = std::fill_n(sample, mesh.central.size(), static_cast<std::int64_t>(s));
  }
  return batch;
}

}  // namespace

Batch make_crystal_batch(Records records, Features features) {
  Batch batch;
  batch.num_samples = static_cast<std::int64_t>(records.size());
  if (features == Features::Graph) batch.graph = make_graphs(records);
  if (features == Features::Mesh) batch.mesh = make_meshes(records);
  if (features == Features::Points) batch.points = make_points(records);
  return batch;
}

}  // namespace tessera::models
