// SPDX-License-Identifier: Apache-2.0
#include "search/distribution.hpp"

#include <gtest/gtest.h>

namespace tessera::search {
namespace {

TEST(ValueText, IsWhatTomlReadsBackAsTheSameKindOfValue) {
  const CategoricalDistribution choices{{true, std::int64_t{3}, 2.0, std::string("a\"b")}};
  EXPECT_EQ(value_text(FloatDistribution{0, 1, false, {}}, 1), "1.0");
  EXPECT_EQ(value_text(FloatDistribution{0, 1, true, {}}, 1e-20), "1e-20");
  EXPECT_EQ(value_text(IntDistribution{1, 5, 1, false}, 3), "3");
  EXPECT_EQ(value_text(choices, 0), "true");
  EXPECT_EQ(value_text(choices, 1), "3");
  EXPECT_EQ(value_text(choices, 2), "2.0");
  EXPECT_EQ(value_text(choices, 3), "\"a\\\"b\"");
}

}  // namespace
}  // namespace tessera::search
