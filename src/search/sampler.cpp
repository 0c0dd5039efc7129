// SPDX-License-Identifier: Apache-2.0
#include "search/sampler.hpp"

#include <fmt/core.h>

#include <array>

#include "core/error.hpp"
#include "search/grid.hpp"

namespace tessera::search {

std::unique_ptr<Sampler> sampler_from_config(core::Config& config, const Space& space) {
  static const std::array<std::string, 4> names{"tpe", "random", "grid", "quasi_random"};
  auto table = config.table("sampler");
  const std::string name = table.choice("name", "tpe", names);
  if (name == "grid") {
    try {
      Grid checked(space);
    } catch (const core::InputError& error) {
      throw core::InputError(fmt::format("{} {}", error.what(), table.where("name")));
    }
    return make_grid_sampler();
  }
  const auto seed = static_cast<std::uint64_t>(table.integer("seed", 0, {0, 9007199254740992.0}));
  if (name == "random") return make_random_sampler(seed);
  if (name == "quasi_random") return make_quasi_random_sampler(seed);
  TpeOptions options;
  options.seed = seed;
  options.multivariate = table.boolean("multivariate", options.multivariate);
  options.constant_liar = table.boolean("constant_liar", options.constant_liar);
  options.startup_trials = table.integer("startup_trials", options.startup_trials, {1, 1e6});
  options.candidates = table.integer("candidates", options.candidates, {1, 1e5});
  return make_tpe_sampler(options);
}

}  // namespace tessera::search
