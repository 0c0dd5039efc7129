// SPDX-License-Identifier: Apache-2.0
#include "dist/partition.hpp"

#include <gtest/gtest.h>

namespace tessera::dist {
namespace {

TEST(Partition, CoversEveryItemOnceInOrderWithLengthsThatDifferByOne) {
  for (const std::int64_t items : {0, 1, 2, 7, 8, 100}) {
    for (const std::int64_t parts : {1, 2, 3, 8, 11}) {
      std::int64_t next = 0;
      for (std::int64_t part = 0; part < parts; ++part) {
        const auto block = partition(items, parts, part);
        EXPECT_EQ(block.begin, next);
        EXPECT_GE(block.size(), items / parts);
        EXPECT_LE(block.size(), items / parts + 1);
        next = block.end;
      }
      EXPECT_EQ(next, items);
    }
  }
}

}  // namespace
}  // namespace tessera::dist
