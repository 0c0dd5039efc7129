// SPDX-License-Identifier: Apache-2.0
// Curves for TensorBoard: scalars in an event file. Each start of a run opens a file of its own; a run that
// goes on says which steps are void, so that a reader sees every step once. Rank 0 only: a folder has one
// writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/append_file.hpp"

namespace tessera::report {

class EventWriter {
 public:
  /// Opens events.out.tfevents.<unix time>.<host>.<pid>, named so that it sorts behind those already there.
  /// `resumed_after` is the step of the checkpoint the run goes on from: what earlier files hold of later
  /// steps is withdrawn. Raises DataError naming the file and the reason.
  explicit EventWriter(const std::filesystem::path& folder,
                       std::optional<std::int64_t> resumed_after = std::nullopt);

  /// One event, flushed. Tags such as "train/loss"; values are stored as float32.
  void write(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

  const std::filesystem::path& path() const { return file_->path(); }

 private:
  std::unique_ptr<AppendFile> file_;
};

}  // namespace tessera::report
