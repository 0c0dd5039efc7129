// SPDX-License-Identifier: Apache-2.0
// Where a rank's time goes: every moment of a training belongs to one section, so that they add up to the
// wall time. Of a GPU it is the host's time: what it queued and where it waited.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>

namespace tessera::train {

enum class Section {
  Setup,  // until the first step: network, checkpoint, logs
  Input,
  Compute,               // forward, loss, backward
  Imbalance,             // waiting for the rank that has the most to do
  ExposedCommunication,  // what backward did not hide
  Optimizer,
  Evaluation,
  Checkpoint,  // the stall: a checkpoint is written beside the training
  Other,       // logs, progress
};
inline constexpr std::array kSectionNames = {
    "setup",     "input",      "compute",    "imbalance", "exposed_communication",
    "optimizer", "evaluation", "checkpoint", "other"};
using SectionSeconds = std::array<double, kSectionNames.size()>;

class SectionClock {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// What has passed since the last border was `section`; the next begins here.
  void lap(Section section) {
    const auto now = std::chrono::steady_clock::now();
    seconds_[static_cast<std::size_t>(section)] += std::chrono::duration<double>(now - border_).count();
    if (on_lap) on_lap(section, border_, now);
    border_ = now;
  }

  const SectionSeconds& seconds() const { return seconds_; }
  double seconds(Section section) const { return seconds_[static_cast<std::size_t>(section)]; }

  /// Told of every lap, for a trace.
  std::function<void(Section, Moment begin, Moment end)> on_lap;

 private:
  SectionSeconds seconds_{};
  Moment border_ = std::chrono::steady_clock::now();
};

}  // namespace tessera::train
