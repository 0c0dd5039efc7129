// SPDX-License-Identifier: Apache-2.0
// The verbs as a user calls them, on one made dataset that all tests of a suite read.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/run_program.hpp"

namespace tessera::test {

class Walk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    run("tessera-synth-crystals", "--count 90 --seed 3 --out " + at("crystals"));
    prepare("dataset", at("crystals/targets.csv"));
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string config() {
    const char* source = std::getenv("TESSERA_SOURCE");
    return (std::filesystem::path(source ? source : ".") / "jobs/configs/demo.toml").string();
  }
  static std::string at(const std::string& name) { return (*folder / name).string(); }
  static ProgramResult run(const std::string& program, const std::string& arguments, int ranks = 0) {
    const std::string command = program_path(program) + " " + arguments;
    return run_program(ranks > 0 ? under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command);
  }
  /// A dataset of the suite's crystals.
  static void prepare(const std::string& name, const std::string& targets, const std::string& more = "") {
    const auto prepared = run("tessera-prep-crystals", "--input " + at("crystals") + " --targets " + targets +
                                                           " --out " + at(name) + " " + more);
    ASSERT_EQ(prepared.exit_code, 0) << prepared.err;
  }
  static ProgramResult train(const std::string& name, const std::string& more = "", int ranks = 0) {
    return run("tessera-train",
               config() + " --set data.dataset=" + at("dataset") +
                   " --set train.epochs=3 --set train.global_batch=16 --run " + at(name) + " " + more,
               ranks);
  }

  inline static TemporaryFolder* folder = nullptr;
};

}  // namespace tessera::test
