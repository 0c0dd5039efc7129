// SPDX-License-Identifier: Apache-2.0
#include "data_prep/preparation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data/shard_commit.hpp"
#include "data_prep/original_dataset.hpp"
#include "data_prep/preparation_progress.hpp"
#include "dist/work_queue.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

// What one rank did of the shards.
struct ShardsHere {
  std::string keys;  // "shard inputs" lines
  std::int64_t rebuilt = 0;
  std::int64_t left = 0;  // by all ranks
  dist::WorkSummary work;
  dist::Stop stop = dist::Stop::None;
};

ShardsHere make_shards(const dist::Communicator& comm, ShardMaker& maker, const fs::path& folder,
                       const PreparationOptions& options, const std::optional<OriginalDataset>& original) {
  std::vector<std::int64_t> inputs;
  for (std::int64_t shard = 0; shard < maker.num_shards(); ++shard) inputs.push_back(maker.num_inputs(shard));
  PreparationProgress shown(inputs, folder, maker.schema().kind, options.progress && comm.is_root());
  std::optional<dist::JobEnd> job_end;
  if (options.stops_in_time)
    job_end = comm.together("looking at the job's end", [] { return dist::JobEnd::of_this_job(); });
  ShardsHere here;
  const auto must_stop = [&] {
    if (!job_end) return false;
    here.stop = job_end->is_near_after_step() ? dist::Stop::SaveAndRequeue : dist::Stop::None;
    here.stop = std::max(here.stop, dist::stop_asked());
    return here.stop != dist::Stop::None;
  };
  const auto work_on = [&](std::int64_t shard) {
    const auto key = maker.key_of(shard);
    here.keys += fmt::format("{} {}\n", shard, key.inputs);
    if (const auto stands = data::find_commit(folder, key)) {
      if (options.strict && !stands->quarantined.empty()) refuse_strictly(stands->quarantined.front());
      return shown.update(shard, inputs[static_cast<std::size_t>(shard)]);
    }
    const auto accept = [&](const data::ShardCommit& made) {
      if (original) original->check_shard(shard, made);
    };
    maker.make(
        folder, key, [&](std::int64_t done) { shown.update(shard, done); }, accept);
    ++here.rebuilt;
  };
  here.work = dist::for_each_task(comm, maker.num_shards(), "making shards", work_on, must_stop);
  here.left = maker.num_shards() - comm.all_reduce(here.work.tasks_here, dist::Reduce::Sum, "shards done");
  shown.finish(here.left == 0);
  return here;
}

void log_busy_shares(const dist::Communicator& comm, const dist::WorkSummary& work) {
  const double own = work.elapsed_seconds > 0 ? work.busy_seconds / work.elapsed_seconds : 1;
  const auto shares = comm.all_gather(std::span<const double>(&own, 1), "busy shares");
  std::string text;
  for (std::size_t rank = 0; rank < shares.size(); ++rank)
    text += fmt::format("{}rank {} {:.0f} %", rank ? ", " : "", rank, 100 * shares[rank]);
  core::log::info("busy: {}", text);
}

// Collective. The key of every shard, from the ranks that computed them.
std::vector<data::ShardKey> gather_keys(const dist::Communicator& comm, const ShardsHere& here,
                                        const std::string& settings, std::int64_t num_shards) {
  std::vector<data::ShardKey> keys(static_cast<std::size_t>(num_shards));
  for (const auto& text : comm.all_gather_text(here.keys, "keys of the shards"))
    for (const auto line : core::split(core::trim(text), '\n')) {
      if (line.empty()) continue;
      const auto words = core::split(line, ' ');
      const auto shard = *core::parse_integer(words[0]);
      keys[static_cast<std::size_t>(shard)] = {
          .shard = shard, .settings = settings, .inputs = std::string(words[1])};
    }
  return keys;
}

data::Manifest finish(const fs::path& folder, const std::vector<data::ShardKey>& keys,
                      const data::DatasetSchema& schema, const std::string& settings,
                      const std::vector<data::QuarantineRow>& refused,
                      const std::optional<OriginalDataset>& original) {
  std::vector<data::ShardCommit> commits;
  for (const auto& key : keys) {
    auto commit = data::find_commit(folder, key);
    if (!commit)
      throw core::DataError(
          fmt::format("{} was written, and is damaged or gone now. Is the disk full or failing? "
                      "Start again: only what is missing is made.",
                      (folder / data::shard_file_name(key.shard)).string()));
    commits.push_back(std::move(*commit));
  }
  return data::finish_dataset(folder, settings, schema, commits, refused, [&](const data::Manifest& made) {
    if (original) original->check_tables(made);
  });
}

}  // namespace

void refuse_strictly(const data::QuarantineRow& row) {
  throw core::DataError(
      fmt::format("{}: {} Without --strict it would be left out and listed in quarantine.csv.",
                  row.line > 0 ? fmt::format("{}:{}", row.source, row.line) : row.source, row.reason));
}

PreparationSummary prepare_dataset(const dist::Communicator& comm, ShardMaker& maker,
                                   const std::vector<data::QuarantineRow>& refused,
                                   const std::string& settings, const fs::path& folder,
                                   const PreparationOptions& options) {
  std::optional<OriginalDataset> original;
  comm.together("beginning the dataset", [&] {
    if (options.repair) original.emplace(folder).check_num_shards(maker.num_shards());
    if (comm.is_root()) data::begin_dataset(folder, settings, options.overwrite);
  });

  const auto here = make_shards(comm, maker, folder, options, original);
  log_busy_shares(comm, here.work);
  PreparationSummary summary{
      .shards = maker.num_shards(),
      .rebuilt = comm.all_reduce(here.rebuilt, dist::Reduce::Sum, "shards made"),
      .left = here.left,
  };
  if (summary.left > 0) {
    // A rank that heard of it by finding nothing to do may have been asked for more since.
    const auto wanted = static_cast<std::int32_t>(std::max(here.stop, dist::stop_asked()));
    summary.stop = static_cast<dist::Stop>(comm.all_reduce(wanted, dist::Reduce::Max, "stop requests"));
    return summary;
  }
  const auto keys = gather_keys(comm, here, settings, maker.num_shards());

  std::array<std::int64_t, 2> counts{};
  comm.together("finishing the dataset", [&] {
    if (!comm.is_root()) return;
    const auto manifest = finish(folder, keys, maker.schema(), settings, refused, original);
    counts = {manifest.num_records, manifest.num_quarantined};
  });
  comm.broadcast(std::span<std::int64_t>(counts), "counts of the dataset");
  summary.records = counts[0];
  summary.quarantined = counts[1];
  return summary;
}

int report_summary(const dist::Communicator& comm, const PreparationSummary& summary, const fs::path& folder,
                   const std::string& what, double seconds) {
  if (summary.left > 0) {
    core::log::info("stopped in time: {} of {} shards made, {} are left; the same command goes on",
                    summary.rebuilt, summary.shards, summary.left);
    if (comm.is_root())
      fmt::print("shards={} left={} seconds={:.3f}\n", summary.shards, summary.left, seconds);
    comm.together("ask for a requeue", [&] {
      if (comm.is_root() && summary.stop == dist::Stop::SaveAndRequeue && summary.rebuilt > 0)
        dist::ask_for_requeue();
    });
    return core::kExitStoppedInTime;
  }
  core::log::info("{} of {} shards made, the others stood already", summary.rebuilt, summary.shards);
  if (!comm.is_root()) return core::kExitDone;
  if (summary.records == 0)
    core::log::error("no {} could be used: all {} inputs were left out, see {}/quarantine.csv", what,
                     summary.quarantined, folder.string());
  else if (summary.quarantined > 0)
    core::log::warning("{} inputs were left out: see {}/quarantine.csv", summary.quarantined,
                       folder.string());
  fmt::print("records={} quarantined={} shards={} seconds={:.3f} records_per_second={:.1f}\n",
             summary.records, summary.quarantined, summary.shards, seconds,
             static_cast<double>(summary.records) / seconds);
  return core::kExitDone;
}

}  // namespace tessera::data_prep
