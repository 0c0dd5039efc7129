// SPDX-License-Identifier: Apache-2.0
#include "report/event_writer.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "core/text.hpp"
#include "report/crc32c.hpp"

namespace tessera::report {
namespace {

constexpr std::string_view kPrefix = "events.out.tfevents.";

std::string little_endian(std::uint64_t value, int num_bytes) {
  std::string bytes;
  for (int i = 0; i < num_bytes; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xff);
  return bytes;
}

// Protocol buffers by hand: a field is its number and wire type, then the value.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  return bytes + static_cast<char>(value);
}
std::string varint_field(int number, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(number) << 3) + varint(static_cast<std::uint64_t>(value));
}
std::string double_field(int number, double value) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 1) +
         little_endian(std::bit_cast<std::uint64_t>(value), 8);
}
std::string float_field(int number, float value) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 5) +
         little_endian(std::bit_cast<std::uint32_t>(value), 4);
}
std::string bytes_field(int number, std::string_view value) {
  return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(value.size()) + std::string(value);
}

// Field numbers of tensorflow's event.proto and summary.proto.
std::string event(std::optional<std::int64_t> step, const std::string& what) {
  return double_field(1, core::unix_time()) + (step ? varint_field(2, *step) : "") + what;
}
std::string file_version() {
  return bytes_field(3, "brain.Event:2");
}
std::string session_start() {
  constexpr int kStart = 1;
  return bytes_field(7, varint_field(1, kStart));
}
std::string summary(const std::vector<std::pair<std::string, double>>& scalars) {
  std::string values;
  for (const auto& [tag, value] : scalars)
    values += bytes_field(1, bytes_field(1, tag) + float_field(2, static_cast<float>(value)));
  return bytes_field(5, values);
}

std::string record(const std::string& data) {
  const std::string length = little_endian(data.size(), 8);
  return length + little_endian(masked_crc32c(length), 4) + data + little_endian(masked_crc32c(data), 4);
}

// TensorBoard reads a folder's files in order of name. Two starts within one second, or on nodes whose clocks
// differ, must still follow one another.
std::int64_t time_behind_all(const std::filesystem::path& folder) {
  auto time = static_cast<std::int64_t>(core::unix_time());
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const auto parts = core::split(std::string_view(name).substr(kPrefix.size()), '.');
    if (const auto other = core::parse_integer(parts.front())) time = std::max(time, *other + 1);
  }
  return time;
}

}  // namespace

EventWriter::EventWriter(const std::filesystem::path& folder, std::optional<std::int64_t> resumed_after) {
  const std::string name =
      fmt::format("{}{}.{}.{}", kPrefix, time_behind_all(folder), core::host_name(), ::getpid());
  file_ = std::make_unique<AppendFile>(folder / name, AppendFile::Mode::CreateNew);
  std::string opening = record(event(std::nullopt, file_version()));
  // A session that starts at step s voids every event from s on.
  if (resumed_after) opening += record(event(*resumed_after + 1, session_start()));
  file_->append(opening);
}

void EventWriter::write(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  file_->append(record(event(step, summary(scalars))));
}

}  // namespace tessera::report
