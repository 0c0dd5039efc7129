// SPDX-License-Identifier: Apache-2.0
#include "train/trained_run.hpp"

#include "models/factory.hpp"
#include "train/checkpoint.hpp"
#include "train/weights.hpp"

namespace tessera::train {

TrainedRun open_trained_run(const std::filesystem::path& folder, const std::string& checkpoint,
                            torch::Device device) {
  TrainedRun run;
  run.folder = folder;
  run.record = read_run_record(folder);
  auto config = core::Config::from_file(folder / "config.toml");
  run.config = read_training_config(config);
  const auto weights = load_checkpoint_weights(folder, checkpoint);
  run.network = models::make_network(config.table("model"), run.record.target.outputs(), &weights);
  load_weights(*run.network, weights, (folder / "checkpoints" / checkpoint).string());
  run.network->to(device);
  run.network->eval();
  return run;
}

}  // namespace tessera::train
