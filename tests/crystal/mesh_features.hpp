// SPDX-License-Identifier: Apache-2.0
// What a periodic mesh says of each face, in a form that no numbering of atoms can change; and how far two
// meshes of one crystal differ in it.
#pragma once

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "crystal/mesh.hpp"

namespace tessera::crystal {

/// Of each face one row: the two cells' volumes and radii, area, normal, edge lengths, and sums over the
/// corners of element times corner vector and its squares.
inline std::vector<std::vector<double>> face_features(const Mesh& mesh) {
  std::vector<std::vector<double>> rows;
  for (std::size_t f = 0; f < mesh.faces.size(); ++f) {
    std::array<Vector3, 3> corners;
    for (std::size_t i = 0; i < 3; ++i) corners[i] = mesh.position(mesh.faces[f][i]);
    const Vector3 center = (corners[0] + corners[1] + corners[2]) / 3;
    const Vector3 area = (corners[1] - corners[0]).cross(corners[2] - corners[0]) / 2;
    std::array<double, 3> edges{};
    for (std::size_t i = 0; i < 3; ++i) edges[i] = (corners[i] - corners[(i + 1) % 3]).norm();
    std::sort(edges.begin(), edges.end());

    std::vector<double> row(edges.begin(), edges.end());
    for (const std::int32_t cell : mesh.face_cells[f]) {
      row.push_back(mesh.cells[static_cast<std::size_t>(cell)].volume);
      row.push_back(mesh.cells[static_cast<std::size_t>(cell)].circumradius);
    }
    row.push_back(area.norm());
    Vector3 first = Vector3::Zero(), second = Vector3::Zero();
    double elements = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto site = mesh.vertices[static_cast<std::size_t>(mesh.faces[f][i])].site;
      const double element = mesh.cell.elements[static_cast<std::size_t>(site)];
      elements += element;
      first += element * (corners[i] - center);
      second += element * (corners[i] - center).cwiseAbs2();
    }
    row.push_back(elements);
    for (const Vector3& vector : {Vector3(area.normalized()), first, second})
      row.insert(row.end(), vector.data(), vector.data() + 3);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The largest difference between the faces of `other` and those of `mesh`, each taken `times` times, paired
/// in order along one direction in the space of features; infinite where their numbers differ.
inline double difference_of(const Mesh& mesh, const Mesh& other, std::size_t times = 1) {
  const auto projected = [](const Mesh& of, std::size_t repeats) {
    std::vector<double> keys;
    for (const auto& row : face_features(of)) {
      double key = 0;
      for (std::size_t i = 0; i < row.size(); ++i) key += row[i] * std::sqrt(static_cast<double>(i) + 1);
      keys.insert(keys.end(), repeats, key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  };
  const auto first = projected(mesh, times), second = projected(other, 1);
  if (first.size() != second.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (std::size_t i = 0; i < first.size(); ++i) largest = std::max(largest, std::abs(first[i] - second[i]));
  return largest;
}

}  // namespace tessera::crystal
