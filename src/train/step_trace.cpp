// SPDX-License-Identifier: Apache-2.0
#include "train/step_trace.hpp"

#include <fmt/core.h>

#include <utility>

#include "core/build_info.hpp"
#include "core/file.hpp"

namespace tessera::train {

StepTrace::StepTrace(std::filesystem::path run_folder, const dist::Communicator& comm, SectionClock& clock,
                     std::int64_t steps)
    : run_folder_(std::move(run_folder)), comm_(comm), clock_(clock), steps_left_(steps) {
  comm_.barrier("start of the trace");
  zero_ = std::chrono::steady_clock::now();
  clock_.lap(Section::Setup);
  clock_.on_lap = [this](Section section, SectionClock::Moment begin, SectionClock::Moment end) {
    spans_.push_back({.track = "training",
                      .name = kSectionNames[static_cast<std::size_t>(section)],
                      .start = since_zero(begin),
                      .seconds = std::chrono::duration<double>(end - begin).count(),
                      .arguments = {}});
  };
}

double StepTrace::since_zero(SectionClock::Moment moment) const {
  return std::chrono::duration<double>(moment - zero_).count();
}

bool StepTrace::ended_step(const dist::ReducerTrace* buckets) {
  if (buckets) {
    for (std::size_t b = 0; b < buckets->launches.size(); ++b)
      spans_.push_back({.track = "buckets",
                        .name = fmt::format("bucket {}", b),
                        .start = since_zero(buckets->start) + buckets->launches[b],
                        .seconds = buckets->arrivals[b] - buckets->launches[b],
                        .arguments = {{"MB", static_cast<double>(buckets->bucket_bytes[b]) / 1e6}}});
  }
  return --steps_left_ == 0;
}

void StepTrace::write() const {
  comm_.together("write the trace", [&] {
    const auto folder = run_folder_ / "trace";
    core::make_folder(folder);
    report::write_chrome_trace(folder / fmt::format("rank-{:05}.json", comm_.rank()), comm_.rank(),
                               core::host_name(), spans_);
  });
}

}  // namespace tessera::train
