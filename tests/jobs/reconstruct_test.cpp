// SPDX-License-Identifier: Apache-2.0
// tessera reconstruct, as a user runs it.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/files/phase_map_writer.hpp"
#include "microstructure/maps.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using ::testing::HasSubstr;

class Reconstruct : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new test::TemporaryFolder;
    auto sample = test::map_of({1, 32, 32}, [](auto, std::int64_t y, std::int64_t x) {
      return std::hypot(static_cast<double>(y % 16) - 8, static_cast<double>(x % 16) - 8 + y / 16 * 3) < 5;
    });
    sample.levels = {0, 255};
    microstructure::write_npy(at("sample.npy"), sample);
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string at(const std::string& name) { return (*folder / name).string(); }
  static std::string config() {
    const char* source = std::getenv("TESSERA_SOURCE");
    return (fs::path(source ? source : ".") / "jobs/configs/reconstruct.toml").string();
  }
  static std::string command(const std::string& name, const std::string& more = "") {
    return test::program_path("tessera-reconstruct") + " " + config() + " --run " + at(name) +
           " --set sample.image=" + at("sample.npy") +
           " --set reconstruct.iterations=12 --set reconstruct.count=3 --set descriptors.reach=12"
           " --set baseline.swaps_per_cell=20 " +
           more;
  }
  static ProgramResult reconstruct(const std::string& name, const std::string& more = "", int ranks = 0) {
    return test::run_program(ranks > 0 ? test::under_mpirun(ranks, command(name, more))
                                       : "OMP_NUM_THREADS=1 " + command(name, more));
  }
  static std::string hashes_of(const std::string& name) {
    std::string all;
    for (const char* file : {"reconstruction-0000.npy", "reconstruction-0001.npy", "reconstruction-0002.npy",
                             "baseline-0000.npy", "statistics.csv"})
      all += core::sha256_of_file(at(name + "/" + file)) + "\n";
    return all;
  }

  inline static test::TemporaryFolder* folder = nullptr;
};

TEST_F(Reconstruct, LeavesStructuresTablesAndAPage) {
  const auto result = reconstruct("plain");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(test::value_of(result.out, "reconstructions"), "3");
  EXPECT_EQ(test::value_of(result.out, "fraction_error"), "0");

  const auto sample = microstructure::read_phase_map(at("sample.npy"));
  for (const char* name : {"reconstruction-0000", "reconstruction-0002", "baseline-0000"}) {
    const auto map = microstructure::read_phase_map(at(std::string("plain/") + name + ".npy"));
    EXPECT_EQ(map.levels, sample.levels);
    EXPECT_EQ(microstructure::phase_fraction(map, 1), microstructure::phase_fraction(sample, 1));
    EXPECT_TRUE(fs::exists(at(std::string("plain/") + name + ".png")));
  }
  const auto summary = nlohmann::json::parse(core::read_file(at("plain/summary.json")));
  for (const char* key :
       {"fraction_error", "s2_error", "autocovariance_error", "lineal_path_error", "seconds"}) {
    EXPECT_TRUE(summary.at(key).is_number()) << key;
    EXPECT_TRUE(summary.at("baseline").at(key).is_number()) << key;
  }
  EXPECT_EQ(summary.at("structures").size(), 3u);
  const auto table = core::read_csv(at("plain/statistics.csv"));
  for (const char* column :
       {"statistic", "phase", "r_px", "target", "noise_floor", "reconstruction-0002", "baseline-0000"})
    EXPECT_TRUE(table.column(column)) << column;
  EXPECT_EQ(table.rows.size(), 3u * 17);  // three curves of the second phase, 0 to 16 px
  EXPECT_THAT(core::read_file(at("plain/report.html")), HasSubstr("Reconstructions of sample.npy"));
}

TEST_F(Reconstruct, IsTheSameForAnyNumberOfRanksAndStartsOverNothing) {
  ASSERT_EQ(reconstruct("one").exit_code, 0);
  for (const int ranks : {2, 3}) {
    const auto name = "ranks" + std::to_string(ranks);
    ASSERT_EQ(reconstruct(name, "", ranks).exit_code, 0);
    EXPECT_EQ(hashes_of(name), hashes_of("one"));
  }
  const auto before = fs::last_write_time(at("one/reconstruction-0001.npy"));
  fs::remove(at("one/reconstruction-0000.json"));  // that one alone is made again
  const auto again = reconstruct("one");
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(fs::last_write_time(at("one/reconstruction-0001.npy")), before);
  EXPECT_EQ(hashes_of("one"), hashes_of("ranks2"));
  const auto more = reconstruct("one", "--set reconstruct.count=4");
  ASSERT_EQ(more.exit_code, 0) << more.err;
  EXPECT_TRUE(fs::exists(at("one/reconstruction-0003.npy")));
}

TEST_F(Reconstruct, TellsWhatEachLayerIsWorth) {
  fs::copy_file(at("sample.npy"), at("other.npy"));
  const auto result = reconstruct("pruning",
                                  "--pruning --sample " + at("sample.npy") + " --sample " + at("other.npy") +
                                      " --set 'encoder.layers=[\"scale1\",\"scale4\"]' --set "
                                      "reconstruct.count=1 --set baseline.count=0 --set sample.image=none",
                                  2);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto table = core::read_csv(at("pruning/pruning.csv"));
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].fields[0], "sample");
  EXPECT_EQ(table.rows[0].fields[1], "scale1");
  EXPECT_EQ(table.rows[1].fields[1], "scale4");
  EXPECT_EQ(table.rows[3].fields[0], "other");
  EXPECT_EQ(table.rows[1].fields[2], "2");
  EXPECT_TRUE(fs::exists(at("pruning/other/scale4/summary.json")));
  EXPECT_THAT(core::read_file(at("pruning/pruning.html")), HasSubstr("scale4"));

  fs::create_directories(at("again"));
  fs::copy_file(at("sample.npy"), at("again/sample.npy"));
  const auto twice =
      reconstruct("twice", "--sample " + at("sample.npy") + " --sample " + at("again/sample.npy"));
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("sample comes twice"));
}

// A signal to one rank: the structures under way are kept where they stand, and go on from there.
TEST_F(Reconstruct, ToldToStopGoesOnWhereItStood) {
  const std::string long_one = "--set reconstruct.iterations=150 --set checkpoint.every_minutes=0";
  ASSERT_EQ(reconstruct("whole", long_one, 2).exit_code, 0);
  const auto stopped = test::run_program(
      test::under_mpirun(2, command("stopped", long_one)) + " & job=$!; until ls " + at("stopped") +
      "/*.progress >/dev/null 2>&1 || ! kill -0 $job; do sleep 0.01; done; "
      "kill -TERM $(pgrep -f -n '[t]essera-reconstruct.*" +
      at("stopped") + "'); wait $job");
  EXPECT_EQ(stopped.exit_code, 3) << stopped.err;
  const auto resumed = reconstruct("stopped", long_one, 3);
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(hashes_of("stopped"), hashes_of("whole"));
  for (const auto& entry : fs::directory_iterator(at("stopped")))
    EXPECT_NE(entry.path().extension(), ".progress") << entry.path();
}

TEST_F(Reconstruct, RefusesOtherSettingsInOneFolderAndSaysWhatIsDamaged) {
  ASSERT_EQ(reconstruct("mixed").exit_code, 0);
  const auto other = reconstruct("mixed", "--set descriptors.two_point=0.5", 2);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("was made with other settings"));

  fs::resize_file(at("mixed/reconstruction-0001.npy"), 500);
  const auto damaged = reconstruct("mixed");
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_THAT(damaged.err, HasSubstr("reconstruction-0001.npy is not as it was written"));
}

TEST_F(Reconstruct, SaysWhatIsWrongWithItsConfiguration) {
  const auto refused = [&](const std::string& more) {
    const auto result = reconstruct("refused", more, 2);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(refused("--set encoder.nam=vgg19"), HasSubstr("encoder.nam"));
  EXPECT_THAT(refused("--set sample.phases=3"),
              HasSubstr("must have sample.phases = 3 grey levels, it has 2"));
  EXPECT_THAT(refused("--set encoder.name=vgg19 --set encoder.folder=/nowhere"), HasSubstr("./dev encoders"));
  EXPECT_THAT(refused("--set descriptors.gram=0 --set descriptors.two_point=0"),
              HasSubstr("nothing to match"));
  EXPECT_FALSE(fs::exists(at("refused/summary.json")));
}

}  // namespace
}  // namespace tessera
