// SPDX-License-Identifier: Apache-2.0
// What every record of a dataset has: the columns of its targets and which features were made, with their
// parameters. The same in each shard and in the manifest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crystal/crystal_graph.hpp"

namespace tessera::data {

struct TargetColumn {
  std::string name;
  std::string unit;  // "" where unknown or without
  bool operator==(const TargetColumn&) const = default;
};

inline const std::string kCrystals = "crystals", kImages = "images";

struct DatasetSchema {
  std::string kind = kCrystals;                // or kImages
  std::vector<TargetColumn> targets;           // in the order of CrystalRecord::targets
  std::optional<crystal::GraphOptions> graph;  // set: every record has a graph, made so
  std::optional<std::string>
      mesh;  // set: every record has a mesh of this kind: "deepcrystet", "slides", "periodic"
  std::int64_t mask_classes = 0;  // images: 0 without masks; 2: boundary (1) or not
};

/// Raises InputError for a name that cannot stand in the dataset (empty, with "/", twice).
void check_target_names(const std::vector<TargetColumn>& targets);

/// Raises InputError naming the targets there are and the nearest of them.
std::size_t target_index(const DatasetSchema& schema, std::string_view name);

}  // namespace tessera::data
