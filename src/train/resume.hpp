// SPDX-License-Identifier: Apache-2.0
// Going on where a run stands: the state of its newest checkpoint that is whole, the same on every rank, and
// whether this configuration may go on from it. Nothing of the run but its links is changed here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "dist/communicator.hpp"
#include "train/checkpoint.hpp"

namespace tessera::train {

struct ResumePoint {
  std::string name;  // of the checkpoint
  TrainingState state;
};

/// Collective. Nothing where the run has no whole checkpoint. Where the weights of the best epoch are lost,
/// its metric is forgotten with a warning: the next validation has a best epoch again.
std::optional<ResumePoint> find_resume_point(const std::filesystem::path& run_folder,
                                             const dist::Communicator& comm);

/// Local. Within an epoch the samples that are left follow from batch, seed and steps an epoch; raises
/// InputError where one of them is not that of the checkpoint, naming both.
void check_same_samples(const ResumePoint& point, const TrainingState& now,
                        const std::filesystem::path& run_folder);

}  // namespace tessera::train
