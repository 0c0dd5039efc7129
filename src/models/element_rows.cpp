// SPDX-License-Identifier: Apache-2.0
#include "models/element_rows.hpp"

#include <algorithm>
#include <vector>

#include "crystal/element.hpp"
#include "models/channel_statistics.hpp"
#include "models/simd.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// `sum` is working memory of as many channels.
template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void gather_mean(const Real* table, const std::int64_t* index, std::int64_t rows,
                                     std::int64_t corners, std::int64_t channels, Real* sum, Stored* result) {
  const Real share = Real(1) / static_cast<Real>(corners);
  for (std::int64_t i = 0; i < rows; ++i, index += corners, result += channels) {
    std::fill_n(sum, channels, Real(0));
    for (std::int64_t k = 0; k < corners; ++k) {
      const Real* row = table + index[k] * channels;
      TESSERA_INDEPENDENT
      for (std::int64_t c = 0; c < channels; ++c) sum[c] += row[c] * share;
    }
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) store_real(result + c, sum[c]);
  }
}

template <typename Stored, typename Real>
TESSERA_SIMD_CLONES void scatter_mean(const Stored* gradient, const std::int64_t* index, std::int64_t rows,
                                      std::int64_t corners, std::int64_t channels, Real* table) {
  const Real share = Real(1) / static_cast<Real>(corners);
  for (std::int64_t i = 0; i < rows; ++i, index += corners, gradient += channels)
    for (std::int64_t k = 0; k < corners; ++k) {
      Real* row = table + index[k] * channels;
      TESSERA_INDEPENDENT
      for (std::int64_t c = 0; c < channels; ++c) row[c] += load_real(gradient + c) * share;
    }
}

// The table in its real type, the rows and their gradient in the type that memory is spent on.
struct MeanOfRows : torch::autograd::Function<MeanOfRows> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& table,
                               const torch::Tensor& index, torch::ScalarType type) {
    torch::Tensor result = torch::empty({index.size(0), table.size(1)}, table.options().dtype(type));
    by_stored_type(result, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      std::vector<Real> sum(static_cast<std::size_t>(table.size(1)));
      gather_mean<Stored, Real>(table.data_ptr<Real>(), index.data_ptr<std::int64_t>(), index.size(0),
                                index.size(1), table.size(1), sum.data(),
                                static_cast<Stored*>(result.data_ptr()));
    });
    context->save_for_backward({index});
    context->saved_data["entries"] = table.size(0);
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const torch::Tensor index = context->get_saved_variables()[0];
    const torch::Tensor gradient = gradients[0].contiguous();
    torch::Tensor table = torch::zeros({context->saved_data["entries"].toInt(), gradient.size(1)},
                                       gradient.options().dtype(real_type_of(gradient)));
    by_stored_type(gradient, [&](auto stored) {
      using Stored = decltype(stored);
      using Real = RealOf<Stored>;
      scatter_mean<Stored, Real>(static_cast<const Stored*>(gradient.data_ptr()),
                                 index.data_ptr<std::int64_t>(), index.size(0), index.size(1), table.size(1),
                                 table.data_ptr<Real>());
    });
    return {table, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor element_feature_table() {
  torch::Tensor table = torch::zeros({crystal::kMaxFeaturedElement + 1, crystal::kNumAtomFeatures});
  auto rows = table.accessor<float, 2>();
  for (int element = 1; element <= crystal::kMaxFeaturedElement; ++element) {
    const auto bits = crystal::atom_features(element);
    for (int bit = 0; bit < crystal::kNumAtomFeatures; ++bit)
      rows[element][bit] = static_cast<float>(bits[static_cast<std::size_t>(bit)]);
  }
  return table;
}

torch::Tensor mean_of_rows(const torch::Tensor& table, const torch::Tensor& index) {
  if (!table.is_cpu())
    return table.index_select(0, index.reshape(-1))
        .view({index.size(0), index.size(1), table.size(1)})
        .mean(1);
  const torch::ScalarType type = table.scalar_type() == torch::kHalf ? torch::kFloat : table.scalar_type();
  return MeanOfRows::apply(table.to(real_type_of(table)).contiguous(), index.contiguous(), type)
      .to(table.scalar_type());
}

}  // namespace tessera::models
