// SPDX-License-Identifier: Apache-2.0
#include "train/evaluate.hpp"

#include <algorithm>
#include <numeric>

#include "train/gradient_step.hpp"

namespace tessera::train {
namespace {

// All ranks' rows in the order of their records.
Predictions gather(const std::vector<std::int64_t>& records, const std::vector<double>& values,
                   const dist::Communicator& comm) {
  const auto all_records = comm.all_gather(std::span(records), "gather predicted records");
  const auto all_values = comm.all_gather(std::span(values), "gather predictions");
  Predictions all;
  if (all_records.empty()) return all;
  const std::size_t columns = all_values.size() / all_records.size();
  std::vector<std::size_t> order(all_records.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return all_records[a] < all_records[b]; });
  all.columns = static_cast<std::int64_t>(columns);
  for (const std::size_t i : order) {
    all.records.push_back(all_records[i]);
    const auto row = all_values.begin() + static_cast<std::ptrdiff_t>(i * columns);
    all.values.insert(all.values.end(), row, row + static_cast<std::ptrdiff_t>(columns));
  }
  return all;
}

}  // namespace

Predictions predict(models::Network& network, const Task& task, Feed& feed,
                    std::span<const std::int64_t> records, std::int64_t batch, bool bf16,
                    const dist::Communicator& comm) {
  std::vector<std::int64_t> mine;
  std::vector<double> values;
  comm.together("predict", [&] {
    const torch::NoGradGuard no_gradients;
    const bool was_training = network.is_training();
    network.eval();
    // Batches are cut before they are dealt out: which records share one does not depend on the rank count.
    const auto size = static_cast<std::size_t>(feed.evaluation_batch(batch));
    for (std::size_t begin = size * static_cast<std::size_t>(comm.rank()); begin < records.size();
         begin += size * static_cast<std::size_t>(comm.size())) {
      const auto part = records.subspan(begin, std::min(size, records.size() - begin));
      const auto input = feed.batch(part);
      torch::Tensor output;
      {
        const AutocastScope autocast(bf16, input.target.device());
        output = network.forward(input);
      }
      const auto rows = task.predictions(output.to(torch::kFloat32), input).contiguous();
      mine.insert(mine.end(), part.begin(), part.end());
      values.insert(values.end(), rows.data_ptr<double>(), rows.data_ptr<double>() + rows.numel());
    }
    network.train(was_training);
  });
  return gather(mine, values, comm);
}

}  // namespace tessera::train
