// SPDX-License-Identifier: Apache-2.0
#include "crystal/features.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/random.hpp"
#include "crystal/element.hpp"
#include "crystal/symmetry.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kCellNames = {"refined", "primitive", "given"};

void check_elements(const Structure& structure) {
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom)
    if (structure.elements[atom] > kMaxFeaturedElement)
      throw core::DataError(fmt::format("atom {} is {}: elements beyond {} have no tabulated features",
                                        atom + 1, symbol(structure.elements[atom]),
                                        symbol(kMaxFeaturedElement)));
}

Structure mesh_cell(const Structure& structure, const Symmetry& symmetry, const FeatureOptions& options,
                    std::string_view id) {
  Structure cell = options.cell == CellChoice::Refined     ? symmetry.refined
                   : options.cell == CellChoice::Primitive ? symmetry.primitive
                                                           : structure;
  if (!options.rotate_seed) return cell;
  core::RandomStream random(*options.rotate_seed, "rotate", core::mix_text(id));
  return in_random_setting(cell, random);
}

}  // namespace

CellChoice cell_choice_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kCellNames.size(); ++i)
    if (kCellNames[i] == name) return static_cast<CellChoice>(i);
  throw core::InputError(fmt::format("the cell must be {}, got \"{}\"", fmt::join(kCellNames, ", "), name));
}

std::string_view name_of(CellChoice cell) {
  return kCellNames[static_cast<std::size_t>(cell)];
}

CrystalFeatures make_features(const Structure& structure, const FeatureOptions& options,
                              std::string_view id) {
  check_possible(structure);
  check_elements(structure);
  const auto symmetry = find_symmetry(structure);
  CrystalFeatures features;
  features.space_group = symmetry.space_group;
  if (options.graph) features.graph = make_crystal_graph(structure, *options.graph);
  if (options.mesh) {
    const Structure cell = mesh_cell(structure, symmetry, options, id);
    features.mesh = *options.mesh == kPeriodicMesh ? make_periodic_mesh(cell) : make_touching_mesh(cell);
  }
  return features;
}

std::string feature_options_to_json(const FeatureOptions& options) {
  json object = {
      {"cell", name_of(options.cell)}, {"graph", nullptr}, {"mesh", nullptr}, {"rotate_seed", nullptr}};
  if (options.graph)
    object["graph"] = {{"cutoff_angstrom", options.graph->cutoff_angstrom},
                       {"num_neighbors", options.graph->num_neighbors}};
  if (options.mesh) object["mesh"] = *options.mesh;
  if (options.rotate_seed) object["rotate_seed"] = *options.rotate_seed;
  return object.dump();
}

FeatureOptions feature_options_from_json(std::string_view text) {
  try {
    const auto object = json::parse(text);
    FeatureOptions options{.graph = std::nullopt, .mesh = std::nullopt};
    options.cell = cell_choice_from_name(object.at("cell").get<std::string>());
    if (const auto& graph = object.at("graph"); !graph.is_null())
      options.graph = GraphOptions{.cutoff_angstrom = graph.at("cutoff_angstrom"),
                                   .num_neighbors = graph.at("num_neighbors")};
    if (const auto& mesh = object.at("mesh"); !mesh.is_null()) options.mesh = mesh.get<std::string>();
    if (const auto& seed = object.at("rotate_seed"); !seed.is_null())
      options.rotate_seed = seed.get<std::uint64_t>();
    return options;
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("the settings of the features are damaged: {}", error.what()));
  } catch (const core::InputError& error) {
    throw core::DataError(fmt::format("the settings of the features are damaged: {}", error.what()));
  }
}

}  // namespace tessera::crystal
