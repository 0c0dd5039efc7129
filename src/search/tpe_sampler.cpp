// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "core/random.hpp"
#include "search/draw.hpp"
#include "search/sampler.hpp"
#include "search/tpe_densities.hpp"
#include "search/trial_split.hpp"

namespace tessera::search {
namespace {

class TpeSampler final : public Sampler {
 public:
  explicit TpeSampler(const TpeOptions& options) : options_(options) {}

  std::optional<Settings> suggest(const Space& space, const Study& study,
                                  std::int64_t trial_number) const override {
    core::RandomStream stream(options_.seed, "tpe search", static_cast<std::uint64_t>(trial_number));
    const auto& parameters = space.parameters();
    const TrialSplit split = split_trials(study, trial_number, options_.constant_liar);
    if (split.num_judged < options_.startup_trials)
      return draw_settings(
          space, [&](std::size_t p) { return value_at(parameters[p].distribution, stream.uniform()); });

    const ObservedSettings good(space, split.good), others(space, split.others);
    std::map<std::size_t, std::vector<std::size_t>> together;  // by the first parameter of each group
    for (auto& group : drawn_together(space)) together[group.front()] = std::move(group);
    std::map<std::size_t, double> drawn;
    return draw_settings(space, [&](std::size_t p) {
      if (const auto group = together.find(p); group != together.end()) {
        const auto values =
            TpeDensities(space, group->second, good, others).suggest(stream, options_.candidates);
        for (std::size_t i = 0; i < values.size(); ++i) drawn[group->second[i]] = values[i];
      }
      return drawn.at(p);
    });
  }

 private:
  std::vector<std::vector<std::size_t>> drawn_together(const Space& space) const {
    if (options_.multivariate) return space.groups();
    std::vector<std::vector<std::size_t>> alone;
    for (std::size_t p = 0; p < space.parameters().size(); ++p) alone.push_back({p});
    return alone;
  }

  TpeOptions options_;
};

}  // namespace

std::unique_ptr<Sampler> make_tpe_sampler(const TpeOptions& options) {
  return std::make_unique<TpeSampler>(options);
}

}  // namespace tessera::search
