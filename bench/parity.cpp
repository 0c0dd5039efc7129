// SPDX-License-Identifier: Apache-2.0
// A run's network on graphs that another program made, so that networks are compared without their features:
// also without the rounding of distances to float32, in which our own graphs hold them.
// Standardised outputs: bench_parity RUN GRAPHS.safetensors OUTPUT.safetensors
//   GRAPHS: offsets (crystals + 1) I64, element (atoms) I64, neighbor (atoms, 12) I64, row of its crystal's
//           atoms, distance (atoms, 12) F64, Å
//   OUTPUT: output (crystals, outputs) F32
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "core/error.hpp"
#include "dist/tensor/device.hpp"
#include "models/batch.hpp"
#include "models/safetensors.hpp"
#include "train/trained_run.hpp"

namespace {

using namespace tessera;

constexpr std::int64_t kBatch = 256;  // crystals

// Crystals `first` to `end` as one batch: neighbours become rows of the batch's atoms.
models::Batch batch_of(const models::NamedTensors& graphs, std::int64_t first, std::int64_t end) {
  const auto* offsets = graphs.at("offsets").data_ptr<std::int64_t>();
  const std::int64_t first_atom = offsets[first], atoms = offsets[end] - first_atom;
  const torch::Tensor starts = graphs.at("offsets").slice(0, first, end) - first_atom;
  const torch::Tensor counts = graphs.at("offsets").slice(0, first, end + 1).diff();
  models::Batch batch;
  batch.num_samples = end - first;
  batch.graph.element = graphs.at("element").narrow(0, first_atom, atoms);
  batch.graph.distance = graphs.at("distance").narrow(0, first_atom, atoms);
  batch.graph.sample = torch::arange(batch.num_samples).repeat_interleave(counts);
  batch.graph.neighbor =
      graphs.at("neighbor").narrow(0, first_atom, atoms) + starts.repeat_interleave(counts).unsqueeze(1);
  return batch;
}

void run_network(const std::string& run_folder, const std::string& input, const std::string& output) {
  const torch::NoGradGuard no_gradients;
  dist::prepare_threads(1);
  const auto run = train::open_trained_run(run_folder, "best", torch::kCPU);
  const auto graphs = models::read_safetensors(input);
  for (const char* name : {"offsets", "element", "neighbor", "distance"})
    if (!graphs.contains(name))
      throw core::InputError(fmt::format("{} must hold the tensor {}, it does not", input, name));
  const std::int64_t crystals = graphs.at("offsets").size(0) - 1;
  std::vector<torch::Tensor> outputs;
  for (std::int64_t first = 0; first < crystals; first += kBatch)
    outputs.push_back(run.network->forward(batch_of(graphs, first, std::min(first + kBatch, crystals))));
  models::write_safetensors(output, {{"output", torch::cat(outputs)}});
  fmt::print("crystals={} output={}\n", crystals, output);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw core::InputError("Usage: bench_parity RUN GRAPHS.safetensors OUTPUT.safetensors");
    run_network(argv[1], argv[2], argv[3]);
    return core::kExitDone;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_parity: {}\n", error.what());
    return 1;
  }
}
