// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/correlation_window.hpp"

#include <fmt/core.h>

#include <vector>

#include "core/error.hpp"

namespace tessera::reconstruction {

torch::Tensor told_phases(const torch::Tensor& shares) {
  return shares.size(1) == 2 ? shares.narrow(1, 1, 1) : shares;
}

torch::Tensor CorrelationWindow::correlations(const torch::Tensor& fields) {
  const auto rows = fields.size(-2), columns = fields.size(-1);
  if (rows != rows_ || columns != columns_) {
    if (2 * reach_ > std::min(rows, columns))
      throw core::InternalError(
          fmt::format("correlations reach {} cells in a plane of {} × {}", reach_, rows, columns));
    std::vector<std::int64_t> places;
    for (std::int64_t dy = 0; dy <= reach_; ++dy)
      for (std::int64_t dx = -reach_; dx <= reach_; ++dx)
        if ((dy > 0 || dx >= 0) && dy * dy + dx * dx <= reach_ * reach_)
          places.push_back(dy * columns + (dx + columns) % columns);
    vectors_ = torch::tensor(places, torch::kInt64);
    rows_ = rows;
    columns_ = columns;
  }
  const auto spectrum = torch::fft::rfft2(fields);
  const auto power = torch::view_as_real(spectrum).square().sum(-1);
  const auto sums = torch::fft::irfft2(torch::complex(power, torch::zeros_like(power)),
                                       std::vector<std::int64_t>{rows, columns});
  return sums.flatten(-2).index_select(-1, vectors_) / static_cast<double>(rows * columns);
}

}  // namespace tessera::reconstruction
