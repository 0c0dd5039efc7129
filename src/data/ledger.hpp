// SPDX-License-Identifier: Apache-2.0
// Which sample was in which step: one line a step, `epoch,step,record record …`, written by one rank. On
// resume the steps that are taken again are cut off, so that the file tells what the weights have seen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/sampler.hpp"

namespace tessera::data {

class Ledger {
 public:
  /// Opens or makes the file; drops a torn last line and every step from `resume` on. Raises DataError where
  /// the file cannot be used.
  Ledger(const std::filesystem::path& path, Cursor resume);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// Before the step's update is applied.
  void add(Cursor at, std::span<const std::int64_t> records);
  /// On the disk when this returns: before a checkpoint that counts on it.
  void sync();

 private:
  std::filesystem::path path_;
  int file_;
};

struct LedgerAudit {
  std::int64_t whole_epochs = 0;  // epochs in which every record was used
  std::int64_t num_steps = 0;
  std::int64_t num_samples = 0;     // over all steps
  std::vector<std::string> faults;  // "epoch 3: record 17 was used twice", at most 100
};

/// Was every one of `records` used exactly once in each epoch (in the last one: at most once), steps without
/// gaps? Raises InputError where there is no ledger.
LedgerAudit audit_ledger(const std::filesystem::path& path, std::span<const std::int64_t> records);

/// The steps that trained on `record`. Raises InputError where there is no ledger.
std::vector<Cursor> steps_of(const std::filesystem::path& path, std::int64_t record);

}  // namespace tessera::data
