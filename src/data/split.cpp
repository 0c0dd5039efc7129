// SPDX-License-Identifier: Apache-2.0
#include "data/split.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/random.hpp"

namespace tessera::data {
namespace {

using Records = std::vector<std::int64_t>;

const std::array<std::string, 3> kParts{"train", "validation", "test"};

std::array<Records*, 3> parts_of(Split& split) {
  return {&split.train, &split.validation, &split.test};
}

std::array<double, 3> checked_shares(const SplitOptions& options) {
  const std::array<double, 3> shares{options.train, options.validation, options.test};
  for (std::size_t p = 0; p < 3; ++p)
    if (!(shares[p] >= 0 && shares[p] <= 1))
      throw core::InputError(
          fmt::format("split.{} must be a share from 0 to 1, got {}", kParts[p], shares[p]));
  if (shares[0] <= 0) throw core::InputError("split.train must be above 0: there is nothing to train on");
  // 0.6 + 0.2 + 0.2 is above 1 by a rounding.
  if (const double sum = shares[0] + shares[1] + shares[2]; sum > 1 + 1e-9)
    throw core::InputError(
        fmt::format("split.train + split.validation + split.test must be at most 1, got {}", sum));
  return shares;
}

// Shares of a shuffled list, cut at rounded places.
Split split_at_random(const std::array<double, 3>& shares, std::size_t count, std::uint64_t seed) {
  Records order(count);
  std::iota(order.begin(), order.end(), 0);
  core::RandomStream(seed, "split").shuffle(std::span(order));
  Split split;
  double cumulated = 0;
  std::int64_t begin = 0;
  const auto parts = parts_of(split);
  for (std::size_t p = 0; p < 3; ++p) {
    cumulated += shares[p];
    const auto end =
        std::min(std::llround(cumulated * static_cast<double>(count)), static_cast<long long>(count));
    parts[p]->assign(order.begin() + begin, order.begin() + end);
    begin = end;
  }
  return split;
}

Split split_by_hash(const std::array<double, 3>& shares, std::span<const std::string> ids,
                    std::uint64_t seed) {
  Split split;
  const auto parts = parts_of(split);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const double place = std::ldexp(static_cast<double>(core::mix_text(ids[i], seed) >> 11), -53);
    double end = 0;
    for (std::size_t p = 0; p < 3; ++p) {
      end += shares[p];
      // The last share ends at 1 whatever was rounded away.
      if (place < (end > 1 - 1e-9 ? 1.0 : end)) {
        parts[p]->push_back(static_cast<std::int64_t>(i));
        break;
      }
    }
  }
  return split;
}

// Groups in shuffled order, each to the part that is the least full for its share; what is left of 1 counts
// as a fourth part that is thrown away.
Split split_by_group(const std::array<double, 3>& shares, std::span<const std::string> groups,
                     std::uint64_t seed) {
  std::map<std::string, Records> members;
  for (std::size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(static_cast<std::int64_t>(i));
  std::vector<const Records*> order;
  for (const auto& [name, records] : members) order.push_back(&records);
  core::RandomStream(seed, "split").shuffle(std::span(order));

  Split split;
  Records unused;
  const auto parts = parts_of(split);
  const std::array<Records*, 4> bins{parts[0], parts[1], parts[2], &unused};
  const double rest = 1 - shares[0] - shares[1] - shares[2];
  const std::array<double, 4> wanted{shares[0], shares[1], shares[2], rest > 1e-9 ? rest : 0};
  for (const Records* group : order) {
    std::size_t emptiest = 0;
    const auto fill = [&](std::size_t bin) { return static_cast<double>(bins[bin]->size()) / wanted[bin]; };
    for (std::size_t bin = 1; bin < 4; ++bin)
      if (wanted[bin] > 0 && fill(bin) < fill(emptiest)) emptiest = bin;
    bins[emptiest]->insert(bins[emptiest]->end(), group->begin(), group->end());
  }
  return split;
}

// A shuffled list's beginning, so that a learning curve's smaller sets lie in its larger ones.
void keep_at_most(std::int64_t count, std::uint64_t seed, Records& part) {
  if (count <= 0 || count >= std::ssize(part)) return;
  core::RandomStream(seed, "split limit").shuffle(std::span(part));
  part.resize(static_cast<std::size_t>(count));
  std::sort(part.begin(), part.end());
}

}  // namespace

SplitRule split_rule_from_name(const std::string& name) {
  if (name == "random") return SplitRule::Random;
  if (name == "hash") return SplitRule::Hash;
  if (name == "group") return SplitRule::Group;
  if (name == "file") return SplitRule::File;
  throw core::InputError(fmt::format("split.by must be random, hash, group or file, got \"{}\"", name));
}

Split make_split(const SplitOptions& options, std::span<const std::string> ids,
                 std::span<const std::string> groups) {
  Split split;
  const auto parts = parts_of(split);
  if (options.by == SplitRule::File) {
    split = read_split(options.file, ids);
  } else {
    const auto shares = checked_shares(options);
    if (options.by == SplitRule::Group && groups.size() != ids.size())
      throw core::InputError("split.by = \"group\" needs a group for each record, and the dataset has none");
    split = options.by == SplitRule::Random ? split_at_random(shares, ids.size(), options.seed)
            : options.by == SplitRule::Hash ? split_by_hash(shares, ids, options.seed)
                                            : split_by_group(shares, groups, options.seed);
    for (std::size_t p = 0; p < 3; ++p)
      if (shares[p] > 0 && parts[p]->empty())
        throw core::InputError(fmt::format(
            "the {} part of the split is empty: a share of {} of {} records. Give it a larger share, 0, or "
            "more "
            "records{}.",
            kParts[p], shares[p], ids.size(), options.by == SplitRule::Group ? " in more groups" : ""));
    for (auto* part : parts) std::sort(part->begin(), part->end());
  }
  keep_at_most(options.max_train, options.seed, split.train);
  keep_at_most(options.max_validation, options.seed, split.validation);
  return split;
}

void write_split(const std::filesystem::path& path, const Split& split, std::span<const std::string> ids) {
  std::vector<std::pair<std::int64_t, std::size_t>> lines;
  Split copy = split;
  const auto parts = parts_of(copy);
  for (std::size_t p = 0; p < 3; ++p)
    for (auto record : *parts[p]) lines.emplace_back(record, p);
  std::sort(lines.begin(), lines.end());
  std::string text = core::csv_line({"id", "split"});
  for (const auto& [record, part] : lines)
    text += core::csv_line({ids[static_cast<std::size_t>(record)], kParts[part]});
  core::write_file_atomically(path, text);
}

Split read_split(const std::filesystem::path& path, std::span<const std::string> ids) {
  const auto table = core::read_csv(path);
  const auto id_column = table.column("id"), part_column = table.column("split");
  if (!id_column || !part_column)
    throw core::InputError(fmt::format("{}:1: must have the columns id and split", path.string()));
  std::unordered_map<std::string, std::int64_t> record_of;
  for (std::size_t i = 0; i < ids.size(); ++i) record_of.emplace(ids[i], static_cast<std::int64_t>(i));

  Split split;
  const auto parts = parts_of(split);
  std::unordered_set<std::string> seen;
  std::int64_t strangers = 0;
  for (const auto& row : table.rows) {
    const auto &id = row.fields[*id_column], &part = row.fields[*part_column];
    const auto known = std::find(kParts.begin(), kParts.end(), part);
    if (known == kParts.end())
      throw core::InputError(fmt::format("{}:{}: split must be train, validation or test, got \"{}\"",
                                         path.string(), row.line, part));
    if (!seen.insert(id).second)
      throw core::InputError(fmt::format("{}:{}: id {} is given twice", path.string(), row.line, id));
    if (const auto found = record_of.find(id); found == record_of.end())
      ++strangers;
    else
      parts[static_cast<std::size_t>(known - kParts.begin())]->push_back(found->second);
  }
  if (strangers > 0)
    core::log::warning("{}: {} of {} ids are not in the dataset", path.string(), strangers,
                       table.rows.size());
  for (auto* part : parts) std::sort(part->begin(), part->end());
  if (split.train.empty())
    throw core::InputError(fmt::format("{} names no record of the dataset for training", path.string()));
  return split;
}

}  // namespace tessera::data
