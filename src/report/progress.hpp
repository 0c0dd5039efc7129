// SPDX-License-Identifier: Apache-2.0
// How far a long work has come, how fast it goes, how long it still takes. On a terminal a bar that redraws
// itself; in a log whole lines: one every 10 s or 5 %, never a carriage return. Shown by one rank only.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

namespace tessera::report {

/// Where progress goes.
struct ProgressOutput {
  std::ostream* stream;
  bool is_terminal = false;
  bool has_colour = false;
  int columns = 80;                 // width of the terminal
  std::function<double()> seconds;  // a clock that never steps back
};

/// stderr as it is: a bar where it is a terminal (and TERM is not dumb), no colour where NO_COLOR is set.
ProgressOutput standard_error();

struct ProgressOptions {
  std::string title;              // "prep crystals"
  std::string unit = "records";   // what is counted
  std::int64_t total = 0;         // 0 where nobody knows yet
  std::int64_t already_done = 0;  // by an earlier start; not counted into the rate
  bool shown = true;              // false on all ranks but one, and with --quiet
};

class Progress {
 public:
  explicit Progress(ProgressOptions options, ProgressOutput output = standard_error());

  /// Cheap: draws only when there is something new to see. `note` is any further text, "loss 0.123".
  void update(std::int64_t done, std::string_view note = {});
  /// The last line, which stays.
  void finish(std::int64_t done, std::string_view note = {});
  /// Wipes the bar before something else is printed; the next update draws it again.
  void clear();

 private:
  std::string figures(std::int64_t done, double elapsed, bool finished, std::string_view note) const;
  void draw_bar(std::int64_t done, double elapsed, bool finished, std::string_view note);
  void print_line(std::int64_t done, double elapsed, bool finished, std::string_view note);
  double share(std::int64_t done) const;

  ProgressOptions options_;
  ProgressOutput output_;
  double start_;
  double last_shown_;
  double last_share_;
  bool bar_stands_ = false;
};

}  // namespace tessera::report
