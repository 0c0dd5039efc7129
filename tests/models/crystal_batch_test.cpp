// SPDX-License-Identifier: Apache-2.0
#include "models/crystal_batch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "models/tiny_crystals.hpp"
#include "support/expect_error.hpp"

namespace tessera::models {
namespace {

using testing::HasSubstr;

// One right triangle of edges 3, 4, 5 Å in the plane z = 0 and one upright, over two sites of an 10 Å cube.
data::CrystalRecord two_triangles() {
  data::CrystalRecord record;
  record.id = "triangles";
  crystal::Mesh& mesh = record.mesh.emplace();
  mesh.cell.lattice *= 10.0;
  mesh.cell.elements = {11, 17};
  mesh.cell.fractional = {crystal::Vector3(0, 0, 0), crystal::Vector3(0.3, 0, 0)};
  mesh.cell.fractional.emplace_back(0.0, 0.4, 0.0);
  mesh.cell.elements.push_back(8);
  mesh.vertices = {{0, {0, 0, 0}}, {1, {0, 0, 0}}, {2, {0, 0, 0}}, {0, {0, 0, 1}}};
  mesh.faces = {{0, 1, 2}, {0, 1, 3}};
  mesh.central = {0, 1};
  return record;
}

TEST(CrystalBatch, ShiftsEachGraphToItsAtoms) {
  const std::vector<data::CrystalRecord> records = {test::tiny_crystal(1, 3, 1), test::tiny_crystal(2, 2, 1)};

  const Batch batch = make_crystal_batch(test::pointers_to(records), Features::Graph);

  EXPECT_EQ(batch.num_samples, 2);
  EXPECT_TRUE(torch::equal(batch.graph.sample, torch::tensor(std::vector<std::int64_t>{0, 0, 0, 1, 1})));
  EXPECT_EQ(batch.graph.neighbor.sizes(), (std::vector<std::int64_t>{5, 4}));
  EXPECT_EQ(batch.graph.element[3].item<int>(), records[1].structure.elements[0]);
  EXPECT_EQ(batch.graph.neighbor[4][3].item<int>(), 3 + records[1].graph->neighbor[7]);
  EXPECT_EQ(batch.graph.distance[4][3].item<float>(), records[1].graph->distance[7]);
  EXPECT_FALSE(batch.mesh.center.defined());
}

TEST(CrystalBatch, TakesAFacesFeatures) {
  const data::CrystalRecord record = two_triangles();
  const data::CrystalRecord* pointer = &record;

  const MeshBatch mesh = make_crystal_batch({&pointer, 1}, Features::Mesh).mesh;

  // Face centres (1, 4/3, 0) and (1, 0, 10/3); their mean is (1, 2/3, 5/3).
  EXPECT_TRUE(torch::allclose(
      mesh.center, torch::tensor({{0.0, 2.0 / 3, -5.0 / 3}, {0.0, -2.0 / 3, 5.0 / 3}}), 1e-6, 1e-6));
  EXPECT_TRUE(torch::allclose(mesh.edge[0], torch::tensor({3.0, 4.0, 5.0})));
  EXPECT_TRUE(torch::allclose(mesh.edge[1], torch::tensor({3.0, 10.0, std::sqrt(109.0)})));
  EXPECT_TRUE(torch::allclose(mesh.normal, torch::tensor({{0.0, 0.0, 1.0}, {0.0, -1.0, 0.0}})));
  EXPECT_TRUE(torch::allclose(mesh.corner[0],
                              torch::tensor({-1.0, -4.0 / 3, 0.0, 2.0, -4.0 / 3, 0.0, -1.0, 8.0 / 3, 0.0})));
  EXPECT_TRUE(torch::equal(mesh.element,
                           torch::tensor(std::vector<std::int64_t>{11, 17, 8, 11, 17, 11}).view({2, 3})));
}

TEST(CrystalBatch, AFaceOfNoAreaHasNoNormal) {
  data::CrystalRecord record = two_triangles();
  record.mesh->cell.fractional[2] = crystal::Vector3(0.6, 0, 0);
  const data::CrystalRecord* pointer = &record;

  const MeshBatch mesh = make_crystal_batch({&pointer, 1}, Features::Mesh).mesh;

  EXPECT_TRUE(torch::equal(mesh.normal[0], torch::zeros(3)));
}

TEST(CrystalBatch, CentresPointsOnTheCentralAtoms) {
  const data::CrystalRecord record = two_triangles();
  const data::CrystalRecord* pointer = &record;

  const PointBatch points = make_crystal_batch({&pointer, 1}, Features::Points).points;

  EXPECT_TRUE(torch::allclose(points.position, torch::tensor({{-1.5, 0.0, 0.0}, {1.5, 0.0, 0.0}})));
  EXPECT_TRUE(torch::equal(points.element, torch::tensor(std::vector<std::int64_t>{11, 17})));
  EXPECT_TRUE(torch::equal(points.sample, torch::zeros(2, torch::kLong)));
}

TEST(CrystalBatch, RefusesARecordWithoutTheFeature) {
  data::CrystalRecord record = two_triangles();
  const data::CrystalRecord* pointer = &record;

  EXPECT_THAT(test::message_of<core::DataError>([&] {
                make_crystal_batch({&pointer, 1}, Features::Graph);
              }),
              HasSubstr("triangles has no graph. Prepare the dataset again with --features graph."));

  record.mesh->cell.elements[1] = 104;
  EXPECT_THAT(test::message_of<core::DataError>([&] {
                make_crystal_batch({&pointer, 1}, Features::Mesh);
              }),
              HasSubstr("triangles: elements must be 1 to 100 to have features, got 104"));
}

}  // namespace
}  // namespace tessera::models
