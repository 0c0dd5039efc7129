// SPDX-License-Identifier: Apache-2.0
#include "data/manifest.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/sealed_text.hpp"

namespace tessera::data {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json to_json(const DatasetSchema& schema) {
  Json features = Json::object();
  if (schema.graph)
    features["graph"] = {{"cutoff_angstrom", schema.graph->cutoff_angstrom},
                         {"num_neighbors", schema.graph->num_neighbors}};
  if (schema.mesh) features["mesh"] = {{"kind", *schema.mesh}};
  if (schema.kind == kImages) features["image"] = {{"mask_classes", schema.mask_classes}};
  return features;
}

DatasetSchema schema_from(const Json& document) {
  DatasetSchema schema;
  schema.kind = document.at("kind").get<std::string>();
  const auto& features = document.at("features");
  if (schema.kind == kImages)
    schema.mask_classes = features.at("image").at("mask_classes").get<std::int64_t>();
  if (features.contains("graph"))
    schema.graph = crystal::GraphOptions{features["graph"].at("cutoff_angstrom").get<double>(),
                                         features["graph"].at("num_neighbors").get<int>()};
  if (features.contains("mesh")) schema.mesh = features["mesh"].at("kind").get<std::string>();
  for (const auto& target : document.at("targets"))
    schema.targets.push_back({target.at("name").get<std::string>(), target.at("unit").get<std::string>()});
  return schema;
}

Manifest manifest_from(const Json& document) {
  Manifest manifest;
  manifest.schema = schema_from(document);
  manifest.settings = document.at("settings").dump();
  manifest.tool = document.at("tool").get<std::string>();
  manifest.num_records = document.at("records").get<std::int64_t>();
  manifest.num_quarantined = document.at("quarantined").get<std::int64_t>();
  for (const auto& shard : document.at("shards"))
    manifest.shards.push_back({shard.at("file").get<std::string>(), shard.at("records").get<std::int64_t>(),
                               shard.at("bytes").get<std::int64_t>(), shard.at("sha256").get<std::string>(),
                               shard.at("first_id").get<std::string>(),
                               shard.at("last_id").get<std::string>()});
  manifest.records_sha256 = document.at("files").at("records.csv").get<std::string>();
  manifest.quarantine_sha256 = document.at("files").at("quarantine.csv").get<std::string>();
  return manifest;
}

}  // namespace

std::string shard_file_name(std::int64_t shard) {
  return fmt::format("shard-{:05}.h5", shard);
}

std::string canonical_settings(const std::string& settings) {
  const auto document = nlohmann::json::parse(settings, nullptr, false);
  if (!document.is_object()) throw core::InternalError("settings must be a JSON object, got " + settings);
  return document.dump();
}

void write_manifest(const fs::path& folder, const Manifest& manifest) {
  Json document{
      {"schema_version", kManifestSchemaVersion},
      {"kind", manifest.schema.kind},
      {"tool", manifest.tool},
      {"records", manifest.num_records},
      {"quarantined", manifest.num_quarantined},
      {"features", to_json(manifest.schema)},
      {"targets", Json::array()},
      {"settings", Json::parse(canonical_settings(manifest.settings))},
      {"shards", Json::array()},
      {"files", {{"records.csv", manifest.records_sha256}, {"quarantine.csv", manifest.quarantine_sha256}}}};
  for (const auto& target : manifest.schema.targets)
    document["targets"].push_back({{"name", target.name}, {"unit", target.unit}});
  for (const auto& shard : manifest.shards)
    document["shards"].push_back({{"file", shard.file},
                                  {"records", shard.records},
                                  {"bytes", shard.bytes},
                                  {"sha256", shard.sha256},
                                  {"first_id", shard.first_id},
                                  {"last_id", shard.last_id}});
  core::write_file_atomically(folder / "manifest.json", seal(document.dump(2)));
}

Manifest read_manifest(const fs::path& folder) {
  const fs::path path = folder / "manifest.json";
  if (!fs::is_directory(folder))
    throw core::InputError(
        fmt::format("there is no dataset {}: make it with `tessera prep crystals --out {}` or `tessera prep "
                    "images`, or name "
                    "another one",
                    folder.string(), folder.string()));
  if (!fs::exists(path))
    throw core::InputError(
        fmt::format("{} has no manifest.json: it is no dataset, or its preparation did not end. Start "
                    "`tessera prep` again "
                    "with the same arguments; it goes on where it stopped.",
                    folder.string()));
  const std::string text = core::read_file(path);
  check_seal(text, path.string());
  try {
    const Json document = Json::parse(text);
    if (const auto version = document.at("schema_version").get<int>(); version != kManifestSchemaVersion)
      throw core::DataError(
          fmt::format("{} has schema version {}, this program reads version {}. Prepare the "
                      "dataset again, or use the Tessera that wrote it.",
                      path.string(), version, kManifestSchemaVersion));
    if (const auto kind = document.at("kind").get<std::string>(); kind != kCrystals && kind != kImages)
      throw core::DataError(fmt::format("{} must hold crystals or images, got {}", path.string(), kind));
    return manifest_from(document);
  } catch (const Json::exception& error) {
    throw core::DataError(fmt::format("{} is no manifest: {}", path.string(), error.what()));
  }
}

}  // namespace tessera::data
