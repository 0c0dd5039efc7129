// SPDX-License-Identifier: Apache-2.0
#include "models/gated_messages.hpp"

#include <algorithm>
#include <vector>

#include "models/channel_statistics.hpp"
#include "models/simd.hpp"

namespace tessera::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Atoms whose edges are walked as one block while they are in cache.
constexpr std::int64_t kBlockAtoms = 4;

struct Shape {
  std::int64_t atoms, neighbors, width;  // width = 2 · channels
  std::int64_t edges() const { return atoms * neighbors; }
};

template <typename Real>
TESSERA_SIMD_CLONES void add_parts(const Real* self, const Real* other, const Real* edge, std::int64_t width,
                                   Real* z) {
  TESSERA_INDEPENDENT
  for (std::int64_t c = 0; c < width; ++c) z[c] = self[c] + other[c] + edge[c];
}

template <typename Real>
struct Logistic {
  Real decay;    // exp(-|x|)
  Real sigmoid;  // of x
};

template <typename Real>
inline Logistic<Real> logistic(Real x) {
  const Real decay = exp_of_negative(x < 0 ? x : -x);
  const Real inverse = Real(1) / (Real(1) + decay);
  return {decay, x < 0 ? decay * inverse : inverse};
}

template <typename Real>
inline Real softplus(Real x, Real decay) {
  return (x < 0 ? Real(0) : x) + log1p_of_fraction(decay);
}

// One atom's sum over its neighbours.
template <typename Real>
TESSERA_SIMD_CLONES void gate_and_sum(const Real* z, std::int64_t neighbors, std::int64_t width,
                                      const Real* scale, const Real* shift, Real* result) {
  const std::int64_t channels = width / 2;
  std::fill_n(result, channels, Real(0));
  for (std::int64_t m = 0; m < neighbors; ++m, z += width) {
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const Real filter = z[c] * scale[c] + shift[c];
      const Real core = z[channels + c] * scale[channels + c] + shift[channels + c];
      result[c] += logistic(filter).sigmoid * softplus(core, logistic(core).decay);
    }
  }
}

// One atom's edges: gradient of the normalised z.
template <typename Real>
TESSERA_SIMD_CLONES void gate_gradient(const Real* z, const Real* gradient, std::int64_t neighbors,
                                       std::int64_t width, const Real* scale, const Real* shift,
                                       Real* result) {
  const std::int64_t channels = width / 2;
  for (std::int64_t m = 0; m < neighbors; ++m, z += width, result += width) {
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t d = channels + c;
      const Real core = z[d] * scale[d] + shift[d];
      const Logistic<Real> filter_gate = logistic(z[c] * scale[c] + shift[c]);
      const Logistic<Real> core_gate = logistic(core);
      const Real passed = gradient[c] * filter_gate.sigmoid;
      result[c] = passed * softplus(core, core_gate.decay) * (Real(1) - filter_gate.sigmoid);
      result[d] = passed * core_gate.sigmoid;
    }
  }
}

// Adds up the rows of `gradient`, and of it times z - mean.
template <typename Real>
TESSERA_SIMD_CLONES void add_gradient_sums(const Real* z, const Real* gradient, std::int64_t rows,
                                           std::int64_t width, const Real* mean, Real* sum,
                                           Real* deviation_sum) {
  for (std::int64_t i = 0; i < rows; ++i, z += width, gradient += width) {
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < width; ++c) {
      sum[c] += gradient[c];
      deviation_sum[c] += gradient[c] * (z[c] - mean[c]);
    }
  }
}

// One atom's edges, in place: gradient of the normalised z -> gradient of z, added to its atom's (`self`) and
// its neighbours' (rows of `other`).
template <typename Real>
TESSERA_SIMD_CLONES void spread_gradient(const Real* z, const std::int64_t* neighbor, std::int64_t neighbors,
                                         std::int64_t width, const Real* scale, const Real* constant,
                                         const Real* slope, Real* gradient, Real* self, Real* other) {
  for (std::int64_t m = 0; m < neighbors; ++m, z += width, gradient += width) {
    Real* neighbor_gradient = other + neighbor[m] * width;
    TESSERA_INDEPENDENT
    for (std::int64_t c = 0; c < width; ++c) {
      const Real value = scale[c] * gradient[c] + constant[c] + slope[c] * z[c];
      gradient[c] = value;
      self[c] += value;
      neighbor_gradient[c] += value;
    }
  }
}

template <typename Real>
void fill_edges(const torch::Tensor& self, const torch::Tensor& other, const torch::Tensor& edge,
                const torch::Tensor& neighbor, Shape shape, torch::Tensor& z, Moments* moments) {
  const auto* atom = neighbor.data_ptr<std::int64_t>();
  const Real *own = self.data_ptr<Real>(), *others = other.data_ptr<Real>(), *edges = edge.data_ptr<Real>();
  Real* out = z.data_ptr<Real>();
  std::vector<Real> scratch;
  for (std::int64_t first = 0; first < shape.atoms; first += kBlockAtoms) {
    const std::int64_t begin = first * shape.neighbors;
    const std::int64_t end = std::min(first + kBlockAtoms, shape.atoms) * shape.neighbors;
    for (std::int64_t e = begin; e < end; ++e)
      add_parts(own + e / shape.neighbors * shape.width, others + atom[e] * shape.width,
                edges + e * shape.width, shape.width, out + e * shape.width);
    if (moments)
      moments->add(Rows<const Real>{out + begin * shape.width, end - begin, shape.width, shape.width},
                   scratch);
  }
}

struct GatedSum : torch::autograd::Function<GatedSum> {
  // z: (edges, width) = self + other + edge, already made. The three stand here for their gradients.
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& self,
                               const torch::Tensor& /*other*/, const torch::Tensor& /*edge*/,
                               const torch::Tensor& weight, const torch::Tensor& /*bias*/,
                               const torch::Tensor& z, const torch::Tensor& neighbor,
                               const ChannelAffine& affine, bool batch_statistics) {
    torch::Tensor result = torch::empty({self.size(0), self.size(1) / 2}, self.options());
    const Shape shape{neighbor.size(0), neighbor.size(1), self.size(1)};
    by_real_type(z, [&](auto real) {
      using Real = decltype(real);
      for (std::int64_t i = 0; i < shape.atoms; ++i)
        gate_and_sum(z.data_ptr<Real>() + i * shape.neighbors * shape.width, shape.neighbors, shape.width,
                     affine.scale.data_ptr<Real>(), affine.shift.data_ptr<Real>(),
                     result.data_ptr<Real>() + i * shape.width / 2);
    });
    context->save_for_backward({z, neighbor, weight});
    context->saved_data["affine"] = affine.pack();
    context->saved_data["batch_statistics"] = batch_statistics;
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor &z = saved[0], &neighbor = saved[1], &weight = saved[2];
    const ChannelAffine affine(context->saved_data["affine"]);
    const torch::Tensor gradient = gradients[0].contiguous();
    const Shape shape{neighbor.size(0), neighbor.size(1), z.size(1)};
    torch::Tensor sum = torch::zeros(shape.width, torch::kDouble), deviation_sum = torch::zeros_like(sum);
    torch::Tensor edge = torch::empty_like(z);
    torch::Tensor self = torch::zeros({shape.atoms, shape.width}, z.options()),
                  other = torch::zeros_like(self);
    by_real_type(z, [&](auto real) {
      using Real = decltype(real);
      gradient_sums<Real>(z, gradient, affine, shape, edge, sum, deviation_sum);
      const auto [constant, slope] = statistics_gradient(context->saved_data["batch_statistics"].toBool(),
                                                         shape.edges(), sum, deviation_sum, affine);
      const auto* atom = neighbor.data_ptr<std::int64_t>();
      for (std::int64_t i = 0; i < shape.atoms; ++i) {
        const std::int64_t at = i * shape.neighbors * shape.width;
        spread_gradient(z.data_ptr<Real>() + at, atom + i * shape.neighbors, shape.neighbors, shape.width,
                        affine.scale.data_ptr<Real>(), constant.template data_ptr<Real>(),
                        slope.template data_ptr<Real>(), edge.data_ptr<Real>() + at,
                        self.data_ptr<Real>() + i * shape.width, other.data_ptr<Real>());
      }
    });
    const torch::ScalarType type = weight.scalar_type();
    const torch::Tensor none;
    return {self, other, edge, (deviation_sum * affine.inverse_deviation).to(type), sum.to(type), none,
            none, none,  none};
  }

  template <typename Real>
  static void gradient_sums(const torch::Tensor& z, const torch::Tensor& gradient,
                            const ChannelAffine& affine, Shape shape, torch::Tensor& edge, torch::Tensor& sum,
                            torch::Tensor& deviation_sum) {
    std::vector<Real> block_sum(static_cast<std::size_t>(shape.width)), block_deviation(block_sum.size());
    for (std::int64_t first = 0; first < shape.atoms; first += kBlockAtoms) {
      std::fill(block_sum.begin(), block_sum.end(), Real(0));
      std::fill(block_deviation.begin(), block_deviation.end(), Real(0));
      for (std::int64_t i = first; i < std::min(first + kBlockAtoms, shape.atoms); ++i) {
        const Real* own = z.data_ptr<Real>() + i * shape.neighbors * shape.width;
        Real* result = edge.data_ptr<Real>() + i * shape.neighbors * shape.width;
        gate_gradient(own, gradient.data_ptr<Real>() + i * shape.width / 2, shape.neighbors, shape.width,
                      affine.scale.data_ptr<Real>(), affine.shift.data_ptr<Real>(), result);
        add_gradient_sums(own, result, shape.neighbors, shape.width, affine.mean.data_ptr<Real>(),
                          block_sum.data(), block_deviation.data());
      }
      add_to_totals(block_sum, block_deviation, sum, deviation_sum);
    }
  }
};

torch::Tensor walkable_real(const torch::Tensor& tensor) {
  return tensor.to(real_type_of(tensor)).contiguous();
}

}  // namespace

torch::Tensor gated_messages(const torch::Tensor& self, const torch::Tensor& other, const torch::Tensor& edge,
                             const torch::Tensor& neighbor, torch::nn::BatchNorm1dImpl& norm) {
  if (!self.is_cpu()) return gated_messages_composed(self, other, edge, neighbor, norm);
  const torch::Tensor own = walkable_real(self), others = walkable_real(other), edges = walkable_real(edge);
  const Shape shape{neighbor.size(0), neighbor.size(1), own.size(1)};
  const bool batch_statistics = uses_batch_statistics(norm, edges);
  torch::Tensor z = torch::empty(edges.sizes(), edges.options());
  const ChannelAffine affine = [&] {
    const torch::NoGradGuard no_grad;
    Moments moments(shape.width);
    by_real_type(z, [&](auto real) {
      fill_edges<decltype(real)>(own, others, edges, neighbor, shape, z,
                                 batch_statistics ? &moments : nullptr);
    });
    return batch_statistics ? affine_of_batch(moments, norm, z.scalar_type())
                            : affine_of_running(norm, z.scalar_type());
  }();
  return GatedSum::apply(own, others, edges, norm.weight, norm.bias, z, neighbor.contiguous(), affine,
                         batch_statistics);
}

torch::Tensor gated_messages_composed(const torch::Tensor& self, const torch::Tensor& other,
                                      const torch::Tensor& edge, const torch::Tensor& neighbor,
                                      torch::nn::BatchNorm1dImpl& norm) {
  const std::int64_t atoms = neighbor.size(0), neighbors = neighbor.size(1), width = self.size(1);
  const torch::Tensor z = self.unsqueeze(1) +
                          other.index_select(0, neighbor.reshape(-1)).view({atoms, neighbors, width}) +
                          edge.view({atoms, neighbors, width});
  const torch::Tensor normalised =
      batch_norm_composed(z.view({-1, width}), norm).view({atoms, neighbors, 2, width / 2});
  return (torch::sigmoid(normalised.select(2, 0)) * torch::nn::functional::softplus(normalised.select(2, 1)))
      .sum(1);
}

}  // namespace tessera::models
