// SPDX-License-Identifier: Apache-2.0
// From a quantity to pixels, linear or logarithmic, and the round values (1, 2, 5 times a power of ten) that
// its axis shows.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace tessera::report {

struct Interval {
  double low = 0;
  double high = 1;
};

struct Tick {
  double value = 0;
  std::string label;
};

/// The span of the finite values, widened by `margin` of its width on both sides, never empty. Where
/// logarithmic, only positive values count and the margin is one of the logarithm.
Interval interval_of(std::span<const double> values, bool logarithmic, double margin);

/// At most `most` + 1 ticks within the interval.
std::vector<Tick> linear_ticks(Interval interval, int most = 6);
/// Powers of ten, with 2 and 5 between them while there are few; linear ones within half a decade.
std::vector<Tick> logarithmic_ticks(Interval interval, int most = 6);

class Scale {
 public:
  /// `low` lands on pixel `from`, `high` on pixel `to`.
  Scale(Interval interval, bool logarithmic, double from, double to)
      : interval_(interval), logarithmic_(logarithmic), from_(from), to_(to) {}

  double operator()(double value) const;
  /// False for NaN, infinities and, where logarithmic, what is not positive.
  bool can_show(double value) const;
  std::vector<Tick> ticks(int most = 6) const;
  Interval interval() const { return interval_; }

 private:
  Interval interval_;
  bool logarithmic_;
  double from_;
  double to_;
};

}  // namespace tessera::report
