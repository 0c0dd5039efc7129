// SPDX-License-Identifier: Apache-2.0
#include "train/training_config.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::train {
namespace {

using ::testing::HasSubstr;

const std::string kLeast = "[data]\ndataset = 'd'\ntarget = 'k'\n[run]\ndir = 'r'\n";

TrainingConfig read(const std::string& text) {
  auto config = core::Config::from_text(text, "c.toml");
  return read_training_config(config);
}

std::string refusal(const std::string& more) {
  return test::message_of<core::InputError>([&] { read(kLeast + more); });
}

TEST(TrainingConfig, NeedsADatasetATargetAndARunFolder) {
  EXPECT_EQ(read(kLeast).train.epochs, 100);
  EXPECT_THAT(test::message_of<core::InputError>([] { read("[data]\ntarget = 'k'\n[run]\ndir = 'r'\n"); }),
              HasSubstr("data.dataset must be given"));
}

TEST(TrainingConfig, ImpossibleValuesAreRefusedWithTheirLine) {
  EXPECT_THAT(refusal("[train]\nepochs = 0\n"), HasSubstr("train.epochs must be 1 to"));
  EXPECT_THAT(refusal("[train]\noptimizer = 'adamv'\n"), HasSubstr("Did you mean adam?"));
  EXPECT_THAT(
      refusal("[train]\nprecision = 'fp16'\n"),
      HasSubstr("train.precision must be float32 or bf16, got \"fp16\" (c.toml:7). fp16 is not built"));
  EXPECT_THAT(refusal("[train]\nepochs = 3\nwarmup_epochs = 5\n"), HasSubstr("c.toml:8"));
  EXPECT_THAT(refusal("[data.split]\ntrain = 0.9\n"), HasSubstr("train + validation + test is at most 1"));
  EXPECT_THAT(refusal("[data.split]\nby = 'file'\n"), HasSubstr("id,split"));
}

}  // namespace
}  // namespace tessera::train
