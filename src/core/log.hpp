// SPDX-License-Identifier: Apache-2.0
// The log: one line a message on stderr, with the time. Every rank may call it; below warnings only rank 0 is
// heard, so that 64 ranks do not say the same 64 times. Results never go here but to stdout and files.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace tessera::core::log {

enum class Level { Debug, Info, Warning, Error, Off };

/// Raises InputError for a name other than debug, info, warning, error, off.
Level level_from_name(std::string_view name);
void set_level(Level level);

/// Names the rank in front of warnings and errors, and silences debug and info on all but rank 0.
void set_rank(int rank, int size);

void write(Level level, const std::string& text);

template <typename... Values>
void debug(fmt::format_string<Values...> format, Values&&... values) {
  write(Level::Debug, fmt::format(format, std::forward<Values>(values)...));
}
template <typename... Values>
void info(fmt::format_string<Values...> format, Values&&... values) {
  write(Level::Info, fmt::format(format, std::forward<Values>(values)...));
}
template <typename... Values>
void warning(fmt::format_string<Values...> format, Values&&... values) {
  write(Level::Warning, fmt::format(format, std::forward<Values>(values)...));
}
template <typename... Values>
void error(fmt::format_string<Values...> format, Values&&... values) {
  write(Level::Error, fmt::format(format, std::forward<Values>(values)...));
}

}  // namespace tessera::core::log
