// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "core/error.hpp"
#include "reconstruction/descriptors.hpp"
#include "reconstruction/phase_shares.hpp"

namespace tessera::reconstruction {
namespace {

class GramDescriptor final : public Descriptor {
 public:
  GramDescriptor(std::shared_ptr<models::Encoder> encoder, const torch::Tensor& sample)
      : encoder_(std::move(encoder)), type_(encoder_->parameters().front().scalar_type()) {
    torch::NoGradGuard fixed;
    for (const auto& gram : grams(sample.unsqueeze(0))) {
      norms_.push_back(gram.norm().item<double>());
      if (!(norms_.back() > 0))
        throw core::InputError(fmt::format(
            "encoder.layers must be active on the sample, {} is not. Leave it out, or take another encoder.",
            encoder_->layers()[norms_.size() - 1]));
    }
  }

  torch::Tensor describe(const torch::Tensor& shares) override {
    std::vector<torch::Tensor> parts;
    const auto matrices = grams(shares);
    for (std::size_t layer = 0; layer < matrices.size(); ++layer)
      parts.push_back((matrices[layer] / norms_[layer]).flatten(1));
    return torch::cat(parts, 1).to(torch::kFloat64);
  }

 private:
  // (planes, channels, channels) of each layer.
  std::vector<torch::Tensor> grams(const torch::Tensor& shares) {
    std::vector<torch::Tensor> matrices;
    for (const auto& activation : encoder_->activations(in_colours(shares.to(type_)))) {
      const auto rows = activation.flatten(2);
      matrices.push_back(torch::bmm(rows, rows.transpose(1, 2)) / static_cast<double>(rows.size(2)));
    }
    return matrices;
  }

  std::shared_ptr<models::Encoder> encoder_;
  torch::ScalarType type_;
  std::vector<double> norms_;
};

}  // namespace

std::unique_ptr<Descriptor> make_gram_descriptor(std::shared_ptr<models::Encoder> encoder,
                                                 const torch::Tensor& sample) {
  return std::make_unique<GramDescriptor>(std::move(encoder), sample);
}

}  // namespace tessera::reconstruction
