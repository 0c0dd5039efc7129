// SPDX-License-Identifier: Apache-2.0
#include "data/ledger.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <unordered_map>

#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::data {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw core::DataError(
      fmt::format("cannot {} the ledger {}: {}", what, path.string(), std::strerror(errno)));
}

struct Line {
  Cursor at;
  std::vector<std::int64_t> records;
};

std::optional<Line> parse_line(std::string_view text) {
  const auto fields = core::split(text, ',');
  if (fields.size() != 3) return std::nullopt;
  const auto epoch = core::parse_integer(fields[0]), step = core::parse_integer(fields[1]);
  if (!epoch || !step) return std::nullopt;
  Line line{{*epoch, *step}, {}};
  for (const auto word : core::split(fields[2], ' ')) {
    const auto record = core::parse_integer(word);
    if (!record) return std::nullopt;
    line.records.push_back(*record);
  }
  return line;
}

// Bytes up to the first line that is torn, unreadable, or at `resume` or later.
std::int64_t kept_length(const std::filesystem::path& path, Cursor resume) {
  std::ifstream file(path, std::ios::binary);
  std::int64_t length = 0;
  for (std::string text; std::getline(file, text);) {
    const auto line = parse_line(text);
    if (file.eof() || !line || line->at >= resume) break;  // eof: the newline is missing
    length += static_cast<std::int64_t>(text.size()) + 1;
  }
  return length;
}

std::ifstream open_to_read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw core::InputError(fmt::format("cannot read the ledger {}: {}", path.string(), std::strerror(errno)));
  return file;
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& path, Cursor resume)
    : path_(path), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (file_ < 0) fail("open", path_);
  if (::ftruncate(file_, kept_length(path_, resume)) != 0) {
    ::close(file_);
    fail("cut", path_);
  }
}

Ledger::~Ledger() {
  ::close(file_);
}

void Ledger::add(Cursor at, std::span<const std::int64_t> records) {
  const auto line = fmt::format("{},{},{}\n", at.epoch, at.step, fmt::join(records, " "));
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path_);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Ledger::sync() {
  if (::fsync(file_) != 0) fail("sync", path_);
}

std::vector<Cursor> steps_of(const std::filesystem::path& path, std::int64_t record) {
  std::vector<Cursor> steps;
  auto file = open_to_read(path);
  for (std::string text; std::getline(file, text);)
    if (const auto line = parse_line(text);
        line && std::ranges::find(line->records, record) != line->records.end())
      steps.push_back(line->at);
  return steps;
}

LedgerAudit audit_ledger(const std::filesystem::path& path, std::span<const std::int64_t> records) {
  auto file = open_to_read(path);
  LedgerAudit audit;
  const auto fault = [&](const std::string& text) {
    if (audit.faults.size() < 100) audit.faults.push_back(text);
  };
  std::unordered_map<std::int64_t, int> uses;
  for (auto record : records) uses[record] = 0;
  Cursor expected;
  const auto end_epoch = [&](bool last) {
    bool whole = true;
    for (auto record : records) {
      auto& count = uses[record];
      if (count > 1)
        fault(fmt::format("epoch {}: record {} was used {} times", expected.epoch, record, count));
      if (count == 0 && !last) fault(fmt::format("epoch {}: record {} was not used", expected.epoch, record));
      whole = whole && count == 1;
      count = 0;
    }
    if (whole) ++audit.whole_epochs;
  };

  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    const auto line = parse_line(text);
    if (!line) {
      fault(fmt::format("line {} is no step: \"{:.40}\"", number, text));
      continue;
    }
    if (line->at.epoch == expected.epoch + 1 && line->at.step == 0) {
      end_epoch(false);
      expected = line->at;
    }
    if (line->at != expected)
      fault(fmt::format("line {}: epoch {} step {} follows where epoch {} step {} was due", number,
                        line->at.epoch, line->at.step, expected.epoch, expected.step));
    for (auto record : line->records) {
      if (const auto use = uses.find(record); use == uses.end())
        fault(fmt::format("line {}: record {} is not one to train on", number, record));
      else
        ++use->second;
    }
    ++audit.num_steps;
    audit.num_samples += static_cast<std::int64_t>(line->records.size());
    expected = {line->at.epoch, line->at.step + 1};
  }
  end_epoch(true);
  return audit;
}

}  // namespace tessera::data
