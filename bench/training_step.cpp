// SPDX-License-Identifier: Apache-2.0
// Crystals per second of a training step on one core, feed included, on made crystals of the sizes of
// mp_elasticity (8.5 atoms, 749 faces), beside the rate of a plain product in the same process.
// Prints key=value figures: bench_training_step [cgcnn|deepcrystet|mesh_slides|pointnet] [batch]
// [float32|bf16]
#include <ATen/autocast_mode.h>
#include <fmt/core.h>
#include <torch/torch.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "core/freed_memory.hpp"
#include "core/random.hpp"
#include "models/crystal_batch.hpp"
#include "models/factory.hpp"
#include "timing.hpp"

namespace {

using namespace tessera;
using bench::median, bench::seconds_of;

// GFLOP/s of a 1024³ float32 product: the ceiling.
double product_rate() {
  const torch::Tensor a = torch::randn({1024, 1024}), b = torch::randn({1024, 1024});
  std::vector<double> seconds;
  for (int i = 0; i < 20; ++i) seconds.push_back(seconds_of([&] { torch::mm(a, b); }));
  return 2.0 * 1024 * 1024 * 1024 / median(seconds) / 1e9;
}

data::CrystalRecord made_crystal(core::RandomStream& random) {
  data::CrystalRecord record;
  crystal::Structure& structure = record.structure;
  structure.lattice = crystal::Matrix3::Identity() * random.uniform(4, 8);
  const std::uint64_t atoms = 1 + random.below(16);
  for (std::uint64_t i = 0; i < atoms; ++i) {
    structure.elements.push_back(static_cast<std::uint8_t>(1 + random.below(90)));
    structure.fractional.emplace_back(random.uniform(), random.uniform(), random.uniform());
  }
  record.graph.emplace().num_neighbors = 12;
  for (std::uint64_t e = 0; e < 12 * atoms; ++e) {
    record.graph->neighbor.push_back(static_cast<std::int32_t>(random.below(atoms)));
    record.graph->distance.push_back(static_cast<float>(random.uniform(1.5, 5.0)));
  }
  crystal::Mesh& mesh = record.mesh.emplace();
  mesh.cell = structure;
  for (std::int32_t v = 0; v < 100; ++v) {
    const auto shift = [&] { return static_cast<std::int8_t>(random.below(3)); };
    mesh.vertices.push_back({static_cast<std::int32_t>(random.below(atoms)), {shift(), shift(), shift()}});
    if (v % 6 == 0) mesh.central.push_back(v);
  }
  for (std::uint64_t f = 0, faces = 399 + random.below(701); f < faces; ++f) {
    const auto a = static_cast<std::int32_t>(random.below(98));
    mesh.faces.push_back({a, a + 1, a + 2});
  }
  return record;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "cgcnn";
  const std::int64_t batch_size = argc > 2 ? std::stoll(argv[2]) : (name == "cgcnn" ? 256 : 128);
  const bool bf16 = argc > 3 && std::string(argv[3]) == "bf16";
  at::set_num_threads(1);
  at::globalContext().setFlushDenormal(true);
  core::keep_freed_memory();
  torch::manual_seed(0);

  core::RandomStream random(0, "bench");
  std::vector<data::CrystalRecord> crystals;
  for (std::int64_t i = 0; i < batch_size; ++i) crystals.push_back(made_crystal(random));
  std::vector<const data::CrystalRecord*> records;
  for (const auto& crystal : crystals) records.push_back(&crystal);

  auto config = core::Config::from_text(fmt::format("[model]\nname = \"{}\"\n", name), "bench");
  const auto network = models::make_network(config.table("model"), 1);
  torch::optim::SGD optimizer(network->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  const torch::Tensor target = torch::randn({batch_size, 1});

  std::vector<double> feed, forward, backward, update, total;
  const double before = product_rate();
  const int steps = name == "cgcnn" || name == "pointnet" ? 20 : 5;
  for (int step = 0; step < steps; ++step) {
    models::Batch batch;
    torch::Tensor loss;
    feed.push_back(seconds_of([&] { batch = models::make_crystal_batch(records, network->features()); }));
    forward.push_back(seconds_of([&] {
      at::autocast::set_autocast_enabled(at::kCPU, bf16);
      loss = torch::mse_loss(network->forward(batch).to(torch::kFloat), target);
      at::autocast::clear_cache();
      at::autocast::set_autocast_enabled(at::kCPU, false);
    }));
    backward.push_back(seconds_of([&] {
      optimizer.zero_grad();
      loss.backward();
    }));
    update.push_back(seconds_of([&] { optimizer.step(); }));
    total.push_back(feed.back() + forward.back() + backward.back() + update.back());
  }
  const double after = product_rate();

  fmt::print("network={} batch={} precision={} crystals_per_second={:.1f}\n", name, batch_size,
             bf16 ? "bf16" : "float32", static_cast<double>(batch_size) / median(total));
  fmt::print(
      "feed_ms={:.2f} forward_ms={:.1f} backward_ms={:.1f} update_ms={:.2f} product_gflops={:.0f}..{:.0f}\n",
      1e3 * median(feed), 1e3 * median(forward), 1e3 * median(backward), 1e3 * median(update),
      std::min(before, after), std::max(before, after));
  return 0;
}
