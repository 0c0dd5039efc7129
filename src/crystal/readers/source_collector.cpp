// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/source_collector.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/utf8.hpp"

namespace tessera::crystal {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

SourceEntry& SourceCollector::add(std::string id, std::string source) {
  SourceEntry& entry = index_.entries.emplace_back();
  entry.id = std::move(id);
  entry.source = std::move(source);
  return entry;
}

void SourceCollector::add_broken(const std::string& id, const std::string& source, const std::string& reason,
                                 int line) {
  SourceEntry& entry = add(id, source);
  entry.reason = reason;
  entry.line = line;
}

void SourceCollector::add_or_list(const std::string& id, const std::string& source,
                                  const std::function<void()>& add_one) {
  try {
    add_one();
  } catch (const ReadError& error) {
    add_broken(id, source, error.reason(), error.line());
  } catch (const core::InputError& error) {  // cut off, unreadable, gone
    add_broken(id, source, error.what());
  }
}

void SourceCollector::place(SourceEntry& entry, const TextPlace& text) {
  auto& files = index_.files;
  const std::string file = text.file.string();
  if (files.empty() || files.back() != file) files.push_back(file);
  entry.file = static_cast<std::uint32_t>(files.size() - 1);
  entry.offset = text.offset;
  entry.length = text.length;
}

std::size_t SourceCollector::target_column(const std::string& name) {
  auto& names = index_.target_names;
  const auto column = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  if (column == names.size()) names.push_back(name);
  return column;
}

void SourceCollector::set_target(SourceEntry& entry, std::size_t column, double value) {
  if (entry.targets.size() <= column) entry.targets.resize(column + 1, kMissing);
  entry.targets[column] = std::isfinite(value) ? value : kMissing;
}

void SourceCollector::skip_column(const std::string& name) {
  auto& skipped = index_.skipped_columns;
  if (std::find(skipped.begin(), skipped.end(), name) == skipped.end()) skipped.push_back(name);
}

SourceIndex SourceCollector::finish() {
  spool_.flush();
  warn_of_skipped_files();
  make_valid();
  mark_duplicates();
  for (SourceEntry& entry : index_.entries) entry.targets.resize(index_.target_names.size(), kMissing);
  return std::move(index_);
}

void SourceCollector::warn_of_skipped_files() const {
  constexpr std::size_t kNamed = 5;
  if (skipped_files_.empty()) return;
  const std::span<const std::string> named(skipped_files_.data(), std::min(kNamed, skipped_files_.size()));
  core::log::warning(
      "{} files among the inputs were not read: {}{}. Unpack archives that lie "
      "in others, and packed CGCNN folders; name archives in a folder as --input.",
      skipped_files_.size(), valid_utf8(core::join(named, ", ")),
      skipped_files_.size() > kNamed ? ", …" : "");
}

// Names and quotations come in any encoding; from here on they are UTF-8, as all that is written of them.
void SourceCollector::make_valid() {
  for (auto* names : {&index_.target_names, &index_.skipped_columns})
    for (std::string& name : *names) name = valid_utf8(name);
  for (SourceEntry& entry : index_.entries) {
    for (auto* text : {&entry.id, &entry.source, &entry.reason}) *text = valid_utf8(*text);
    if (!entry.own_targets) continue;
    for (auto* text : {&entry.own_targets->source, &entry.own_targets->fault}) *text = valid_utf8(*text);
  }
}

// Sorts by id; of a repeated one the first without a reason stands.
void SourceCollector::mark_duplicates() {
  auto& entries = index_.entries;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const SourceEntry& a, const SourceEntry& b) { return a.id < b.id; });
  const SourceEntry* first = nullptr;
  for (SourceEntry& entry : entries) {
    if (!entry.reason.empty()) continue;
    if (first && first->id == entry.id)
      entry.reason =
          fmt::format("duplicate id '{}': the first is {}. Rename or remove one.", entry.id, first->source);
    else
      first = &entry;
  }
}

}  // namespace tessera::crystal
