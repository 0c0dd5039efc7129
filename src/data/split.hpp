// SPDX-License-Identifier: Apache-2.0
// Which records are for training, validation and test. Four rules: random; hash (of the id, so that a record
// keeps its part when the dataset grows, and its duplicates with it); group (records of one parent stay
// together); file (`id,split`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tessera::data {

enum class SplitRule { Random, Hash, Group, File };

struct SplitOptions {
  SplitRule by = SplitRule::Random;
  double train =
      0.6;  // shares of the records (of the groups' records, for Group); what is left of 1 is unused
  double validation = 0.2;
  double test = 0.2;
  std::uint64_t seed = 0;
  std::int64_t max_train = 0;       // of the training part, at random, the fewer among the more; 0: all
  std::int64_t max_validation = 0;  // of the validation part
  std::filesystem::path file = {};  // for File
};

/// Record numbers, each list rising.
struct Split {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
  std::vector<std::int64_t> test;
  bool operator==(const Split&) const = default;
};

/// Raises InputError for a name other than random, hash, group, file.
SplitRule split_rule_from_name(const std::string& name);

/// `groups`: the group of each record, for Group only. Raises InputError where shares are not in [0, 1], sum
/// to more than 1, or leave a part empty that should have a share.
Split make_split(const SplitOptions& options, std::span<const std::string> ids,
                 std::span<const std::string> groups = {});

/// splits.csv: `id,split` in order of the records; unused ones do not appear.
void write_split(const std::filesystem::path& path, const Split& split, std::span<const std::string> ids);

/// Raises InputError naming the line for an unknown part or an id given twice, or where nothing is left to
/// train on. Ids that the dataset does not have are counted in a warning.
Split read_split(const std::filesystem::path& path, std::span<const std::string> ids);

}  // namespace tessera::data
