// SPDX-License-Identifier: Apache-2.0
// `tessera verify`: is every byte of a dataset or a run as it was written, and what is not, made again.
#include "data/verify.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "data/manifest.hpp"
#include "data_prep/crystal_preparation.hpp"
#include "data_prep/image_preparation.hpp"
#include "data_prep/verify_run.hpp"
#include "dist/run_job.hpp"

using namespace tessera;

namespace {

namespace fs = std::filesystem;

// The settings as JSON. A damaged or missing manifest does not tell them; the begun preparation's own note
// does.
std::string settings_of(const fs::path& folder) {
  try {
    return data::read_manifest(folder).settings;
  } catch (const core::Error&) {
    return core::read_file(folder / ".commits" / "settings.json");
  }
}

void check_sources(std::vector<std::string> paths, const std::string& table) {
  if (!table.empty()) paths.push_back(table);
  for (const auto& path : paths)
    if (!fs::exists(path))
      throw core::InputError(
          fmt::format("the dataset was prepared from {}, which is gone: nothing can be rebuilt. "
                      "Bring it back, or prepare the dataset again from elsewhere.",
                      path));
}

data_prep::PreparationSummary prepare_again(const dist::Communicator& comm, const fs::path& folder,
                                            bool progress) {
  const data_prep::PreparationOptions options{.repair = true, .progress = progress};
  const auto text = comm.together("reading the settings", [&] { return settings_of(folder); });
  if (data_prep::is_image_preparation(text)) {
    const auto settings = comm.together("reading the settings", [&] {
      auto found = data_prep::image_preparation_from_json(text);
      check_sources(found.sources.images, found.sources.labels);
      check_sources(found.sources.masks, "");
      return found;
    });
    return data_prep::prepare_images(comm, settings, folder, options);
  }
  const auto settings = comm.together("reading the settings", [&] {
    auto found = data_prep::settings_from_json(text);
    check_sources(found.inputs, found.targets);
    return found;
  });
  return data_prep::prepare_crystals(comm, settings, folder, options);
}

void report(const dist::Communicator& comm, const fs::path& folder,
            const std::vector<data::Damage>& damages) {
  if (!comm.is_root()) return;
  for (const auto& damage : damages)
    core::log::error("{} {}", (folder / damage.file).string(), damage.reason);
}

int finish(const dist::Communicator& comm, std::int64_t checked, std::size_t damaged, std::size_t repaired) {
  if (comm.is_root()) fmt::print("checked={} damaged={} repaired={}\n", checked, damaged, repaired);
  return damaged == repaired ? core::kExitDone : core::kExitFailed;
}

int verify_dataset(const dist::Communicator& comm, const fs::path& folder, bool repair, bool progress) {
  const auto damages = data::verify_dataset(folder, comm);
  report(comm, folder, damages);
  std::size_t repaired = 0;
  if (repair && !damages.empty()) {
    const auto summary = prepare_again(comm, folder, progress);
    core::log::info("{} of {} shards made again", summary.rebuilt, summary.shards);
    const auto left = data::verify_dataset(folder, comm);
    report(comm, folder, left);
    repaired = damages.size() - std::min(left.size(), damages.size());
  }
  const auto checked = comm.together("counting the files", [&] {
    // Without a readable manifest nothing but itself could be checked.
    try {
      return static_cast<std::int64_t>(data::read_manifest(folder).shards.size()) + 3;
    } catch (const core::Error&) {
      return std::int64_t{1};
    }
  });
  return finish(comm, checked, damages.size(), repaired);
}

int verify_run(const dist::Communicator& comm, const fs::path& folder, bool repair) {
  const auto check = comm.together("checking the checkpoints", [&] { return data_prep::verify_run(folder); });
  report(comm, folder, check.damages);
  if (repair && !check.damages.empty())
    core::log::info(
        "checkpoints cannot be rebuilt; `tessera train` goes on from the newest one that is whole");
  return finish(comm, check.checked, check.damages.size(), 0);
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "verify", "Checks every checksum of a dataset or a run; exit code 1 and the names of what is damaged.",
      "mpirun -n 4 tessera verify dataset --repair");
  std::string path;
  bool repair = false;
  line.positional("PATH", path, "dataset or run folder");
  line.flag("--repair", repair, "make damaged shards again from the sources the dataset was prepared from");
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    const fs::path folder = path;
    if (fs::is_directory(folder / "checkpoints") || fs::exists(folder / "config.toml"))
      return verify_run(comm, folder, repair);
    return verify_dataset(comm, folder, repair, !line.quiet());
  });
}
