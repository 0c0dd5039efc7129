// SPDX-License-Identifier: Apache-2.0
#include "report/chrome_trace.hpp"

#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/file.hpp"

namespace tessera::report {
namespace {

using nlohmann::json;

constexpr double kMicroseconds = 1e6;  // the format's unit

json name_row(const char* what, int rank, int row, const std::string& name) {
  return {{"ph", "M"}, {"name", what}, {"pid", rank}, {"tid", row}, {"args", {{"name", name}}}};
}

}  // namespace

void write_chrome_trace(const std::filesystem::path& path, int rank, const std::string& host,
                        std::span<const TraceSpan> spans) {
  json events = json::array({name_row("process_name", rank, 0, fmt::format("rank {} on {}", rank, host))});
  std::map<std::string, int> rows;
  for (const auto& span : spans) {
    const auto [row, is_new] = rows.try_emplace(span.track, static_cast<int>(rows.size()));
    if (is_new) events.push_back(name_row("thread_name", rank, row->second, span.track));
    json arguments = json::object();
    for (const auto& [name, value] : span.arguments) arguments[name] = value;
    events.push_back({{"ph", "X"},
                      {"name", span.name},
                      {"pid", rank},
                      {"tid", row->second},
                      {"ts", span.start * kMicroseconds},
                      {"dur", span.seconds * kMicroseconds},
                      {"args", std::move(arguments)}});
  }
  core::write_file_atomically(path, events.dump() + "\n");
}

}  // namespace tessera::report
