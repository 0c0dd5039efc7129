// SPDX-License-Identifier: Apache-2.0
#include "jobs/reconstruction_case.hpp"

#include <fmt/format.h>

#include <sstream>

#include "core/clock.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "dist/stop_request.hpp"
#include "microstructure/files/phase_map_file.hpp"

namespace tessera::jobs {
namespace {

namespace rec = reconstruction;

// Not where anything lies, nor how many structures there are.
std::string hash_of_settings(const core::Config& toml, const microstructure::PhaseMap& sample,
                             const std::string& encoder) {
  std::string text = encoder + "\n";
  for (const char* table : {"sample", "encoder", "descriptors", "reconstruct", "baseline"}) {
    std::istringstream lines(toml.table_text(table));
    for (std::string line; std::getline(lines, line);)
      if (!line.starts_with("count") && !line.starts_with("folder") && !line.starts_with("image"))
        text += line + "\n";
  }
  text += fmt::format("{} {}\n", fmt::join(sample.size, " "), fmt::join(sample.levels, " "));
  text.append(sample.labels.begin(), sample.labels.end());
  return core::sha256_of(text);
}

std::string name_of(const char* kind, std::int64_t index) {
  return fmt::format("{}-{:04}", kind, index);
}

}  // namespace

const SharedEncoders::Made& SharedEncoders::of(const rec::ReconstructionConfig& config) {
  auto& made = made_[config.encoder.layers];
  if (made.encoder || config.options.weights.gram == 0) return made;
  made.encoder = models::make_encoder(config.encoder);
  std::string hashes;
  for (const auto& tensor : made.encoder->parameters())
    hashes += core::sha256_of({static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()});
  made.sha256 = core::sha256_of(hashes);
  if (config.in_float64) made.encoder->to(torch::kFloat64);
  return made;
}

ReconstructionCase::ReconstructionCase(core::Config& toml, SharedEncoders& encoders)
    : config_(rec::read_reconstruction_config(toml)),
      sample_(microstructure::read_phase_map(config_.image)),
      resolved_(toml.resolved()) {
  rec::fit_to_sample(config_, sample_);
  const auto& made = encoders.of(config_);
  encoder_ = made.encoder;
  settings_ = hash_of_settings(core::Config::from_text(resolved_, "the configuration"), sample_, made.sha256);
}

bool ReconstructionCase::make(std::int64_t index) {
  return index < config_.count ? reconstruct(index) : anneal(index - config_.count);
}

bool ReconstructionCase::reconstruct(std::int64_t index) {
  const auto name = name_of("reconstruction", index);
  if (read_structure(config_.folder, settings_, name, sample_.levels)) return true;
  const core::Stopwatch stopwatch;
  core::Stopwatch since_kept;
  auto kept = kept_progress(config_.folder, settings_, name);
  const double before = kept ? kept->seconds : 0;
  std::optional<rec::Progress> from;
  if (kept) from = std::move(kept->progress);
  const auto after_iteration = [&](const rec::Progress& progress) {
    gained_ = true;
    const bool stop = dist::stop_asked() != dist::Stop::None;
    if (stop || since_kept.seconds() > 60 * config_.checkpoint_minutes) {
      keep_progress(config_.folder, settings_, name, progress, before + stopwatch.seconds());
      since_kept = {};
    }
    return !stop;
  };
  const auto result = rec::reconstruct(sample_, config_.phases, encoder_, config_.options, index,
                                       std::move(from), after_iteration);
  if (!result.finished) return false;
  write_structure(config_.folder, settings_,
                  {.name = name,
                   .map = result.map,
                   .seconds = before + stopwatch.seconds(),
                   .objective = result.value,
                   .iterations = result.iterations,
                   .evaluations = result.evaluations});
  forget_progress(config_.folder, settings_, name);
  core::log::info("{}: objective {:.3g}, {:.1f} s", (config_.folder / name).string(), result.value,
                  before + stopwatch.seconds());
  return true;
}

bool ReconstructionCase::anneal(std::int64_t index) {
  const auto name = name_of("baseline", index);
  if (read_structure(config_.folder, settings_, name, sample_.levels)) return true;
  const core::Stopwatch stopwatch;
  auto map = rec::anneal(
      sample_, config_.phases,
      {.size = config_.options.size, .swaps_per_cell = config_.swaps_per_cell, .seed = config_.options.seed},
      index, [] { return dist::stop_asked() == dist::Stop::None; });
  if (!map) return false;  // it keeps nothing: it begins anew
  write_structure(config_.folder, settings_,
                  {.name = name, .map = *std::move(map), .seconds = stopwatch.seconds()});
  gained_ = true;
  return true;
}

void ReconstructionCase::write_config() const {
  core::make_folder(config_.folder);
  core::write_file_atomically(config_.folder / "config.toml", resolved_);
}

std::vector<FinishedStructure> ReconstructionCase::read_all(const char* kind, std::int64_t count) const {
  std::vector<FinishedStructure> structures;
  for (std::int64_t i = 0; i < count; ++i)
    structures.push_back(read_structure(config_.folder, settings_, name_of(kind, i), sample_.levels).value());
  return structures;
}

rec::Errors ReconstructionCase::summarise() const {
  return write_summary(config_, sample_, read_all("reconstruction", config_.count),
                       read_all("baseline", config_.baseline_count));
}

}  // namespace tessera::jobs
