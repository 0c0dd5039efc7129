// SPDX-License-Identifier: Apache-2.0
// All settings a space allows, numbered: the first parameter changes slowest. A conditional parameter
// multiplies only the points where it is active, so that no two points are the same trial.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "search/space.hpp"

namespace tessera::search {

class Grid {
 public:
  /// Raises InputError for a float without step, and for more than 2^53 points. Keeps a reference to `space`.
  explicit Grid(const Space& space);

  std::int64_t size() const { return size_; }
  /// 0 <= index < size().
  Settings point(std::int64_t index) const;
  /// The inverse of `point`; nothing where the settings are no point of this grid.
  std::optional<std::int64_t> index(const Settings& settings) const;

 private:
  std::vector<std::size_t> children(std::size_t parameter, double value) const;
  std::int64_t combinations(const std::vector<std::size_t>& parameters) const;
  void set(const std::vector<std::size_t>& parameters, std::int64_t index, Settings& settings) const;
  std::optional<std::int64_t> rank(const std::vector<std::size_t>& parameters,
                                   const Settings& settings) const;

  const Space* space_;
  std::vector<std::size_t> roots_;        // unconditional parameters
  std::vector<std::int64_t> num_points_;  // of a parameter with all that hangs on it
  std::vector<bool> is_parent_;
  std::int64_t size_ = 0;
};

}  // namespace tessera::search
