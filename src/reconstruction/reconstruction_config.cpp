// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/reconstruction_config.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "reconstruction/phase_shares.hpp"

namespace tessera::reconstruction {

namespace {
constexpr double kMany = 1e9;
constexpr std::int64_t kLongestEdge = 4096;
}  // namespace

ReconstructionConfig read_reconstruction_config(core::Config& config) {
  ReconstructionConfig read;
  auto sample = config.table("sample");
  read.image = sample.required_text("image");
  read.phases = static_cast<int>(sample.integer("phases", 0, {0, kMostReconstructed}));

  auto encoder = config.table("encoder");
  read.encoder.name = encoder.text("name", read.encoder.name);
  read.encoder.folder = encoder.text("folder", read.encoder.folder.string());
  read.encoder.layers = encoder.texts("layers", {});
  read.encoder.seed = static_cast<std::uint64_t>(encoder.integer("seed", 0, {0, kMany}));
  read.in_float64 =
      encoder.choice("precision", "float32", std::vector<std::string>{"float32", "float64"}) == "float64";

  auto descriptors = config.table("descriptors");
  auto& weights = read.options.weights;
  weights.gram = descriptors.number("gram", weights.gram, {0, kMany});
  weights.two_point = descriptors.number("two_point", weights.two_point, {0, kMany});
  weights.lineal_path = descriptors.number("lineal_path", weights.lineal_path, {0, kMany});
  weights.cluster = descriptors.number("cluster", weights.cluster, {0, kMany});
  weights.sharpness = descriptors.number("sharpness", weights.sharpness, {0, kMany});
  weights.reach = descriptors.integer("reach", weights.reach, {1, kLongestEdge});
  if (weights.gram + weights.two_point + weights.lineal_path + weights.cluster == 0)
    descriptors.refuse("gram", "above 0, or another descriptor's weight", "There is nothing to match.");

  auto table = config.table("reconstruct");
  read.count = table.integer("count", read.count, {1, kMany});
  read.edge = table.integer("size", 0, {0, kLongestEdge});
  read.slices = table.integer("slices", read.slices, {1, kLongestEdge});
  read.options.iterations = table.integer("iterations", read.options.iterations, {1, kMany});
  read.options.levels = table.integer("levels", 0, {0, 12});
  read.options.seed = static_cast<std::uint64_t>(table.integer("seed", 0, {0, kMany}));
  auto baseline = config.table("baseline");
  read.baseline_count = baseline.integer("count", read.baseline_count, {0, kMany});
  read.swaps_per_cell = baseline.integer("swaps_per_cell", read.swaps_per_cell, {1, kMany});
  read.checkpoint_minutes =
      config.table("checkpoint").number("every_minutes", read.checkpoint_minutes, {0, kMany});
  read.folder = config.table("run").required_text("dir");
  config.refuse_unknown();
  return read;
}

void fit_to_sample(ReconstructionConfig& config, const microstructure::PhaseMap& sample) {
  const auto found = static_cast<int>(sample.levels.size());
  if (config.phases != 0 && config.phases != found)
    throw core::InputError(fmt::format("{} must have sample.phases = {} grey levels, it has {}",
                                       config.image.string(), config.phases, found));
  if (found < 2 || found > kMostReconstructed)
    throw core::InputError(fmt::format("{} must have 2 to {} grey levels, one a phase, it has {}",
                                       config.image.string(), kMostReconstructed, found));
  config.phases = found;
  config.options.size = {config.slices, config.edge == 0 ? sample.size[1] : config.edge,
                         config.edge == 0 ? sample.size[2] : config.edge};
  if (config.options.levels == 0) config.options.levels = most_levels(sample, config.options.size);
  check(config.options, sample);
  if (config.slices > 1) config.baseline_count = 0;  // annealing a volume's pairs would take days
}

}  // namespace tessera::reconstruction
