// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "search/grid.hpp"
#include "search/sampler.hpp"

namespace tessera::search {
namespace {

class GridSampler final : public Sampler {
 public:
  std::optional<Settings> suggest(const Space& space, const Study& study,
                                  std::int64_t trial_number) const override {
    const Grid grid(space);
    std::vector<std::int64_t> taken;
    std::int64_t hidden = trial_number;  // earlier trials that are not shown
    for (const Trial& trial : study.trials) {
      if (trial.number == trial_number) continue;
      if (trial.number < trial_number) --hidden;
      if (const auto index = grid.index(trial.settings)) taken.push_back(*index);
    }
    std::ranges::sort(taken);
    const auto twice = std::ranges::unique(taken);
    taken.erase(twice.begin(), twice.end());

    // The point that `hidden` free ones stand before.
    std::int64_t index = hidden;
    for (const std::int64_t other : taken)
      if (other <= index) ++index;
    if (index >= grid.size()) return std::nullopt;
    return grid.point(index);
  }
};

}  // namespace

std::unique_ptr<Sampler> make_grid_sampler() {
  return std::make_unique<GridSampler>();
}

}  // namespace tessera::search
