// SPDX-License-Identifier: Apache-2.0
#include "data/crystal_shard.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "data/made_records.hpp"
#include "data/mutated_shard.hpp"

// HDF5 1.10.8 loses some 400 bytes where an object header is damaged (H5O_protect); a leak checker would
// take them for ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

namespace tessera::data {
namespace {

using ::testing::HasSubstr;

void expect_equal(const crystal::Structure& got, const crystal::Structure& want) {
  EXPECT_EQ(got.elements, want.elements);
  EXPECT_EQ(got.lattice, want.lattice);
  EXPECT_EQ(got.fractional, want.fractional);
}

TEST(CrystalShard, GivesBackEveryRecordBitForBit) {
  const auto records = made_records(9);

  const auto shard = decode_crystal_shard(encode_shard(records, made_schema()), "test.h5");

  EXPECT_EQ(shard.schema.targets, made_schema().targets);
  EXPECT_EQ(shard.schema.graph->cutoff_angstrom, 8.0);
  EXPECT_EQ(shard.schema.mesh, "deepcrystet");
  ASSERT_EQ(shard.records.size(), records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto &got = shard.records[i], &want = records[i];
    EXPECT_EQ(got.id, want.id);
    EXPECT_EQ(got.source, want.source);
    expect_equal(got.structure, want.structure);
    EXPECT_EQ(got.graph->num_neighbors, 12);
    EXPECT_EQ(got.graph->neighbor, want.graph->neighbor);
    EXPECT_EQ(got.graph->distance, want.graph->distance);
    expect_equal(got.mesh->cell, want.mesh->cell);
    EXPECT_EQ(got.mesh->faces, want.mesh->faces);
    EXPECT_EQ(got.mesh->central, want.mesh->central);
    ASSERT_EQ(got.mesh->vertices.size(), want.mesh->vertices.size());
    for (std::size_t v = 0; v < want.mesh->vertices.size(); ++v) {
      EXPECT_EQ(got.mesh->vertices[v].site, want.mesh->vertices[v].site);
      EXPECT_EQ(got.mesh->vertices[v].shift, want.mesh->vertices[v].shift);
    }
    for (std::size_t t = 0; t < 3; ++t)
      EXPECT_TRUE(got.targets[t] == want.targets[t] ||
                  (std::isnan(got.targets[t]) && std::isnan(want.targets[t])));
  }
}

TEST(CrystalShard, GivesBackThePeriodicMeshesCells) {
  const auto records = made_records(9, 0, true);
  auto schema = made_schema();
  schema.mesh = "periodic";

  const auto shard = decode_crystal_shard(encode_shard(records, schema), "test.h5");

  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto &got = *shard.records[i].mesh, &want = *records[i].mesh;
    EXPECT_TRUE(got.is_periodic());
    EXPECT_EQ(got.face_cells, want.face_cells);
    ASSERT_EQ(got.cells.size(), want.cells.size());
    for (std::size_t c = 0; c < want.cells.size(); ++c) {
      EXPECT_EQ(got.cells[c].volume, want.cells[c].volume);
      EXPECT_EQ(got.cells[c].circumradius, want.cells[c].circumradius);
    }
  }
  EXPECT_THROW(encode_shard(records, made_schema()), core::InternalError);
}

TEST(CrystalShard, HasTheSameBytesEachTime) {
  const auto once = encode_shard(made_records(6), made_schema());
  const std::string noise(1 << 20, 'x');  // moves what the allocator hands out
  EXPECT_EQ(core::sha256_of(once), core::sha256_of(encode_shard(made_records(6), made_schema())));
}

TEST(CrystalShard, MayHoldNoRecords) {
  EXPECT_TRUE(decode_crystal_shard(encode_shard(std::span<const CrystalRecord>{}, made_schema()), "empty.h5")
                  .records.empty());
}

TEST(CrystalShard, MayHoldAtomsAlone) {
  auto records = made_records(2);
  for (auto& record : records) record.graph.reset(), record.mesh.reset();
  auto schema = made_schema();
  schema.graph.reset(), schema.mesh.reset();

  const auto shard = decode_crystal_shard(encode_shard(records, schema), "atoms.h5");

  EXPECT_FALSE(shard.schema.graph || shard.schema.mesh || shard.records[1].graph || shard.records[1].mesh);
}

TEST(CrystalShard, StaysWellBelow15KilobytesForACrystalOf750Faces) {
  std::vector<CrystalRecord> records;
  for (int i = 0; i < 64; ++i) records.push_back(made_record(i, 20, 350, 750));

  const auto bytes = encode_shard(records, made_schema()).size() / records.size();

  RecordProperty("bytes_per_crystal", static_cast<int>(bytes));
  EXPECT_LT(bytes, 10000u);
}

TEST(CrystalShard, RefusesRecordsThatLackWhatTheSchemaSays) {
  auto records = made_records(2);
  records[1].graph.reset();
  EXPECT_THROW(encode_shard(records, made_schema()), core::InternalError);
}

std::string refusal(const std::vector<CrystalRecord>& records) {
  const auto bytes = encode_shard(records, made_schema());
  return message_of<core::DataError>([&] { decode_crystal_shard(bytes, "bad.h5"); });
}

TEST(CrystalShard, RefusesIndicesOutsideTheirRecord) {
  auto records = made_records(3);
  records[1].graph->neighbor[5] = 2;  // the record has two atoms; the next one's would be read
  EXPECT_THAT(refusal(records),
              AllOf(HasSubstr("bad.h5:/graph/neighbor"), HasSubstr("below its record's 2 rows, got 2")));

  records = made_records(3);
  records[2].mesh->faces[0][1] = static_cast<std::int32_t>(records[2].mesh->vertices.size());
  EXPECT_THAT(refusal(records), HasSubstr("bad.h5:/mesh/face_vertex"));

  records = made_records(3);
  records[0].mesh->vertices[0].site = -1;
  EXPECT_THAT(refusal(records), AllOf(HasSubstr("/mesh/vertex_site"), HasSubstr("got -1")));
}

TEST(CrystalShard, RefusesImpossibleValues) {
  auto records = made_records(2);
  records[0].structure.elements[0] = 119;
  EXPECT_THAT(refusal(records), AllOf(HasSubstr("/atoms/element"), HasSubstr("1 to 118, got 119")));

  records = made_records(2);
  records[0].structure.fractional[0][1] = std::nan("");
  EXPECT_THAT(refusal(records), AllOf(HasSubstr("/atoms/fractional"), HasSubstr("finite")));

  records = made_records(2);
  records[0].structure = {};
  records[0].graph->neighbor.clear(), records[0].graph->distance.clear();
  EXPECT_THAT(refusal(records), AllOf(HasSubstr("/atoms/offsets"), HasSubstr("rise by 1 or more")));
}

TEST(CrystalShard, RefusesWhatIsNoShard) {
  EXPECT_THAT(message_of<core::DataError>([] { decode_crystal_shard("no hdf5 at all", "x.h5"); }),
              HasSubstr("x.h5"));
  EXPECT_THAT(message_of<core::DataError>([] { decode_crystal_shard("", "x.h5"); }),
              HasSubstr("it is empty"));
}

TEST(CrystalShard, RefusesAFileCutAnywhere) {
  const auto bytes = encode_shard(made_records(3), made_schema());
  for (std::size_t length = 0; length < bytes.size(); length += 97)
    EXPECT_THROW(decode_crystal_shard(bytes.substr(0, length), "cut.h5"), core::DataError) << length;
}

// Whatever the bytes, a shard or one of our errors comes out; fuzz_shards is the long run.
TEST(CrystalShard, SurvivesMutatedBytes) {
  const auto valid = encode_shard(made_records(4), made_schema());
  const int rounds = 1000;
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    try {
      decode_crystal_shard(mutated_shard(valid, 3, static_cast<std::uint64_t>(round)), "fuzz.h5");
    } catch (const core::Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, rounds / 4);
}

TEST(CrystalShard, IsReadFromItsFile) {
  TemporaryFolder folder;
  core::write_file_atomically(folder / "s.h5", encode_shard(made_records(2), made_schema()));
  EXPECT_EQ(decode_crystal_shard(core::read_file(folder / "s.h5"), "s.h5").records[1].id, "mp-1001");
}

}  // namespace
}  // namespace tessera::data
