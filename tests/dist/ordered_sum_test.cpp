// SPDX-License-Identifier: Apache-2.0
#include "dist/ordered_sum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "dist/partition.hpp"

namespace tessera::dist {
namespace {

// Numbers of very different size, so that the order of addition shows in the last bits.
template <typename T>
T value_at(std::int64_t shard, std::int64_t column) {
  const auto x = static_cast<T>(shard * 31 + column * 17 + 1);
  return std::sin(x) * std::pow(T{10}, static_cast<T>((shard + column) % 7 - 3));
}

/// The tree, written as a recursion: [begin, end) splits at the largest power of two below its length.
template <typename T>
T tree_sum(std::int64_t begin, std::int64_t end, std::int64_t column) {
  if (end - begin == 1) return value_at<T>(begin, column);
  std::int64_t half = 1;
  while (2 * half < end - begin) half *= 2;
  return tree_sum<T>(begin, begin + half, column) + tree_sum<T>(begin + half, end, column);
}

template <typename T>
std::vector<T> run(const Communicator& comm, std::int64_t num_shards, std::int64_t length) {
  const auto held = partition(num_shards, comm.size(), comm.rank());
  std::vector<T> local;
  for (auto shard = held.begin; shard < held.end; ++shard)
    for (std::int64_t column = 0; column < length; ++column) local.push_back(value_at<T>(shard, column));
  std::vector<T> sum(static_cast<std::size_t>(length), T{-1});
  ordered_sum(comm, std::span<const T>(local), num_shards, std::span<T>(sum), "shards");
  return sum;
}

template <typename T>
void expect_tree(std::int64_t num_shards, std::int64_t length) {
  const auto sum = run<T>(Communicator::world(), num_shards, length);
  std::int64_t wrong = 0;
  for (std::int64_t column = 0; column < length; ++column)
    wrong += sum[static_cast<std::size_t>(column)] != tree_sum<T>(0, num_shards, column);
  EXPECT_EQ(wrong, 0) << num_shards << " shards of " << length;
}

// Equal to one tree on any rank count is equal between rank counts.
TEST(OrderedSum, IsTheFixedTreeBitForBitOnAnyRankCount) {
  for (const std::int64_t shards : {1, 2, 3, 5, 6, 7, 8, 13, 16}) {
    expect_tree<float>(shards, 101);
    expect_tree<double>(shards, 101);
  }
}

TEST(OrderedSum, TakesVectorsShorterThanTheRankCountAndEmptyOnes) {
  expect_tree<float>(8, 1);
  expect_tree<float>(2, 2);
  expect_tree<float>(4, 0);
}

TEST(OrderedSum, IsTheSameOverSeveralStretchesOfColumns) {
  expect_tree<float>(5, (std::int64_t{1} << 20) + 12345);
}

TEST(OrderedSum, DiffersFromAddingOneAfterTheOther) {
  const auto sum = run<float>(Communicator::world(), 13, 101);

  int different = 0;
  for (std::int64_t column = 0; column < 101; ++column) {
    float in_a_row = 0;
    for (std::int64_t shard = 0; shard < 13; ++shard) in_a_row += value_at<float>(shard, column);
    different += in_a_row != sum[static_cast<std::size_t>(column)];
    EXPECT_NEAR(in_a_row, sum[static_cast<std::size_t>(column)], 1e-2);
  }
  EXPECT_GT(different, 0);  // else these numbers could not show an order
}

TEST(OrderedSum, RefusesAWrongNumberOfShards) {
  std::vector<float> none, sum(3);
  EXPECT_THROW(ordered_sum(Communicator::serial(), std::span<const float>(none), 2, std::span(sum), "shards"),
               core::InternalError);
}

}  // namespace
}  // namespace tessera::dist
