// SPDX-License-Identifier: Apache-2.0
// `tessera inspect`: what is in a dataset, a shard, a run, a weights file, a config.
#include <fmt/core.h>

#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "data_prep/inspect_data.hpp"
#include "data_prep/inspect_run.hpp"
#include "dist/run_job.hpp"

using namespace tessera;

namespace {

std::string inspect(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  if (!fs::exists(path)) throw core::InputError(fmt::format("{} must exist, and does not", path.string()));
  if (fs::is_directory(path)) {
    if (fs::exists(path / "manifest.json")) return data_prep::inspect_dataset(path);
    if (fs::exists(path / "config.toml")) return data_prep::inspect_run(path);
    throw core::InputError(
        fmt::format("{} must be a dataset (with manifest.json) or a run (with config.toml), and is neither",
                    path.string()));
  }
  if (path.extension() == ".h5") return data_prep::inspect_shard(path);
  if (path.extension() == ".safetensors") return data_prep::inspect_weights(path);
  if (path.extension() == ".toml") return data_prep::inspect_config(path);
  throw core::InputError(fmt::format(
      "{} must end in .h5, .safetensors or .toml, or be a dataset's or run's folder", path.string()));
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "inspect", "What is in a dataset, a shard, a run, a weights file or a config.",
      "tessera inspect dataset\n  tessera inspect run/checkpoints/best/weights.safetensors");
  std::string path;
  line.positional("PATH", path, "dataset or run folder, shard-*.h5, *.safetensors, *.toml");
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    comm.together("inspecting", [&] {
      if (comm.is_root()) fmt::print("{}\n", inspect(path));
    });
    return core::kExitDone;
  });
}
