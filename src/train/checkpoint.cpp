// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "data/sealed_text.hpp"

namespace tessera::train {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 2;
constexpr const char* kPrefix = "step-";

fs::path folder_of(const fs::path& run_folder) {
  return run_folder / "checkpoints";
}

// NaN has no JSON number: the metric before the first validation is null.
nlohmann::json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}
double number_or_nan(const nlohmann::json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

nlohmann::json describe(const TrainingState& state, const fs::path& folder) {
  return {{"format", kFormat},
          {"step", state.step},
          {"epoch", state.epoch},
          {"step_in_epoch", state.step_in_epoch},
          {"global_batch", state.global_batch},
          {"seed", state.seed},
          {"steps_per_epoch", state.steps_per_epoch},
          {"epoch_loss_sum", state.epoch_loss_sum},
          {"epoch_samples", state.epoch_samples},
          {"seconds", state.seconds},
          {"best_epoch", state.best_epoch},
          {"best_metric", number_or_null(state.best_metric)},
          {"epochs_without_gain", state.epochs_without_gain},
          {"schedule",
           {{"plateau_scale", state.schedule.plateau_scale},
            {"epochs_without_gain", state.schedule.epochs_without_gain}}},
          {"sha256",
           {{"weights.safetensors", core::sha256_of_file(folder / "weights.safetensors")},
            {"state.safetensors", core::sha256_of_file(folder / "state.safetensors")}}}};
}

// A file of a checkpoint that is missing or cannot be read is damage: there may be a whole one before.
std::string read_part(const fs::path& file) {
  try {
    return core::read_file(file);
  } catch (const core::InputError& error) {
    throw core::DataError(fmt::format("{} is damaged: {}.", file.parent_path().string(), error.what()));
  }
}

std::string read_checked(const fs::path& file, const nlohmann::json& description) {
  std::string content = read_part(file);
  if (core::sha256_of(content) != description.at("sha256").at(file.filename().string()).get<std::string>())
    throw core::DataError(fmt::format("{} is damaged: its SHA-256 is not the one written.", file.string()));
  return content;
}

nlohmann::json parse_description(const std::string& text, const fs::path& file) {
  try {
    data::check_seal(text, file.string());
  } catch (const core::DataError&) {  // its remedy is a dataset's
    const auto unsealed = nlohmann::json::parse(text, nullptr, false);
    if (unsealed.is_object() && !unsealed.contains("content_sha256") && unsealed.value("format", 0) == 1)
      throw core::InputError(
          fmt::format("{} must have checkpoint format {}, got 1. Go on with the Tessera that wrote it, or "
                      "start anew with --fresh --overwrite.",
                      file.string(), kFormat));
    throw core::DataError(
        fmt::format("{} is damaged: its content_sha256 is not that of its text.", file.string()));
  }
  auto description = nlohmann::json::parse(text);
  if (description.at("format") != kFormat)
    throw core::InputError(
        fmt::format("{} must have checkpoint format {}, got {}. Go on with the Tessera that wrote it, or "
                    "start anew with --fresh --overwrite.",
                    file.string(), kFormat, description.at("format").dump()));
  return description;
}

// Calls `read`; a description that lacks something, though its seal holds, is damage.
auto read_of(const fs::path& folder, const auto& read) {
  try {
    return read();
  } catch (const nlohmann::json::exception& error) {
    throw core::DataError(fmt::format("{} is damaged: {}", (folder / "state.json").string(), error.what()));
  }
}

CheckpointFiles read_folder(const fs::path& folder) {
  return read_of(folder, [&] {
    CheckpointFiles files{
        .folder = folder, .description = read_part(folder / "state.json"), .weights = {}, .state = {}};
    const auto description = parse_description(files.description, folder / "state.json");
    files.weights = read_checked(folder / "weights.safetensors", description);
    files.state = read_checked(folder / "state.safetensors", description);
    return files;
  });
}

fs::path existing_folder(const fs::path& run_folder, const std::string& name) {
  const fs::path folder = folder_of(run_folder) / name;
  if (!fs::is_directory(folder))
    throw core::InputError(fmt::format("{} must be a checkpoint; train the run first, or name one of {}",
                                       folder.string(), folder_of(run_folder).string()));
  return folder;
}

std::vector<fs::path> newest_first(const fs::path& run_folder) {
  std::vector<fs::path> folders;
  if (!fs::is_directory(folder_of(run_folder))) return folders;
  for (const auto& entry : fs::directory_iterator(folder_of(run_folder)))
    if (entry.is_directory() && !entry.is_symlink() &&
        entry.path().filename().string().starts_with(kPrefix) && entry.path().extension() != ".partial")
      folders.push_back(entry.path());
  std::sort(folders.rbegin(), folders.rend());
  return folders;
}

std::string name_of_step(std::int64_t step) {
  return fmt::format("{}{:08}", kPrefix, step);
}

void remove_later(const fs::path& run_folder, std::int64_t step) {
  std::error_code ignored;
  for (const auto& folder : newest_first(run_folder))
    if (folder.filename() > name_of_step(step)) fs::remove_all(folder, ignored);
}

void remove_old(const fs::path& run_folder, std::int64_t keep) {
  std::error_code ignored;
  const fs::path best = fs::read_symlink(folder_of(run_folder) / "best", ignored);
  const auto folders = newest_first(run_folder);
  for (std::size_t i = static_cast<std::size_t>(keep); i < folders.size(); ++i)
    if (folders[i].filename() != best) fs::remove_all(folders[i], ignored);
  for (const auto& entry : fs::directory_iterator(folder_of(run_folder)))  // what a killed writer left
    if (entry.is_directory() && entry.path().extension() == ".partial") fs::remove_all(entry.path(), ignored);
}

}  // namespace

std::string save_checkpoint(const fs::path& run_folder, const TrainingState& state, bool is_best,
                            std::int64_t keep) {
  const std::string name = name_of_step(state.step);
  const fs::path final_folder = folder_of(run_folder) / name;
  const fs::path partial = folder_of(run_folder) / (name + ".partial");
  core::make_folder(folder_of(run_folder));
  remove_later(run_folder, state.step);
  fs::remove_all(partial);
  core::make_folder(partial);
  models::write_safetensors(partial / "weights.safetensors", state.weights);
  models::write_safetensors(partial / "state.safetensors", state.state);
  core::write_file_atomically(partial / "state.json", data::seal(describe(state, partial).dump(1)));
  fs::remove_all(final_folder);  // there only when the same step was saved before, e.g. at an epoch's end
  core::publish_folder(partial, final_folder);
  core::replace_symlink(folder_of(run_folder) / "last", name);
  if (is_best) core::replace_symlink(folder_of(run_folder) / "best", name);
  remove_old(run_folder, keep);
  return models::sha256_of(state.weights);
}

std::optional<CheckpointFiles> newest_valid_checkpoint(const fs::path& run_folder) {
  for (const auto& folder : newest_first(run_folder)) {
    try {
      auto files = read_folder(folder);
      parse_checkpoint(files);
      return files;
    } catch (const core::DataError& error) {
      core::log::warning("{} Falling back to the checkpoint before it.", error.what());
    }
  }
  return std::nullopt;
}

TrainingState parse_checkpoint(const CheckpointFiles& files) {
  return read_of(files.folder, [&] {
    const auto description = parse_description(files.description, files.folder / "state.json");
    TrainingState state;
    description.at("step").get_to(state.step);
    description.at("epoch").get_to(state.epoch);
    description.at("step_in_epoch").get_to(state.step_in_epoch);
    description.at("global_batch").get_to(state.global_batch);
    description.at("seed").get_to(state.seed);
    description.at("steps_per_epoch").get_to(state.steps_per_epoch);
    description.at("epoch_loss_sum").get_to(state.epoch_loss_sum);
    description.at("epoch_samples").get_to(state.epoch_samples);
    description.at("seconds").get_to(state.seconds);
    description.at("best_epoch").get_to(state.best_epoch);
    state.best_metric = number_or_nan(description.at("best_metric"));
    description.at("epochs_without_gain").get_to(state.epochs_without_gain);
    description.at("schedule").at("plateau_scale").get_to(state.schedule.plateau_scale);
    description.at("schedule").at("epochs_without_gain").get_to(state.schedule.epochs_without_gain);
    state.weights = models::parse_safetensors(files.weights, (files.folder / "weights.safetensors").string());
    state.state = models::parse_safetensors(files.state, (files.folder / "state.safetensors").string());
    return state;
  });
}

bool settle_links(const fs::path& run_folder, const std::string& name, const TrainingState& state) {
  const auto point = [&](const char* link) {
    std::error_code missing;
    const fs::path path = folder_of(run_folder) / link;
    if (fs::read_symlink(path, missing) != name) core::replace_symlink(path, name);
  };
  point("last");
  if (state.best_epoch > 0 && state.best_epoch == state.epoch && state.step_in_epoch == 0) point("best");
  if (!fs::exists(folder_of(run_folder) / "best")) return false;
  try {
    load_checkpoint(run_folder, "best");
    return true;
  } catch (const core::DataError& error) {
    core::log::warning("{}", error.what());
    return false;
  }
}

TrainingState load_checkpoint(const fs::path& run_folder, const std::string& name) {
  return parse_checkpoint(read_folder(existing_folder(run_folder, name)));
}

models::NamedTensors load_checkpoint_weights(const fs::path& run_folder, const std::string& name) {
  const fs::path folder = existing_folder(run_folder, name), file = folder / "weights.safetensors";
  return read_of(folder, [&] {
    const auto description = parse_description(read_part(folder / "state.json"), folder / "state.json");
    return models::parse_safetensors(read_checked(file, description), file.string());
  });
}

}  // namespace tessera::train
