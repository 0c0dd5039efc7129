// SPDX-License-Identifier: Apache-2.0
#include "jobs/reconstruction_files.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/files/phase_map_writer.hpp"
#include "microstructure/files/png_writer.hpp"
#include "models/safetensors.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;
namespace ms = microstructure;
using Json = nlohmann::ordered_json;

torch::Tensor tensor_of(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}
torch::Tensor tensor_of(const std::vector<std::int32_t>& values) {
  return torch::tensor(values, torch::kInt32);
}
template <typename T>
std::vector<T> values_of(const torch::Tensor& tensor) {
  return {tensor.data_ptr<T>(), tensor.data_ptr<T>() + tensor.numel()};
}

// Of other settings another file: what is begun is no hindrance to begin otherwise.
fs::path progress_file(const fs::path& folder, const std::string& settings, const std::string& name) {
  return folder / fmt::format("{}-{}.progress", name, settings.substr(0, 8));
}

}  // namespace

void write_structure(const fs::path& folder, const std::string& settings,
                     const FinishedStructure& structure) {
  const auto npy = folder / (structure.name + ".npy");
  ms::write_npy(npy, structure.map);
  ms::write_png(folder / (structure.name + ".png"),
                ms::in_levels(ms::planes_to_look_at(structure.map), std::ssize(structure.map.levels)));
  const Json facts{{"settings", settings},
                   {"sha256", core::sha256_of_file(npy)},
                   {"seconds", structure.seconds},
                   {"objective", structure.objective},
                   {"iterations", structure.iterations},
                   {"evaluations", structure.evaluations}};
  core::write_file_atomically(folder / (structure.name + ".json"), facts.dump(2) + "\n");
}

std::optional<FinishedStructure> read_structure(const fs::path& folder, const std::string& settings,
                                                const std::string& name,
                                                std::span<const std::uint16_t> levels) {
  const auto facts_file = folder / (name + ".json"), npy = folder / (name + ".npy");
  if (!fs::exists(facts_file)) return std::nullopt;
  try {
    const auto facts = Json::parse(core::read_file(facts_file));
    if (facts.at("settings") != settings)
      throw core::InputError(fmt::format(
          "{} was made with other settings, or from another sample. Choose another run.dir, or remove it.",
          facts_file.string()));
    if (facts.at("sha256") != core::sha256_of_file(npy))
      throw core::DataError(fmt::format("{} is not as it was written. Remove {}: it is made again.",
                                        npy.string(), facts_file.string()));
    return FinishedStructure{.name = name,
                             .map = ms::read_phase_map(npy, levels),
                             .seconds = facts.at("seconds"),
                             .objective = facts.at("objective"),
                             .iterations = facts.at("iterations"),
                             .evaluations = facts.at("evaluations")};
  } catch (const nlohmann::json::exception& error) {
    throw core::DataError(fmt::format("{} is damaged: {}. Remove it: the structure is made again.",
                                      facts_file.string(), error.what()));
  }
}

void keep_progress(const fs::path& folder, const std::string& settings, const std::string& name,
                   const reconstruction::Progress& progress, double seconds) {
  const auto& minimiser = progress.minimiser;
  models::write_safetensors(
      progress_file(folder, settings, name),
      {{"counts", torch::tensor(std::vector<std::int64_t>{
                      progress.level, progress.iteration, progress.iterations_before,
                      progress.evaluations_before, minimiser.iterations, minimiser.evaluations})},
       {"held", tensor_of(progress.held)},
       {"point", tensor_of(minimiser.point)},
       {"gradient", tensor_of(minimiser.gradient)},
       {"reals", tensor_of(minimiser.reals)},
       {"integers", tensor_of(minimiser.integers)},
       {"texts", tensor_of(std::vector<std::int32_t>(minimiser.texts.begin(), minimiser.texts.end()))},
       {"value", tensor_of(std::vector<double>{minimiser.value})},
       {"seconds", tensor_of(std::vector<double>{seconds})}});
}

std::optional<KeptProgress> kept_progress(const fs::path& folder, const std::string& settings,
                                          const std::string& name) {
  const auto file = progress_file(folder, settings, name);
  if (!fs::exists(file)) return std::nullopt;
  try {
    const auto tensors = models::read_safetensors(file);
    const auto counts = values_of<std::int64_t>(tensors.at("counts"));
    const auto texts = values_of<std::int32_t>(tensors.at("texts"));
    const reconstruction::Progress progress{
        .level = counts.at(0),
        .iteration = counts.at(1),
        .iterations_before = counts.at(2),
        .evaluations_before = counts.at(3),
        .held = values_of<double>(tensors.at("held")),
        .minimiser = {.point = values_of<double>(tensors.at("point")),
                      .gradient = values_of<double>(tensors.at("gradient")),
                      .reals = values_of<double>(tensors.at("reals")),
                      .integers = values_of<std::int32_t>(tensors.at("integers")),
                      .texts = std::string(texts.begin(), texts.end()),
                      .value = tensors.at("value").item<double>(),
                      .iterations = counts.at(4),
                      .evaluations = counts.at(5)}};
    return KeptProgress{progress, tensors.at("seconds").item<double>()};
  } catch (const std::exception& error) {
    core::log::warning("{} cannot be gone on with ({}): {} begins anew", file.string(), error.what(), name);
    return std::nullopt;
  }
}

void forget_progress(const fs::path& folder, const std::string& settings, const std::string& name) {
  fs::remove(progress_file(folder, settings, name));
}

}  // namespace tessera::jobs
