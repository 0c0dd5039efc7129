// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"
#include "search/draw.hpp"
#include "search/sampler.hpp"

namespace tessera::search {
namespace {

class RandomSampler final : public Sampler {
 public:
  explicit RandomSampler(std::uint64_t seed) : seed_(seed) {}

  std::optional<Settings> suggest(const Space& space, const Study&,
                                  std::int64_t trial_number) const override {
    core::RandomStream stream(seed_, "random search", static_cast<std::uint64_t>(trial_number));
    return draw_settings(
        space, [&](std::size_t p) { return value_at(space.parameters()[p].distribution, stream.uniform()); });
  }

 private:
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Sampler> make_random_sampler(std::uint64_t seed) {
  return std::make_unique<RandomSampler>(seed);
}

}  // namespace tessera::search
