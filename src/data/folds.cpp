// SPDX-License-Identifier: Apache-2.0
#include "data/folds.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/random.hpp"
#include "data/assignment.hpp"

namespace tessera::data {
namespace {

using Records = std::vector<std::int64_t>;

// One to hold out, one to choose the epoch by, one to learn from.
constexpr std::int64_t kFewestGroups = 3;

// The records of each group, the groups in an order that the seed decides.
std::vector<Records> shuffled_groups(std::span<const std::string> groups, std::uint64_t seed) {
  std::map<std::string, Records> members;
  for (std::size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(static_cast<std::int64_t>(i));
  std::vector<Records> order;
  for (auto& [name, records] : members) order.push_back(std::move(records));
  core::RandomStream(seed, "folds").shuffle(std::span(order));
  return order;
}

void check(const FoldOptions& options, std::int64_t num_groups, std::size_t num_records) {
  if (options.folds < 0 || options.folds == 1)
    throw core::InputError(
        fmt::format("the number of folds must be 2 or more, or 0 to hold out one group at a time, got {}",
                    options.folds));
  if (num_groups < kFewestGroups)
    throw core::InputError(
        fmt::format("cross-validation needs records of at least {} groups, to hold out, to validate and to "
                    "train on; got {} of {} records. Images are grouped by `tessera prep images --group`.",
                    kFewestGroups, num_groups, num_records));
  if (options.folds > num_groups)
    throw core::InputError(fmt::format(
        "each of {} folds must hold out at least one group, and {} records have {} groups. Take at "
        "most {} folds, or 0 to hold out one group at a time.",
        options.folds, num_records, num_groups, num_groups));
  if (!(options.validation > 0 && options.validation < 1))
    throw core::InputError(fmt::format(
        "split.validation must be above 0 and below 1, the share of each fold's records that choose the best "
        "epoch; got {}",
        options.validation));
}

// The records that are not held out, parted into training and validation.
void part_the_rest(const FoldOptions& options, std::size_t fold, std::span<const std::string> groups,
                   Split& split) {
  Records rest;
  std::vector<std::string> names, rest_groups;
  for (std::int64_t record = 0; record < std::ssize(groups); ++record) {
    if (std::binary_search(split.test.begin(), split.test.end(), record)) continue;
    rest.push_back(record);
    names.push_back(std::to_string(record));
    rest_groups.push_back(groups[static_cast<std::size_t>(record)]);
  }
  if (std::ranges::all_of(rest_groups, [&](const auto& group) { return group == rest_groups.front(); }))
    throw core::InputError(fmt::format(
        "each fold must leave two groups or more, to validate and to train on, and fold {} leaves one "
        "of {} records. Take more folds, or 0 to hold out one group at a time.",
        fold, rest.size()));
  const Split parted = make_split({.by = SplitRule::Group,
                                   .train = 1 - options.validation,
                                   .validation = options.validation,
                                   .test = 0,
                                   .seed = core::mix_text(fmt::format("fold {}", fold), options.seed),
                                   .max_train = options.max_train,
                                   .max_validation = options.max_validation},
                                  names, rest_groups);
  for (const std::int64_t place : parted.train) split.train.push_back(rest[static_cast<std::size_t>(place)]);
  for (const std::int64_t place : parted.validation)
    split.validation.push_back(rest[static_cast<std::size_t>(place)]);
}

}  // namespace

std::vector<Split> make_folds(const FoldOptions& options, std::span<const std::string> groups) {
  const auto members = shuffled_groups(groups, options.seed);
  check(options, std::ssize(members), groups.size());

  std::vector<double> sizes;
  for (const auto& records : members) sizes.push_back(static_cast<double>(records.size()));
  const std::int64_t count = options.folds == 0 ? std::ssize(members) : options.folds;
  std::vector<Split> folds;
  for (const auto& chosen : assign_by_cost(sizes, count)) {
    Split& split = folds.emplace_back();
    for (const std::int64_t group : chosen) {
      const auto& records = members[static_cast<std::size_t>(group)];
      split.test.insert(split.test.end(), records.begin(), records.end());
    }
    std::sort(split.test.begin(), split.test.end());
    part_the_rest(options, folds.size() - 1, groups, split);
  }
  return folds;
}

}  // namespace tessera::data
