// SPDX-License-Identifier: Apache-2.0
#include "search/process.hpp"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/text.hpp"

namespace tessera::search {
namespace {

std::string first_word_of(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word.empty() ? "?" : word;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "?";
  return name.data();
}

std::string kernel_and_namespace() {
  std::error_code ignored;
  const auto space =
      std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();  // pid:[4026531836]
  return first_word_of("/proc/sys/kernel/random/boot_id") + "/" + (space.empty() ? "?" : space);
}

// Start in ticks since the boot (proc(5), field 22 of stat); nothing of a process that is gone or a zombie.
std::optional<std::int64_t> start_of(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const auto name_end = text.rfind(')');  // the name in brackets may hold blanks and brackets
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(name_end + 1));
  std::string state, field;
  rest >> state;
  if (state == "Z" || state == "X") return std::nullopt;
  for (int number = 4; number <= 22; ++number) rest >> field;
  return core::parse_integer(field);
}

}  // namespace

Process this_process() {
  const std::int64_t pid = ::getpid();
  return {host_name(), kernel_and_namespace(), pid, start_of(pid).value_or(0)};
}

bool is_known_dead(const Process& process) {
  if (process.host != host_name() || process.kernel != kernel_and_namespace()) return false;
  if (!std::filesystem::exists("/proc/self/stat")) return false;
  // Another user's process may stand in no /proc that we see (mounted with hidepid).
  const bool is_hidden = !std::filesystem::exists(fmt::format("/proc/{}/stat", process.pid)) &&
                         (::kill(static_cast<pid_t>(process.pid), 0) == 0 || errno != ESRCH);
  return !is_hidden && start_of(process.pid) != process.started;
}

std::string process_line(const Process& process) {
  return fmt::format("{} {} {} {}", process.host, process.kernel, process.pid, process.started);
}

std::optional<Process> process_from_line(const std::string& line) {
  const auto words = core::split(core::trim(line), ' ');
  if (words.size() != 4) return std::nullopt;
  const auto pid = core::parse_integer(words[2]), started = core::parse_integer(words[3]);
  if (!pid || !started) return std::nullopt;
  return Process{std::string(words[0]), std::string(words[1]), *pid, *started};
}

}  // namespace tessera::search
