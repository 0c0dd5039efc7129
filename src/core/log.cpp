// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "core/error.hpp"

namespace tessera::core::log {
namespace {

struct State {
  spdlog::logger logger;
  int rank = 0;
  int size = 1;
};

// The one piece of state a program shares: its stderr.
State& state() {
  static State instance = [] {
    auto colour = std::getenv("NO_COLOR") ? spdlog::color_mode::never : spdlog::color_mode::automatic;
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(colour);
    spdlog::logger logger("tessera", sink);
    logger.set_pattern("%^%H:%M:%S %-7l%$ %v");
    logger.flush_on(spdlog::level::trace);
    return State{std::move(logger)};
  }();
  return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warning: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
    case Level::Off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

Level level_from_name(std::string_view name) {
  if (name == "debug") return Level::Debug;
  if (name == "info") return Level::Info;
  if (name == "warning") return Level::Warning;
  if (name == "error") return Level::Error;
  if (name == "off") return Level::Off;
  throw InputError(fmt::format("--log-level must be debug, info, warning, error or off, got '{}'", name));
}

void set_level(Level level) {
  state().logger.set_level(to_spdlog(level));
}

void set_rank(int rank, int size) {
  state().rank = rank;
  state().size = size;
}

void write(Level level, const std::string& text) {
  const bool of_one_rank = level >= Level::Warning;
  if (!of_one_rank && state().rank != 0) return;
  if (of_one_rank && state().size > 1)
    state().logger.log(to_spdlog(level), "rank {}: {}", state().rank, text);
  else
    state().logger.log(to_spdlog(level), "{}", text);
}

}  // namespace tessera::core::log
