// SPDX-License-Identifier: Apache-2.0
#include "train/divergence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "train/gradient_step.hpp"

namespace tessera::train {
namespace {

std::string first_bad_tensor(const NamedParameters& parameters) {
  for (const auto& [name, parameter] : parameters)
    if (!parameter.grad().isfinite().all().item<bool>()) return "the gradient of " + name;
  return "the loss";
}

// One at a time, and on raw outputs: a class of the best five is a number whatever the scores are.
std::vector<std::int64_t> bad_records(const TrainingParts& parts, std::span<const std::int64_t> batch) {
  std::vector<std::int64_t> bad;
  parts.comm.together("look for bad records", [&] {
    const torch::NoGradGuard no_gradients;
    parts.network.eval();
    // The step may have carried one record's NaN into the batch-norm statistics, and so to all others.
    for (auto& buffer : parts.network.buffers())
      if (buffer.is_floating_point()) buffer.nan_to_num_(1.0, 1.0, 1.0);
    for (std::size_t i = static_cast<std::size_t>(parts.comm.rank()); i < batch.size();
         i += static_cast<std::size_t>(parts.comm.size())) {
      const auto input = parts.feed.batch(batch.subspan(i, 1));
      const AutocastScope autocast(parts.config.train.precision == "bf16", input.target.device());
      if (!parts.network.forward(input).isfinite().all().item<bool>()) bad.push_back(batch[i]);
    }
  });
  auto all = parts.comm.all_gather(std::span<const std::int64_t>(bad), "gather bad records");
  std::sort(all.begin(), all.end());
  return all;
}

std::string describe(const TrainingParts& parts, const std::vector<std::int64_t>& records) {
  if (records.empty()) return "no record of the batch gives it alone";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min<std::size_t>(records.size(), 5); ++i)
    names.push_back(parts.record_name(records[i]));
  const std::string more =
      records.size() > names.size() ? fmt::format(" and {} more", records.size() - names.size()) : "";
  return fmt::format("records {}{}", fmt::join(names, ", "), more);
}

}  // namespace

void fail_on_divergence(const TrainingParts& parts, const NamedParameters& parameters,
                        const TrainingState& state, double loss, std::span<const std::int64_t> batch) {
  const auto bad = bad_records(parts, batch);
  throw core::DataError(
      fmt::format("the loss must stay finite, got {} at step {} (epoch {}); first bad tensor: {}; {}. Lower "
                  "train.learning_rate, set train.gradient_clip{}; the last checkpoint is whole.",
                  loss, state.step + 1, state.epoch + 1, first_bad_tensor(parameters), describe(parts, bad),
                  bad.empty() ? "" : ", or look at these records"));
}

}  // namespace tessera::train
