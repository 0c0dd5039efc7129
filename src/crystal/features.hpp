// SPDX-License-Identifier: Apache-2.0
// From a crystal as read to all that networks take of it. Preparation and prediction both go through here,
// with options that travel in the dataset's settings: a crystal seen later gets the features the network was
// trained on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crystal/crystal_graph.hpp"
#include "crystal/mesh.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

/// The cell a mesh is built in; a graph is of the crystal as read.
enum class CellChoice { Refined, Primitive, Given };

struct FeatureOptions {
  std::optional<GraphOptions> graph = GraphOptions{};  // absent: no graph
  std::optional<std::string> mesh = "deepcrystet";     // or "slides", the same mesh; "periodic"; absent: none
  CellChoice cell = CellChoice::Refined;
  std::optional<std::uint64_t> rotate_seed = std::nullopt;  // set: the mesh's cell gets a random setting
};

/// "refined", "primitive" or "given"; raises InputError for any other.
CellChoice cell_choice_from_name(std::string_view name);
std::string_view name_of(CellChoice cell);

struct CrystalFeatures {
  int space_group = 0;                // 1 to 230, of the crystal as read, symprec 0.1 Å
  std::optional<CrystalGraph> graph;  // of the crystal as read
  std::optional<Mesh> mesh;
};

/// `id` and the seed give the random rotation and origin, whoever prepares the crystal. Raises DataError
/// where the crystal is impossible, its symmetry cannot be found, or an element has no features (beyond Fm).
CrystalFeatures make_features(const Structure& structure, const FeatureOptions& options, std::string_view id);

/// A JSON object, keys in order of name; and back. Raises DataError where something is missing or unknown.
std::string feature_options_to_json(const FeatureOptions& options);
FeatureOptions feature_options_from_json(std::string_view json);

}  // namespace tessera::crystal
