// SPDX-License-Identifier: Apache-2.0
#include "search/grid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace tessera::search {
namespace {

// A count of points, refused where it has no exact double.
std::int64_t checked(double points) {
  if (points > 9007199254740992.0)
    throw core::InputError(
        fmt::format("a grid must have at most 2^53 points, and this space has {:.0e}. Take larger steps, or "
                    "sampler.name = "
                    "\"random\".",
                    points));
  return static_cast<std::int64_t>(points);
}

}  // namespace

Grid::Grid(const Space& space)
    : space_(&space), num_points_(space.parameters().size()), is_parent_(space.parameters().size()) {
  const auto& parameters = space.parameters();
  for (const auto& parameter : parameters)
    if (parameter.when) is_parent_[parameter.when->parent] = true;
  // Children stand after their parents: backwards, they are counted first.
  for (std::size_t p = parameters.size(); p-- > 0;) {
    const auto count = num_values(parameters[p].distribution);
    if (!count)
      throw core::InputError(fmt::format(
          "a grid needs a step for each float, and {} has none. Give it one, make it a categorical, or take "
          "sampler.name = \"random\".",
          parameters[p].key));
    double points = is_parent_[p] ? 0 : static_cast<double>(*count);
    for (std::int64_t i = 0; is_parent_[p] && i < *count; ++i) {
      points += static_cast<double>(combinations(children(p, value_of_index(parameters[p].distribution, i))));
      checked(points);
    }
    num_points_[p] = checked(points);
    if (!parameters[p].when) roots_.insert(roots_.begin(), p);
  }
  size_ = combinations(roots_);
}

Settings Grid::point(std::int64_t index) const {
  Settings settings;
  set(roots_, index, settings);
  return settings;
}

std::optional<std::int64_t> Grid::index(const Settings& settings) const {
  const auto place = rank(roots_, settings);
  // What is in no branch of the grid that was walked makes the settings another space's.
  if (!place || point(*place).size() != settings.size()) return std::nullopt;
  return place;
}

std::vector<std::size_t> Grid::children(std::size_t parameter, double value) const {
  std::vector<std::size_t> active;
  const auto& parameters = space_->parameters();
  for (std::size_t p = parameter + 1; p < parameters.size(); ++p)
    if (const auto& when = parameters[p].when;
        when && when->parent == parameter && std::ranges::binary_search(when->values, value))
      active.push_back(p);
  return active;
}

std::int64_t Grid::combinations(const std::vector<std::size_t>& parameters) const {
  double product = 1;
  for (const std::size_t p : parameters) product *= static_cast<double>(num_points_[p]);
  return checked(product);
}

void Grid::set(const std::vector<std::size_t>& parameters, std::int64_t index, Settings& settings) const {
  for (std::size_t i = parameters.size(); i-- > 0;) {
    const std::size_t p = parameters[i];
    const auto& parameter = space_->parameters()[p];
    std::int64_t rest = index % num_points_[p];
    index /= num_points_[p];
    // Of a parameter that nothing hangs on the point is the value.
    for (std::int64_t v = is_parent_[p] ? 0 : std::exchange(rest, 0);; ++v) {
      const double value = value_of_index(parameter.distribution, v);
      const auto active = children(p, value);
      const std::int64_t points = combinations(active);
      if (rest < points) {
        settings[parameter.key] = {parameter.distribution, value};
        set(active, rest, settings);
        break;
      }
      rest -= points;
    }
  }
}

std::optional<std::int64_t> Grid::rank(const std::vector<std::size_t>& parameters,
                                       const Settings& settings) const {
  std::int64_t index = 0;
  for (const std::size_t p : parameters) {
    const auto& parameter = space_->parameters()[p];
    const auto setting = settings.find(parameter.key);
    if (setting == settings.end()) return std::nullopt;
    const auto place = index_of_value(parameter.distribution, setting->second.value);
    if (!place) return std::nullopt;
    std::int64_t before = is_parent_[p] ? 0 : *place;
    for (std::int64_t v = 0; is_parent_[p] && v < *place; ++v)
      before += combinations(children(p, value_of_index(parameter.distribution, v)));
    const auto inside = rank(children(p, value_of_index(parameter.distribution, *place)), settings);
    if (!inside) return std::nullopt;
    index = index * num_points_[p] + before + *inside;
  }
  return index;
}

}  // namespace tessera::search
