// SPDX-License-Identifier: Apache-2.0
#include "microstructure/synthetic_phases.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::microstructure {
namespace {

using ::testing::HasSubstr;

constexpr std::array kKinds = {PhaseKind::Field, PhaseKind::Discs, PhaseKind::Coating};

// Borders between the phases along an axis, over the picture's border too.
std::int64_t borders(const PhaseMap& map, int axis) {
  const auto n = map.size[2];
  std::int64_t found = 0;
  for (std::int64_t y = 0; y < n; ++y)
    for (std::int64_t x = 0; x < n; ++x) {
      const auto ny = axis == 1 ? (y + 1) % n : y, nx = axis == 2 ? (x + 1) % n : x;
      found += map.labels[static_cast<std::size_t>(y * n + x)] !=
               map.labels[static_cast<std::size_t>(ny * n + nx)];
    }
  return found;
}

TEST(SyntheticPhases, AreTheSameForTheSameSeedAndIndexAlone) {
  for (const auto kind : kKinds) {
    const SyntheticPhasesOptions options{.kind = kind, .size_px = 64, .feature_px = 6};
    const auto made = make_synthetic_phases(options, 1, 7);
    EXPECT_EQ(made.id, "phases-000007");
    EXPECT_EQ(make_synthetic_phases(options, 1, 7).map.labels, made.map.labels);
    EXPECT_NE(make_synthetic_phases(options, 1, 8).map.labels, made.map.labels);
    EXPECT_NE(make_synthetic_phases(options, 2, 7).map.labels, made.map.labels);
  }
}

TEST(SyntheticPhases, HoldTheFractionThatIsAskedFor) {
  for (const auto kind : kKinds) {
    const SyntheticPhasesOptions options{
        .kind = kind, .size_px = 128, .low_fraction = 0.25, .high_fraction = 0.25, .feature_px = 8};
    for (std::int64_t index = 0; index < 4; ++index) {
      const double fraction = phase_fraction(make_synthetic_phases(options, 3, index).map, 1);
      if (kind == PhaseKind::Field) {
        EXPECT_EQ(fraction, 0.25);
      } else {  // the last shape may go beyond it
        EXPECT_GE(fraction, 0.25);
        EXPECT_LT(fraction, 0.28);
      }
    }
  }
}

TEST(SyntheticPhases, FeaturesAreAsWideAndAsLongAsAskedFor) {
  for (const auto kind : {PhaseKind::Field, PhaseKind::Discs}) {
    double across[2] = {0, 0}, longer = 0;
    for (std::int64_t index = 0; index < 6; ++index) {
      SyntheticPhasesOptions options{
          .kind = kind, .size_px = 256, .low_fraction = 0.2, .high_fraction = 0.2, .feature_px = 8};
      across[0] += static_cast<double>(borders(make_synthetic_phases(options, 5, index).map, 2));
      options.feature_px = 16;
      across[1] += static_cast<double>(borders(make_synthetic_phases(options, 5, index).map, 2));
      options.elongation = 4;
      const auto flat = make_synthetic_phases(options, 5, index).map;
      longer += static_cast<double>(borders(flat, 1)) / static_cast<double>(borders(flat, 2)) / 6;
    }
    EXPECT_NEAR(across[0] / across[1], 2, 0.3);
    EXPECT_NEAR(longer, 4, 1);
  }
}

// No more borders across the picture's edge than within it.
TEST(SyntheticPhases, GoOnOverTheBorder) {
  for (const auto kind : kKinds) {
    std::int64_t at_edge = 0, within = 0;
    for (std::int64_t index = 0; index < 8; ++index) {
      const auto map = make_synthetic_phases({.kind = kind, .size_px = 128, .feature_px = 12}, 9, index).map;
      for (std::size_t y = 0; y < 128; ++y) {
        at_edge += map.labels[y * 128 + 127] != map.labels[y * 128];
        within += map.labels[y * 128 + 63] != map.labels[y * 128 + 64];
      }
    }
    EXPECT_LT(static_cast<double>(at_edge), 1.8 * static_cast<double>(within) + 10);
  }
}

TEST(SyntheticPhases, RefuseWhatCannotBe) {
  const auto refusal = [](SyntheticPhasesOptions options) {
    return test::message_of<core::InputError>([&] { options.check(); });
  };
  EXPECT_THAT(refusal({.size_px = 8}), HasSubstr("the size must be 16 to 16384 px, got 8"));
  EXPECT_THAT(refusal({.low_fraction = 0}), HasSubstr("the least fraction must be above 0"));
  EXPECT_THAT(refusal({.low_fraction = 0.5, .high_fraction = 0.4}), HasSubstr("at least the least"));
  EXPECT_THAT(refusal({.size_px = 64, .feature_px = 20}), HasSubstr("a quarter of the size, got 20"));
  EXPECT_THAT(refusal({.elongation = 0.5}), HasSubstr("the elongation must be 1 to 20"));
}

}  // namespace
}  // namespace tessera::microstructure
