// SPDX-License-Identifier: Apache-2.0
#include "report/progress.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "core/text.hpp"

namespace tessera::report {
namespace {

constexpr double kBarEvery = 0.1;    // seconds
constexpr double kLineEvery = 10.0;  // seconds
constexpr double kLineEveryShare = 0.05;
constexpr double kLineAtMostEvery = 1.0;  // so that a short work does not print twenty lines at once
constexpr std::size_t kBarWidth = 24;

// Longest beginning of `text` that fills at most `columns`, never cutting a UTF-8 character in two.
std::string_view clipped(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (used++ == columns) return text.substr(0, i);
  }
  return text;
}

std::string rate_text(double rate) {
  if (rate >= 100) return fmt::format("{:.0f}", rate);
  if (rate >= 10) return fmt::format("{:.1f}", rate);
  return fmt::format("{:.2f}", rate);
}

}  // namespace

ProgressOutput standard_error() {
  const char* term = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");
  ProgressOutput output{.stream = &std::cerr, .seconds = [] {
                          const auto now = std::chrono::steady_clock::now().time_since_epoch();
                          return std::chrono::duration<double>(now).count();
                        }};
  output.is_terminal = ::isatty(STDERR_FILENO) != 0 && !(term && std::string_view(term) == "dumb");
  output.has_colour = output.is_terminal && !(no_colour && *no_colour);
  winsize size{};
  if (output.is_terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    output.columns = size.ws_col;
  return output;
}

Progress::Progress(ProgressOptions options, ProgressOutput output)
    : options_(std::move(options)),
      output_(std::move(output)),
      start_(output_.seconds()),
      last_shown_(start_),
      last_share_(share(options_.already_done)) {}

void Progress::update(std::int64_t done, std::string_view note) {
  if (!options_.shown) return;
  const double now = output_.seconds();
  const double since = now - last_shown_;
  if (output_.is_terminal) {
    if (bar_stands_ && since < kBarEvery) return;
    draw_bar(done, now - start_, false, note);
  } else {
    const bool much_done = share(done) - last_share_ >= kLineEveryShare && since >= kLineAtMostEvery;
    if (since < kLineEvery && !much_done) return;
    print_line(done, now - start_, false, note);
  }
  last_shown_ = now;
  last_share_ = share(done);
}

void Progress::finish(std::int64_t done, std::string_view note) {
  if (!options_.shown) return;
  const double elapsed = output_.seconds() - start_;
  if (output_.is_terminal) {
    draw_bar(done, elapsed, true, note);
    *output_.stream << '\n' << std::flush;
    bar_stands_ = false;
  } else {
    print_line(done, elapsed, true, note);
  }
}

void Progress::clear() {
  if (!bar_stands_) return;
  *output_.stream << "\r\x1b[K" << std::flush;
  bar_stands_ = false;
}

double Progress::share(std::int64_t done) const {
  if (options_.total <= 0) return 0;
  return std::clamp(static_cast<double>(done) / static_cast<double>(options_.total), 0.0, 1.0);
}

// "45 %  1139/2531 crystals  512 crystals/s  ETA 3 s  loss 0.123"
std::string Progress::figures(std::int64_t done, double elapsed, bool finished, std::string_view note) const {
  const double rate = elapsed > 0 ? static_cast<double>(done - options_.already_done) / elapsed : 0.0;
  std::string text;
  if (options_.total > 0)
    text = fmt::format("{:3.0f} %  {}/{} {}", 100 * share(done), done, options_.total, options_.unit);
  else
    text = fmt::format("{} {}", done, options_.unit);
  if (rate > 0) text += fmt::format("  {} {}/s", rate_text(rate), options_.unit);
  if (finished)
    text += "  in " + core::format_duration(elapsed);
  else if (options_.total > 0 && rate > 0)
    text += "  ETA " + core::format_duration(
                           static_cast<double>(std::max<std::int64_t>(0, options_.total - done)) / rate);
  if (!note.empty()) text += fmt::format("  {}", note);
  return text;
}

void Progress::draw_bar(std::int64_t done, double elapsed, bool finished, std::string_view note) {
  std::string before = options_.title + "  ", filled, rest;
  if (options_.total > 0) {
    const auto full = static_cast<std::size_t>(share(done) * static_cast<double>(kBarWidth));
    filled = std::string(full, '=');
    rest = std::string(kBarWidth - full, '-') + "  ";
  }
  const std::string after = figures(done, elapsed, finished, note);
  // One column less than the terminal has: a full line would wrap, and \r only goes back to the last one.
  const auto room = static_cast<std::size_t>(std::max(20, output_.columns - 1));
  const std::size_t bar_columns = before.size() + filled.size() + rest.size();
  std::string line;
  if (bar_columns >= room / 2) {
    line = clipped(before + after, room);  // too narrow for a bar
  } else {
    line = before + (output_.has_colour ? "\x1b[32m" : "") + filled + (output_.has_colour ? "\x1b[0m" : "") +
           rest + std::string(clipped(after, room - bar_columns));
  }
  *output_.stream << '\r' << line << "\x1b[K" << std::flush;
  bar_stands_ = true;
}

void Progress::print_line(std::int64_t done, double elapsed, bool finished, std::string_view note) {
  *output_.stream << options_.title + ": " + std::string(core::trim(figures(done, elapsed, finished, note))) +
                         '\n'
                  << std::flush;
}

}  // namespace tessera::report
