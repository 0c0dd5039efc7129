// SPDX-License-Identifier: Apache-2.0
#include "train/resume.hpp"

#include <fmt/core.h>

#include <utility>

#include "core/error.hpp"
#include "core/log.hpp"

namespace tessera::train {
namespace {

// One rank reads, the others are sent what it read: however many they are, the disk gives each byte once, and
// files that show up late on other nodes of a shared system do no harm.
std::optional<CheckpointFiles> read_once(const std::filesystem::path& run_folder,
                                         const dist::Communicator& comm) {
  constexpr const char* kWhat = "send the checkpoint";
  auto found = comm.together("read the newest checkpoint", [&] {
    return comm.is_root() ? newest_valid_checkpoint(run_folder) : std::nullopt;
  });
  auto files = std::move(found).value_or(CheckpointFiles{});
  files.folder = comm.broadcast_text(files.folder.string(), kWhat);
  if (files.folder.empty()) return std::nullopt;
  for (auto* content : {&files.description, &files.weights, &files.state})
    *content = comm.broadcast_text(std::move(*content), kWhat);
  return files;
}

}  // namespace

std::optional<ResumePoint> find_resume_point(const std::filesystem::path& run_folder,
                                             const dist::Communicator& comm) {
  const auto files = read_once(run_folder, comm);
  if (!files) return std::nullopt;
  ResumePoint point{.name = files->name(), .state = {}};
  bool best_lost = false;
  comm.together("load the checkpoint", [&] {
    point.state = parse_checkpoint(*files);
    best_lost = comm.is_root() && !settle_links(run_folder, point.name, point.state);
  });
  if (comm.all_reduce<std::int32_t>(best_lost, dist::Reduce::Max, "best checkpoint") &&
      point.state.best_epoch > 0) {
    core::log::warning("the weights of the best epoch ({}) are lost: the best of the epochs to come counts",
                       point.state.best_epoch);
    point.state.best_epoch = 0;
    point.state.best_metric = std::numeric_limits<double>::quiet_NaN();
  }
  return point;
}

void check_same_samples(const ResumePoint& point, const TrainingState& now,
                        const std::filesystem::path& run_folder) {
  const TrainingState& then = point.state;
  if (then.step_in_epoch == 0) return;
  const auto check = [&](const char* what, auto before, auto given) {
    if (before == given) return;
    throw core::InputError(fmt::format(
        "{} must stay {} until the epoch is over, got {}: {} stands at {}, after {} of the {} steps of epoch "
        "{}, and with another value samples would be taken twice or never. Go on with {}, or start anew with "
        "--fresh --overwrite.",
        what, before, given, run_folder.string(), point.name, then.step_in_epoch, then.steps_per_epoch,
        then.epoch + 1, before));
  };
  check("train.global_batch", then.global_batch, now.global_batch);
  check("train.seed", then.seed, now.seed);
  check("the number of steps an epoch (records to train on over train.global_batch)", then.steps_per_epoch,
        now.steps_per_epoch);
}

}  // namespace tessera::train
