// SPDX-License-Identifier: Apache-2.0
#include "models/safetensors.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/expect_error.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::models {
namespace {

using ::testing::HasSubstr;

NamedTensors example() {
  return {{"convs.0.weight", torch::arange(6, torch::kFloat32).reshape({2, 3})},
          {"bias", torch::tensor({1.5, -2.5}, torch::kFloat64)},
          {"step", torch::tensor(7, torch::kInt64)},
          {"half", torch::tensor({0.5f, 3.0f}).to(torch::kBFloat16)},
          {"empty", torch::empty({0, 4})}};
}

TEST(Safetensors, WhatIsWrittenReadsBack) {
  test::TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", example());

  const auto read = read_safetensors(folder / "w.safetensors");

  ASSERT_EQ(read.size(), example().size());
  for (const auto& [name, tensor] : example()) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(read.at(name), tensor)) << name;
  }
  EXPECT_EQ(sha256_of(read), sha256_of(example()));
}

TEST(Safetensors, PythonsOwnReaderReadsOurs) {
  test::TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", example());

  const auto python = test::run_python("safetensors", R"(
import sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as file:
    print(sorted(file.keys()))
    print(file.get_tensor("convs.0.weight").tolist(), file.get_tensor("step").item())
)",
                                       {(folder / "w.safetensors").string()});
  if (!python) GTEST_SKIP() << "python3 has no safetensors module: ./dev test installs it";

  EXPECT_EQ(python->output,
            "['bias', 'convs.0.weight', 'empty', 'half', 'step']\n[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] 7\n");
}

TEST(Safetensors, ACutFileIsRefused) {
  test::TemporaryFolder folder;
  write_safetensors(folder / "w.safetensors", example());
  const std::string content = core::read_file(folder / "w.safetensors");

  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{100}, content.size() - 1})
    EXPECT_THAT(test::message_of<core::DataError>([&] { parse_safetensors(content.substr(0, size), "w"); }),
                HasSubstr("w is damaged"));
}

}  // namespace
}  // namespace tessera::models
