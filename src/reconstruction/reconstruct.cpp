// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/reconstruct.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/random.hpp"
#include "reconstruction/decoder.hpp"
#include "reconstruction/objective.hpp"
#include "reconstruction/phase_shares.hpp"

namespace tessera::reconstruction {
namespace {

using microstructure::GridSize;
using microstructure::PhaseMap;

constexpr std::int64_t kShortestEdge = 16;  // of the coarsest level: five poolings of an encoder need it
// Clusters are found anew so often; the minimiser then starts anew too, for its function has changed.
constexpr std::int64_t kHeldIterations = 25;
// Each cluster has a field of its own while they are transformed.
constexpr std::int64_t kMostCellsInClusters = std::int64_t{1} << 16;

std::int64_t shortest_edge(const GridSize& size) {
  return size[0] > 1 ? *std::ranges::min_element(size) : std::min(size[1], size[2]);
}

std::vector<std::int64_t> shape_of(const GridSize& size, std::int64_t level, std::int64_t variables) {
  std::vector<std::int64_t> shape{variables};
  for (const auto extent : size)
    if (extent > 1) shape.push_back(extent >> level);
  return shape;
}

std::vector<Term> make_terms(const DescriptorWeights& weights, std::int64_t level,
                             const std::shared_ptr<models::Encoder>& encoder, const torch::Tensor& sample) {
  std::vector<Term> terms;
  const auto reach = std::max<std::int64_t>(1, weights.reach >> level);
  if (weights.gram > 0) terms.push_back({weights.gram, make_gram_descriptor(encoder, sample)});
  if (weights.two_point > 0) terms.push_back({weights.two_point, make_two_point_descriptor(reach)});
  if (weights.lineal_path > 0) terms.push_back({weights.lineal_path, make_lineal_path_descriptor(reach)});
  if (weights.cluster > 0) terms.push_back({weights.cluster, make_cluster_descriptor(reach)});
  if (weights.sharpness > 0) terms.push_back({weights.sharpness, make_sharpness_descriptor()});
  return terms;
}

// Noise about the phases' fractions.
std::vector<double> noise(const torch::Tensor& sample, std::int64_t variables, std::int64_t cells,
                          std::uint64_t seed, std::int64_t index) {
  core::RandomStream random(seed, "reconstruction", static_cast<std::uint64_t>(index));
  std::vector<double> values;
  for (std::int64_t i = 0; i < variables; ++i) {
    const double fraction = sample[variables == 1 ? 1 : i].mean().item<double>();
    for (std::int64_t cell = 0; cell < cells; ++cell)
      values.push_back(std::clamp(fraction + 0.1 * random.normal(), 0.0, 1.0));
  }
  return values;
}

// Twice as fine, between the cells.
std::vector<double> finer(std::span<const double> variables, const std::vector<std::int64_t>& coarse,
                          const std::vector<std::int64_t>& fine) {
  namespace F = torch::nn::functional;
  const auto field = torch::from_blob(const_cast<double*>(variables.data()), coarse, torch::kFloat64);
  auto options = F::InterpolateFuncOptions()
                     .size(std::vector<std::int64_t>(fine.begin() + 1, fine.end()))
                     .align_corners(false);
  if (coarse.size() == 4)
    options.mode(torch::kTrilinear);
  else
    options.mode(torch::kBilinear);
  const auto result = F::interpolate(field.unsqueeze(0), options).clamp(0, 1).contiguous();
  return {result.data_ptr<double>(), result.data_ptr<double>() + result.numel()};
}

}  // namespace

std::int64_t most_levels(const PhaseMap& sample, const GridSize& size) {
  std::int64_t levels = 1;
  while ((std::min(shortest_edge(sample.size), shortest_edge(size)) >> levels) >= kShortestEdge) ++levels;
  return levels;
}

void check(const ReconstructionOptions& options, const PhaseMap& sample) {
  if (sample.dimensions() != 2)
    throw core::InputError("the sample must be one plane, got a volume. Take a slice of it.");
  const auto edge = std::min(shortest_edge(sample.size), shortest_edge(options.size));
  if (edge < kShortestEdge)
    throw core::InputError(
        fmt::format("sample and result must be at least {} px wide, got {}", kShortestEdge, edge));
  if (options.levels > most_levels(sample, options.size))
    throw core::InputError(fmt::format(
        "reconstruct.levels must be at most {} for {} px: the coarsest needs {} px along every edge, got {}",
        most_levels(sample, options.size), edge, kShortestEdge, options.levels));
  if (2 * options.weights.reach > edge)
    throw core::InputError(fmt::format(
        "descriptors.reach must be at most {}, half the shortest edge of sample and result, got {}", edge / 2,
        options.weights.reach));
  const std::int64_t cells = options.size[0] * options.size[1] * options.size[2],
                     most = BoundedMinimiser::most_variables() /
                            num_variables(static_cast<int>(sample.levels.size()));
  if (cells > most)
    throw core::InputError(
        fmt::format("reconstruct.size and slices must give {} cells at most, got {}", most, cells));
  if (options.weights.cluster > 0 && cells > kMostCellsInClusters)
    throw core::InputError(fmt::format(
        "descriptors.cluster must be 0 for more than {} cells, got {}: it would take too much memory",
        kMostCellsInClusters, cells));
  if (options.size[0] > 1 && options.weights.cluster > 0)
    throw core::InputError(
        "descriptors.cluster must be 0 for a volume: what hangs together in a volume does not in its planes");
}

Reconstruction reconstruct(const PhaseMap& sample, int phases,
                           const std::shared_ptr<models::Encoder>& encoder,
                           const ReconstructionOptions& options, std::int64_t index,
                           std::optional<Progress> from,
                           const std::function<bool(const Progress&)>& after_iteration) {
  std::vector<torch::Tensor> samples{shares_of(sample, phases)};
  for (std::int64_t level = 1; level < options.levels; ++level) samples.push_back(coarser(samples.back()));

  const auto variables = num_variables(phases);
  const std::int64_t coarsest = options.levels - 1;
  Reconstruction result;
  std::vector<double> point;
  for (std::int64_t level = from ? from->level : coarsest; level >= 0; --level) {
    const auto shape = shape_of(options.size, level, variables);
    const auto& target = samples[static_cast<std::size_t>(level)];
    Objective objective(make_terms(options.weights, level, encoder, target), target, shape);
    const Function function = [&](std::span<const double> x, std::span<double> gradient) {
      return objective.evaluate(x, gradient);
    };
    Progress progress{.level = level,
                      .iterations_before = result.iterations,
                      .evaluations_before = result.evaluations,
                      .held = {},
                      .minimiser = {}};
    if (from) {
      progress = *std::exchange(from, std::nullopt);
    } else {
      if (point.empty())
        point = noise(target, variables, c10::multiply_integers(shape) / variables, options.seed, index);
      else
        point = finer(point, shape_of(options.size, level + 1, variables), shape);
      progress.minimiser = BoundedMinimiser(std::move(point), 0, 1).state();
      progress.held = progress.minimiser.point;
    }
    BoundedMinimiser minimiser(std::move(progress.minimiser), 0, 1);
    objective.hold(progress.held);
    bool moves = true;
    while (progress.iteration < options.iterations && moves) {
      if (objective.must_be_held() && progress.iteration > 0 && progress.iteration % kHeldIterations == 0) {
        progress.held.assign(minimiser.point().begin(), minimiser.point().end());
        objective.hold(progress.held);
        progress.evaluations_before += minimiser.state().evaluations;
        minimiser = BoundedMinimiser(progress.held, 0, 1);
      }
      moves = minimiser.iterate(function);
      ++progress.iteration;
      if (!moves || !after_iteration) continue;
      progress.minimiser = minimiser.state();
      if (!after_iteration(progress)) {
        result.finished = false;
        return result;
      }
    }
    result.evaluations = progress.evaluations_before + minimiser.state().evaluations;
    result.iterations = progress.iterations_before + progress.iteration;
    result.value = minimiser.value();
    point.assign(minimiser.point().begin(), minimiser.point().end());
  }

  const auto shares = shares_of_variables(torch::from_blob(point.data(), shape_of(options.size, 0, variables),
                                                           torch::kFloat64))
                          .contiguous();
  const auto cells = options.size[0] * options.size[1] * options.size[2];
  result.map = {.size = options.size,
                .labels = decode({shares.data_ptr<double>(), static_cast<std::size_t>(shares.numel())},
                                 phase_counts(sample, phases, cells)),
                .levels = sample.levels};
  return result;
}

}  // namespace tessera::reconstruction
