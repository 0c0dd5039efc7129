// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

using ::testing::HasSubstr;

ProgramResult inspect(const std::filesystem::path& path) {
  return run_program(program_path("tessera-inspect") + " " + path.string());
}

TEST(Inspect, DescribesADatasetAndItsShards) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 6);
  core::write_file_atomically(folder / "cifs/bad.cif", "no");
  expect_success(prep_command(folder.path(), folder / "dataset"));

  const auto dataset = inspect(folder / "dataset");
  const auto shard = inspect(folder / "dataset/shard-00001.h5");

  EXPECT_EQ(dataset.exit_code, 0) << dataset.err;
  EXPECT_THAT(dataset.out, HasSubstr("12 neighbors within 8 Å"));
  EXPECT_THAT(dataset.out, HasSubstr("density_kg_m3"));
  EXPECT_THAT(dataset.out, HasSubstr("1 inputs in quarantine"));
  EXPECT_EQ(value_of(dataset.out, "kind"), "dataset");
  EXPECT_EQ(value_of(dataset.out, "records"), "6");
  EXPECT_EQ(shard.exit_code, 0) << shard.err;
  EXPECT_EQ(value_of(shard.out, "kind"), "shard");
  EXPECT_EQ(value_of(shard.out, "records"), "2");
}

TEST(Inspect, ListsTheTensorsOfAWeightsFileFromItsHeader) {
  const TemporaryFolder folder;
  const std::string header = R"({"fc.weight":{"dtype":"F32","shape":[3,4],"data_offsets":[0,48]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  core::write_file_atomically(folder / "weights.safetensors", file + header + std::string(48, '\0'));

  const auto result = inspect(folder / "weights.safetensors");

  EXPECT_THAT(result.out, HasSubstr("F32   (3, 4)"));
  EXPECT_EQ(value_of(result.out, "tensors"), "1");
  EXPECT_EQ(value_of(result.out, "numbers"), "12");
}

TEST(Inspect, RefusesAWeightsFileWhoseHeaderIsLongerThanItself) {
  const TemporaryFolder folder;
  core::write_file_atomically(folder / "weights.safetensors", std::string(8, '\x7f') + "{}");

  const auto result = inspect(folder / "weights.safetensors");

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("is no safetensors file"));
}

TEST(Inspect, TellsHowFarARunIs) {
  const TemporaryFolder folder;
  core::write_file_atomically(folder / "config.toml",
                              "[data]\ndataset = \"d\"\ntarget = \"k_vrh_gpa\"\n[model]\nname = \"cgcnn\"\n");
  core::write_file_atomically(folder / "metrics.csv", "step,epoch,validation_mae\n10,1,0.5\n20,2,0.25\n");
  core::write_file_atomically(folder / "run.json", R"({"state": "finished"})");
  core::make_folder(folder / "checkpoints/last");
  core::write_file_atomically(
      folder / "checkpoints/last/state.json",
      R"({"step": 20, "epoch": 2, "best_epoch": 2, "best_metric": 0.25, "sha256": {}})");

  const auto result = inspect(folder.path());

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(value_of(result.out, "model"), "cgcnn");
  EXPECT_EQ(value_of(result.out, "epochs_done"), "2");
  EXPECT_EQ(value_of(result.out, "best_metric"), "0.25");
  EXPECT_THAT(result.out, HasSubstr("validation_mae"));
}

TEST(Inspect, CountsPublishedCheckpointsOnly) {
  const TemporaryFolder folder;
  core::write_file_atomically(folder / "config.toml", "[model]\nname = \"cgcnn\"\n");
  core::make_folder(folder / "checkpoints/step-00000012.partial");
  const auto none = inspect(folder.path());
  core::make_folder(folder / "checkpoints/step-00000006");
  const auto unlinked = inspect(folder.path());

  EXPECT_EQ(value_of(none.out, "checkpoints"), "0") << none.err;
  EXPECT_EQ(value_of(unlinked.out, "checkpoints"), "1") << unlinked.err;
  EXPECT_THAT(unlinked.out, HasSubstr("checkpoints/last/state.json is not there"));
}

TEST(Inspect, RefusesWhatItDoesNotKnow) {
  const TemporaryFolder folder;
  core::write_file_atomically(folder / "notes.txt", "x");

  const auto result = inspect(folder / "notes.txt");
  const auto missing = inspect(folder / "nothing");

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("must end in .h5, .safetensors or .toml"));
  EXPECT_EQ(missing.exit_code, 2);
}

}  // namespace
}  // namespace tessera::test
