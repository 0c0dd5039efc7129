// SPDX-License-Identifier: Apache-2.0
#include "data_prep/inspect_run.hpp"

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/config.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "data_prep/checkpoint_folders.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json(const fs::path& path) {
  try {
    return json::parse(core::read_file(path));
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("{} is damaged: {}", path.string(), error.what()));
  }
}

// The header of a safetensors file: a length of 8 bytes, little-endian, then JSON.
json read_weights_header(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw core::InputError(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  std::uint8_t bytes[8] = {};
  file.read(reinterpret_cast<char*>(bytes), 8);
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | bytes[i];
  if (!file || length > fs::file_size(path) - 8)
    throw core::DataError(fmt::format("{} is no safetensors file: its header is said to take {} bytes of {}",
                                      path.string(), length, fs::file_size(path)));
  std::string header(length, '\0');
  file.read(header.data(), static_cast<std::streamsize>(length));
  auto parsed = json::parse(header, nullptr, false);
  if (!parsed.is_object())
    throw core::DataError(
        fmt::format("{} is no safetensors file: its header is no JSON object", path.string()));
  return parsed;
}

struct Tensor {
  std::string type;
  std::vector<std::int64_t> shape;
  std::int64_t count() const {
    std::int64_t product = 1;
    for (const auto extent : shape) product *= extent;
    return product;
  }
};

void print_last_epoch(const fs::path& folder) {
  if (!fs::exists(folder / "metrics.csv")) return;
  const auto metrics = core::read_csv(folder / "metrics.csv");
  if (metrics.rows.empty()) return;
  fmt::print("metrics of the last epoch\n");
  for (std::size_t i = 0; i < metrics.header.size(); ++i)
    fmt::print("  {:<24} {}\n", metrics.header[i], metrics.rows.back().fields[i]);
}

}  // namespace

std::string inspect_run(const fs::path& folder) {
  auto config = core::Config::from_file(folder / "config.toml");
  const auto model = config.table("model").text("name", "?");
  fmt::print("run {}\n  model {}, target {}, dataset {}\n", folder.string(), model,
             config.table("data").text("target", "?"), config.table("data").text("dataset", "?"));
  print_last_epoch(folder);

  const auto checkpoints = checkpoint_folders(folder).size();
  const auto last = folder / "checkpoints" / "last" / "state.json";
  if (!fs::exists(last)) {
    if (checkpoints == 0)
      fmt::print("no checkpoint yet\n");
    else
      fmt::print("{} checkpoints, but {} is not there; `tessera verify` names what is damaged\n", checkpoints,
                 last.string());
    return fmt::format("kind=run model={} checkpoints={}", model, checkpoints);
  }
  const auto state = read_json(last);
  try {
    const auto best =
        state.at("best_metric").is_null() ? std::string("none") : state.at("best_metric").dump();
    const auto run_state = read_json(folder / "run.json").at("state").get<std::string>();
    // Weights that were trained elsewhere come without a number of steps.
    const auto step = state.contains("step") ? state["step"].dump() : std::string("unknown");
    fmt::print("{} checkpoints; the newest after {}{} epochs; {}\n", checkpoints,
               state.contains("step") ? step + " steps and " : "", state.at("epoch").dump(), run_state);
    return fmt::format("kind=run model={} checkpoints={} step={} epochs_done={} best_epoch={} best_metric={}",
                       model, checkpoints, step, state.at("epoch").dump(), state.at("best_epoch").dump(),
                       best);
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("{} is damaged: {}", last.string(), error.what()));
  }
}

std::string inspect_weights(const fs::path& file) {
  const auto header = read_weights_header(file);
  std::int64_t tensors = 0, numbers = 0;
  fmt::print("weights {} ({} bytes)\n", file.string(), fs::file_size(file));
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.items()) fmt::print("  {} = {}\n", key, value.dump());
      continue;
    }
    Tensor tensor;
    try {
      entry.at("dtype").get_to(tensor.type);
      entry.at("shape").get_to(tensor.shape);
    } catch (const json::exception& error) {
      throw core::DataError(
          fmt::format("{}: tensor \"{}\" has a broken entry: {}", file.string(), name, error.what()));
    }
    fmt::print("  {:<48} {:<5} ({})\n", name, tensor.type, fmt::join(tensor.shape, ", "));
    ++tensors;
    numbers += tensor.count();
  }
  return fmt::format("kind=weights tensors={} numbers={}", tensors, numbers);
}

std::string inspect_config(const fs::path& file) {
  auto config = core::Config::from_file(file);
  fmt::print("config {}\n{}", file.string(), core::read_file(file));
  return fmt::format("kind=config model={} dataset={}", config.table("model").text("name", "none"),
                     config.table("data").text("dataset", "none"));
}

}  // namespace tessera::data_prep
