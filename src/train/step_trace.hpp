// SPDX-License-Identifier: Apache-2.0
// The first steps of a start, moment by moment: RUN/trace/rank-00000.json of each rank, in Chrome's format.
// The row "training" holds the sections, "buckets" each gradient bucket from its launch to its arrival:
// hidden as far as it lies beside compute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "dist/communicator.hpp"
#include "dist/tensor/gradient_reducer.hpp"
#include "report/chrome_trace.hpp"
#include "train/section_clock.hpp"

namespace tessera::train {

class StepTrace {
 public:
  /// Collective: all ranks' times count from the barrier here. Follows `clock`, which lives longer, for
  /// `steps` steps.
  StepTrace(std::filesystem::path run_folder, const dist::Communicator& comm, SectionClock& clock,
            std::int64_t steps);
  ~StepTrace() { clock_.on_lap = nullptr; }
  StepTrace(const StepTrace&) = delete;
  StepTrace& operator=(const StepTrace&) = delete;

  /// After each step, with its buckets where there is a reducer. True with the last step to be traced.
  bool ended_step(const dist::ReducerTrace* buckets);

  /// Collective. Raises DataError where a file cannot be written.
  void write() const;

 private:
  double since_zero(SectionClock::Moment moment) const;

  std::filesystem::path run_folder_;
  const dist::Communicator& comm_;
  SectionClock& clock_;
  std::int64_t steps_left_;
  SectionClock::Moment zero_;
  std::vector<report::TraceSpan> spans_;
};

}  // namespace tessera::train
