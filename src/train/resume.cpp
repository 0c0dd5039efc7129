// SPDX-License-Identifier: Apache-2.0
#include "train/resume.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "core/log.hpp"

namespace tessera::train {

std::optional<ResumePoint> find_resume_point(const std::filesystem::path& run_folder,
                                             const dist::Communicator& comm) {
  // The root chooses, all read the same: files on a shared system may show up late elsewhere.
  const std::string chosen = comm.together("choose a checkpoint", [&] {
    return comm.is_root() ? newest_valid_checkpoint(run_folder).value_or("") : std::string();
  });
  ResumePoint point{.name = comm.broadcast_text(chosen, "choose a checkpoint"), .state = {}};
  if (point.name.empty()) return std::nullopt;
  bool best_lost = false;
  comm.together("load the checkpoint", [&] {
    point.state = load_checkpoint(run_folder, point.name);
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
