// SPDX-License-Identifier: Apache-2.0
#include "models/gaussian_basis.hpp"

#include "models/channel_statistics.hpp"
#include "models/simd.hpp"

namespace tessera::models {
namespace {

template <typename Real>
TESSERA_SIMD_CLONES void expand(const Real* distance, std::int64_t count, const Real* centers, Real* result) {
  constexpr Real kSharpness = Real(1 / (kGaussianStepAngstrom * kGaussianStepAngstrom));
  for (std::int64_t i = 0; i < count; ++i, result += kNumGaussians)
    for (int k = 0; k < kNumGaussians; ++k) {
      const Real offset = distance[i] - centers[k];
      result[k] = exp_of_negative(-offset * offset * kSharpness);
    }
}

}  // namespace

torch::Tensor gaussian_basis(const torch::Tensor& distance) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor flat = distance.reshape(-1).contiguous();
  const torch::Tensor centers = (torch::arange(kNumGaussians, torch::kDouble) * kGaussianStepAngstrom)
                                    .to(flat.device(), flat.scalar_type());
  if (!flat.is_cpu()) return (-((flat.unsqueeze(1) - centers) / kGaussianStepAngstrom).square()).exp();
  torch::Tensor basis = torch::empty({flat.size(0), kNumGaussians}, flat.options());
  by_real_type(flat, [&](auto real) {
    using Real = decltype(real);
    expand(flat.data_ptr<Real>(), flat.size(0), centers.data_ptr<Real>(), basis.data_ptr<Real>());
  });
  return basis;
}

}  // namespace tessera::models
