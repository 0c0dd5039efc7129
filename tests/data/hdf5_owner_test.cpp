// SPDX-License-Identifier: Apache-2.0
#include "data/hdf5_owner.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/crystal_shard.hpp"
#include "data/made_records.hpp"
#include "support/python.hpp"

namespace tessera::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string small_file() {
  auto file = Hdf5File::create("new");
  file.root().set("title", std::string("a, b"));
  file.root().set("factor", 0.25);
  file.root().set("version", std::int64_t{3});
  auto group = file.root().create_group("inner");
  const std::vector<std::int64_t> numbers{1, 300, 7};
  const std::vector<double> reals{0.5, -1e300};
  const std::vector<float> singles{1.5f};
  const std::vector<std::string> words{"é", "", "long word"};
  group.write("numbers", {3}, numbers);
  group.write("reals", {1, 2}, reals);
  group.write("singles", {1}, singles);
  group.write("words", words);
  return file.finish();
}

TEST(Hdf5File, GivesBackWhatWasWritten) {
  const auto bytes = small_file();

  auto file = Hdf5File::open("small.h5", bytes);
  const auto inner = file.root().group("inner");

  EXPECT_EQ(file.root().text("title"), "a, b");
  EXPECT_EQ(file.root().number("factor"), 0.25);
  EXPECT_EQ(file.root().integer("version"), 3);
  EXPECT_THAT(inner.names(), ElementsAre("numbers", "reals", "singles", "words"));
  EXPECT_THAT(inner.dataset("numbers").integers(), ElementsAre(1, 300, 7));
  EXPECT_THAT(inner.dataset("reals").doubles(), ElementsAre(0.5, -1e300));
  EXPECT_THAT(inner.dataset("reals").shape(), ElementsAre(1, 2));
  EXPECT_THAT(inner.dataset("singles").floats(), ElementsAre(1.5f));
  EXPECT_THAT(inner.dataset("words").texts(), ElementsAre("é", "", "long word"));
}

TEST(Hdf5File, HoldsNoTimeAndNoAddress) {
  EXPECT_EQ(small_file(), small_file());
}

TEST(Hdf5File, KeepsExtremeIntegers) {
  const std::vector<std::int64_t> values{INT64_MIN, -1, 0, INT64_MAX};
  std::string bytes;
  {
    auto file = Hdf5File::create("new");
    file.root().write("values", {4}, values);
    bytes = file.finish();
  }
  EXPECT_EQ(Hdf5File::open("x.h5", bytes).root().dataset("values").integers(), values);
}

TEST(Hdf5File, NamesFileAndObjectInErrors) {
  const auto bytes = small_file();
  auto file = Hdf5File::open("small.h5", bytes);
  const auto said = [&](auto work) { return message_of<core::DataError>(work); };

  EXPECT_THAT(said([&] { file.root().group("none"); }),
              HasSubstr("small.h5:/none cannot be read: it is missing"));
  EXPECT_THAT(said([&] { file.root().dataset("inner"); }),
              AllOf(HasSubstr("small.h5:/inner"), HasSubstr("HDF5 says")));
  EXPECT_THAT(said([&] { file.root().text("version"); }), HasSubstr("small.h5:/@version"));
  EXPECT_THAT(said([&] { file.root().group("inner").dataset("words").doubles(); }),
              HasSubstr("small.h5:/inner/words cannot be read: its elements are of another type"));
  EXPECT_THAT(message_of<core::ParallelError>([] {
                auto fresh = Hdf5File::create("twice.h5");
                fresh.root().create_group("a");
                fresh.root().create_group("a");
              }),
              AllOf(HasSubstr("twice.h5:/a cannot be written"), HasSubstr("name already exists")));
}

TEST(Hdf5File, PrintsNothingItself) {
  testing::internal::CaptureStderr();
  EXPECT_THROW(Hdf5File::open("x.h5", std::string(5000, 'x')), core::DataError);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

// Another program must read our files: h5py sees names, types, units and values.
TEST(Hdf5File, OpensInH5py) {
  TemporaryFolder folder;
  core::write_file_atomically(folder / "shard.h5", encode_shard(made_records(5), made_schema()));
  const std::string script = R"(
import sys, h5py
file = h5py.File(sys.argv[1], "r")
assert file.attrs["kind"] == b"crystals" and file.attrs["schema_version"] == 1
assert [i.decode() for i in file["id"]] == ["mp-%d" % (1000 + i) for i in range(5)]
assert file["lattice"].shape == (5, 3, 3) and file["lattice"].attrs["unit"] == b"angstrom"
assert list(file["atoms/offsets"]) == [0, 1, 3, 6, 10, 15] and file["atoms/element"].dtype == "uint8"
assert file["graph/neighbor"].shape == (15, 12) and file["graph/distance"].dtype == "float32"
assert file["graph"].attrs["cutoff_angstrom"] == 8.0 and file["graph"].attrs["num_neighbors"] == 12
assert file["mesh/vertex_shift"].dtype == "int8" and file["mesh"].attrs["kind"] == b"deepcrystet"
assert file["mesh/face_vertex"].shape[1] == 3
target = file["targets/k_vrh_gpa"]
assert target.dtype == "float64" and target.attrs["unit"] == b"GPa" and 10 < target[0] < 300
def described(name, item):
    if isinstance(item, h5py.Dataset): assert "unit" in item.attrs, name
file.visititems(described)
)";

  const auto result = test::run_python("h5py", script, {(folder / "shard.h5").string()});
  if (!result) GTEST_SKIP() << "h5py is not installed (apt-get install python3-h5py)";
  EXPECT_EQ(result->exit_code, 0) << result->output;
}

}  // namespace
}  // namespace tessera::data
