// SPDX-License-Identifier: Apache-2.0
// tessera audit: was every record trained on exactly once in each epoch, over all starts of a run?
#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "data_prep/run_audit.hpp"
#include "dist/run_job.hpp"

using namespace tessera;

namespace {

void print_steps_of(const std::string& id, const data_prep::RunLedger& ledger) {
  const auto found = std::ranges::find(ledger.ids, id);
  if (found == ledger.ids.end())
    throw core::InputError(fmt::format("--record must be an id of the dataset, got \"{}\"", id));
  for (const auto& at : data::steps_of(ledger.path, found - ledger.ids.begin()))
    fmt::print("epoch={} step={}\n", at.epoch + 1, at.step + 1);
}

int audit(const std::string& run, const std::string& record) {
  const auto ledger = data_prep::find_ledger(run);
  if (!ledger)
    throw core::InputError(fmt::format(
        "the dataset of {} is gone, which alone tells which record has which number: bring it back", run));
  if (!record.empty()) print_steps_of(record, *ledger);
  const auto found = data::audit_ledger(ledger->path, ledger->train);
  for (const auto& fault : found.faults) fmt::print(stderr, "{}\n", fault);
  fmt::print("whole_epochs={} steps={} samples={} records={} faults={}\n", found.whole_epochs,
             found.num_steps, found.num_samples, ledger->train.size(), found.faults.size());
  return found.faults.empty() ? core::kExitDone : core::kExitFailed;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "audit",
      "Was every record trained on exactly once in each epoch, over all kills, restarts and numbers of "
      "ranks? Says which not (records by number, as records.csv counts them), and with --record in "
      "which steps one was.",
      "tessera audit runs/k --record mp-149");
  std::string run, record;
  line.positional("RUN", run, "the folder that `tessera train` wrote");
  line.option("--record", record, "an id: print the epochs and steps in which it was");
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    int code = core::kExitDone;
    comm.together("audit the ledger", [&] {
      if (comm.is_root()) code = audit(run, record);
    });
    return code;
  });
}
