// SPDX-License-Identifier: Apache-2.0
#include "data/shard_commit.hpp"

#include <fmt/core.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "core/build_info.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data/crystal_shard.hpp"
#include "data/image_shard.hpp"
#include "data/sealed_text.hpp"
#include "data/shard_arrays.hpp"

namespace tessera::data {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

fs::path commit_path(const fs::path& folder, std::int64_t shard) {
  return folder / ".commits" / fmt::format("shard-{:05}.json", shard);
}

std::string key_hash(const ShardKey& key) {
  return core::sha256_of(fmt::format("{}\n{}\n{}\n{}", kShardSchemaVersion, key.shard,
                                     canonical_settings(key.settings), key.inputs));
}

// JSON has no NaN; null stands for it.
double number_from(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

std::string commit_text(const ShardKey& key, const ShardCommit& commit) {
  Json document{{"key_sha256", key_hash(key)},   {"file", commit.entry.file}, {"bytes", commit.entry.bytes},
                {"sha256", commit.entry.sha256}, {"rows", Json::array()},     {"quarantined", Json::array()}};
  for (const auto& row : commit.rows)
    document["rows"].push_back({{"id", row.id},
                                {"atoms", row.atoms},
                                {"faces", row.faces},
                                {"edges", row.edges},
                                {"group", row.group},
                                {"height", row.height},
                                {"width", row.width},
                                {"um_per_px", row.um_per_px},
                                {"targets", row.targets}});
  for (const auto& row : commit.quarantined)
    document["quarantined"].push_back({row.id, row.source, row.line, row.reason});
  // Names and reasons may come from elsewhere than our readers; a byte of theirs must not end the
  // preparation.
  return seal(document.dump(1, ' ', false, Json::error_handler_t::replace));
}

void fill_entry(ShardEntry& entry, const std::vector<RecordRow>& rows) {
  entry.records = static_cast<std::int64_t>(rows.size());
  if (rows.empty()) return;
  entry.first_id = rows.front().id;
  entry.last_id = rows.back().id;
}

ShardCommit commit_from(const Json& document, std::int64_t shard) {
  ShardCommit commit;
  commit.entry.file = shard_file_name(shard);
  commit.entry.bytes = document.at("bytes").get<std::int64_t>();
  commit.entry.sha256 = document.at("sha256").get<std::string>();
  for (const auto& row : document.at("rows")) {
    RecordRow line;
    line.shard = shard;
    line.row = static_cast<std::int64_t>(commit.rows.size());
    row.at("id").get_to(line.id);
    row.at("atoms").get_to(line.atoms);
    row.at("faces").get_to(line.faces);
    row.at("edges").get_to(line.edges);
    row.at("group").get_to(line.group);
    row.at("height").get_to(line.height);
    row.at("width").get_to(line.width);
    line.um_per_px = number_from(row.at("um_per_px"));
    for (const auto& value : row.at("targets")) line.targets.push_back(number_from(value));
    commit.rows.push_back(std::move(line));
  }
  for (const auto& row : document.at("quarantined"))
    commit.quarantined.push_back({row.at(0).get<std::string>(), row.at(1).get<std::string>(),
                                  row.at(2).get<int>(), row.at(3).get<std::string>()});
  fill_entry(commit.entry, commit.rows);
  return commit;
}

// "cell: \"refined\" there, \"primitive\" now; …"
std::string differences(const std::string& there, const std::string& now) {
  const auto before = Json::parse(there), after = Json::parse(now);
  std::vector<std::string> found;
  const auto text = [](const Json& settings, const std::string& key) {
    return settings.contains(key) ? settings[key].dump() : std::string("nothing");
  };
  auto keys = before;
  keys.update(after);
  for (const auto& [key, value] : keys.items())
    if (text(before, key) != text(after, key))
      found.push_back(fmt::format("{}: {} there, {} now", key, text(before, key), text(after, key)));
  return core::join(found, "; ");
}

bool is_shard_name(const std::string& name) {
  return name.starts_with("shard-") && name.ends_with(".h5");
}

void remove_where(const fs::path& folder, const std::function<bool(const std::string&)>& unwanted) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && unwanted(entry.path().filename().string())) found.push_back(entry.path());
  for (const auto& path : found) fs::remove(path);
}

}  // namespace

void begin_dataset(const fs::path& folder, const std::string& settings, bool overwrite) {
  const fs::path commits = folder / ".commits", settings_path = commits / "settings.json";
  core::make_folder(commits);
  const auto left_by_a_killed_writer = [](const std::string& name) {
    return name.starts_with('.') && name.ends_with(".tmp");
  };
  remove_where(folder, left_by_a_killed_writer);
  remove_where(commits, left_by_a_killed_writer);

  const std::string now = canonical_settings(settings);
  std::string there = now;
  if (fs::exists(folder / "manifest.json")) try {
      there = canonical_settings(read_manifest(folder).settings);
    } catch (const core::DataError& error) {
      // The commit records say what is whole; the manifest is put together anew from them.
      core::log::warning("{}", error.what());
    }
  if (fs::exists(settings_path) && there == now)
    if (const auto text = core::read_file(settings_path); nlohmann::json::accept(text)) there = text;
  if (there != now && !overwrite)
    throw core::InputError(fmt::format(
        "{} holds a dataset prepared with other settings ({}). Give another --out, or replace it with "
        "--fresh.",
        folder.string(), differences(there, now)));
  if (there != now) {
    fs::remove(folder / "manifest.json");
    fs::remove_all(commits);
    remove_where(folder, is_shard_name);
    core::make_folder(commits);
  }
  core::write_file_atomically(settings_path, now);
}

std::optional<ShardCommit> find_commit(const fs::path& folder, const ShardKey& key) {
  const fs::path path = commit_path(folder, key.shard), shard = folder / shard_file_name(key.shard);
  if (!fs::exists(path) || !fs::exists(shard)) return std::nullopt;
  try {
    const std::string text = core::read_file(path);
    check_seal(text, path.string());
    const Json document = Json::parse(text);
    if (document.at("key_sha256") != key_hash(key)) return std::nullopt;
    auto commit = commit_from(document, key.shard);
    if (core::sha256_of_file(shard) == commit.entry.sha256) return commit;
    core::log::warning("{} is damaged: it is made again", shard.string());
  } catch (const std::exception& error) {
    core::log::warning("shard {} is made again: {}", key.shard, error.what());
  }
  return std::nullopt;
}

std::optional<ShardCommit> read_commit(const fs::path& folder, std::int64_t shard) {
  const fs::path path = commit_path(folder, shard);
  if (!fs::exists(path)) return std::nullopt;
  try {
    const std::string text = core::read_file(path);
    check_seal(text, path.string());
    return commit_from(Json::parse(text), shard);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

namespace {

template <typename Record>
EncodedShard encode(std::span<const Record> records, const DatasetSchema& schema, std::int64_t shard) {
  EncodedShard content{encode_shard(records, schema), {}};
  for (std::size_t i = 0; i < records.size(); ++i)
    content.rows.push_back(row_of(records[i], shard, static_cast<std::int64_t>(i)));
  return content;
}

}  // namespace

EncodedShard encoded(std::span<const CrystalRecord> records, const DatasetSchema& schema,
                     std::int64_t shard) {
  return encode(records, schema, shard);
}
EncodedShard encoded(std::span<const ImageRecord> records, const DatasetSchema& schema, std::int64_t shard) {
  return encode(records, schema, shard);
}

ShardCommit commit_shard(const fs::path& folder, const ShardKey& key, EncodedShard content,
                         std::vector<QuarantineRow> quarantined,
                         const std::function<void(const ShardCommit&)>& accept) {
  ShardCommit commit;
  commit.rows = std::move(content.rows);
  commit.quarantined = std::move(quarantined);
  commit.entry.file = shard_file_name(key.shard);
  commit.entry.bytes = static_cast<std::int64_t>(content.bytes.size());
  commit.entry.sha256 = core::sha256_of(content.bytes);
  fill_entry(commit.entry, commit.rows);
  if (accept) accept(commit);
  core::write_file_atomically(folder / commit.entry.file, content.bytes);
  core::write_file_atomically(commit_path(folder, key.shard), commit_text(key, commit));
  return commit;
}

Manifest finish_dataset(const fs::path& folder, const std::string& settings, const DatasetSchema& schema,
                        std::span<const ShardCommit> commits, std::span<const QuarantineRow> unplaced,
                        const std::function<void(const Manifest&)>& accept) {
  Manifest manifest;
  manifest.schema = schema;
  manifest.settings = settings;
  manifest.tool = core::version();
  std::vector<RecordRow> rows;
  std::vector<QuarantineRow> quarantined(unplaced.begin(), unplaced.end());
  std::unordered_set<std::string> files, ids;
  for (const auto& commit : commits) {
    manifest.shards.push_back(commit.entry);
    files.insert(commit.entry.file);
    rows.insert(rows.end(), commit.rows.begin(), commit.rows.end());
    quarantined.insert(quarantined.end(), commit.quarantined.begin(), commit.quarantined.end());
    for (const auto& row : commit.rows)
      if (!ids.insert(row.id).second)
        throw core::DataError(fmt::format("id {} comes twice. Rename one of the two inputs.", row.id));
  }
  manifest.num_records = static_cast<std::int64_t>(rows.size());
  manifest.num_quarantined = static_cast<std::int64_t>(quarantined.size());
  const std::string records_text = records_csv(rows, schema), quarantine_text = quarantine_csv(quarantined);
  manifest.records_sha256 = core::sha256_of(records_text);
  manifest.quarantine_sha256 = core::sha256_of(quarantine_text);
  if (accept) accept(manifest);
  core::write_file_atomically(folder / "records.csv", records_text);
  core::write_file_atomically(folder / "quarantine.csv", quarantine_text);
  write_manifest(folder, manifest);
  remove_where(folder, [&](const std::string& name) { return is_shard_name(name) && !files.contains(name); });
  return manifest;
}

}  // namespace tessera::data
