// SPDX-License-Identifier: Apache-2.0
// One crystal as a dataset holds it: the atoms as read, the features asked for, its target values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crystal/crystal_graph.hpp"
#include "crystal/mesh.hpp"
#include "crystal/structure.hpp"

namespace tessera::data {

struct CrystalRecord {
  std::string id;
  std::string source;                          // file (and member) it came from
  crystal::Structure structure;                // as read
  std::optional<crystal::CrystalGraph> graph;  // on the atoms as read
  std::optional<crystal::Mesh> mesh;           // in the cell chosen by --cell, with its own sites
  std::vector<double> targets;                 // by the dataset's target names; NaN where missing
};

}  // namespace tessera::data
