// SPDX-License-Identifier: Apache-2.0
#include "data/verify.hpp"

#include <fmt/core.h>

#include <optional>

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "data/manifest.hpp"
#include "dist/work_queue.hpp"

namespace tessera::data {
namespace {

namespace fs = std::filesystem;

struct ExpectedFile {
  std::string name;
  std::int64_t bytes = -1;  // -1: not told
  std::string sha256;
};

// "" where the file is whole.
std::string damage_of(const fs::path& folder, const ExpectedFile& expected) {
  const fs::path path = folder / expected.name;
  std::error_code code;
  const auto bytes = fs::file_size(path, code);
  if (code) return "is missing";
  if (expected.bytes >= 0 && static_cast<std::int64_t>(bytes) != expected.bytes)
    return fmt::format("has {} bytes, {} expected", bytes, expected.bytes);
  try {
    const auto sha256 = core::sha256_of_file(path);
    return sha256 == expected.sha256
               ? ""
               : fmt::format("has the SHA-256 {:.12}…, {:.12}… expected", sha256, expected.sha256);
  } catch (const core::Error& error) {
    return error.what();
  }
}

}  // namespace

std::vector<Damage> verify_dataset(const fs::path& folder, const dist::Communicator& comm) {
  std::string manifest_damage;
  const auto manifest = comm.together("reading the manifest", [&]() -> std::optional<Manifest> {
    try {
      return read_manifest(folder);
    } catch (const core::DataError& error) {
      manifest_damage = error.what();
    } catch (const core::InputError&) {
      // Where a preparation was begun, a missing manifest is damage like any other.
      if (!fs::exists(folder / ".commits" / "settings.json")) throw;
      manifest_damage = "is missing: it was removed, or the preparation did not end";
    }
    return std::nullopt;
  });
  const bool damaged_anywhere =
      comm.all_reduce(std::int32_t{!manifest.has_value()}, dist::Reduce::Max, "reading the manifest") > 0;
  if (damaged_anywhere)
    return {{"manifest.json", manifest_damage.empty() ? "could not be read by every rank" : manifest_damage}};

  std::vector<ExpectedFile> files{{"records.csv", -1, manifest->records_sha256},
                                  {"quarantine.csv", -1, manifest->quarantine_sha256}};
  for (const auto& shard : manifest->shards) files.push_back({shard.file, shard.bytes, shard.sha256});
  std::string found_here;  // "index\treason" lines
  dist::for_each_task(comm, static_cast<std::int64_t>(files.size()), "verifying shards", [&](std::int64_t i) {
    const auto reason = damage_of(folder, files[static_cast<std::size_t>(i)]);
    if (!reason.empty()) found_here += fmt::format("{}\t{}\n", i, reason);
  });
  std::vector<std::string> reasons(files.size());
  for (const auto& found : comm.all_gather_text(found_here, "verifying shards"))
    for (const auto line : core::split(found, '\n'))
      if (const auto tab = line.find('\t'); tab != std::string_view::npos)
        reasons[static_cast<std::size_t>(*core::parse_integer(line.substr(0, tab)))] = line.substr(tab + 1);
  std::vector<Damage> damages;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!reasons[i].empty()) damages.push_back({files[i].name, reasons[i]});
  return damages;
}

}  // namespace tessera::data
