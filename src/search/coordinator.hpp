// SPDX-License-Identifier: Apache-2.0
// Every decision of a search: what a free worker does next, what becomes of a trial that has reported, how a
// trial ended. Each is taken on the study as it stands in the journal, so that coordinators of other jobs,
// and of this one after it was killed, go on from the same.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "search/objective.hpp"
#include "search/pruner.hpp"
#include "search/search_config.hpp"
#include "search/shared_study.hpp"

namespace tessera::search {

enum class Next { kTrial, kWait, kDone };  // kWait: nothing now, but what is under way may bring some

struct Work {
  Next next = Next::kDone;
  Assignment trial = {};  // where next is kTrial
};

/// What a coordinator decides by; everything lives longer than it.
struct CoordinatorParts {
  const SearchOptions& options;
  const Space& space;
  const Sampler& sampler;
  const Pruner& pruner;
  SharedStudy& study;
  std::function<bool()> must_stop = [] { return false; };  // the job ends
  std::function<double()> clock = core::unix_time;         // seconds since 1970
};

class Coordinator {
 public:
  explicit Coordinator(const CoordinatorParts& parts) : parts_(parts) {}

  Work next();
  /// Whether the trial goes on.
  bool report(std::int64_t number, std::int64_t step, double value);
  void end(std::int64_t number, Ending ending);
  /// `again`: whether it may do better another time; a wrong setting does not.
  void fail(std::int64_t number, const std::string& reason, bool again);
  /// What is asked within `questions` is written at once, and may be told to the askers when this returns.
  void together(const std::function<void()>& questions) {
    parts_.study.transact([&](StudyChanges&) { questions(); });
  }
  /// To be called every few seconds: tells other jobs that this one lives.
  void tick() { parts_.study.renew_lease(); }

  /// True once trials were told to stop and keep a checkpoint.
  bool has_stopped() const { return stopped_; }

 private:
  enum class Halt { kStop, kPrune, kPark, kFail };
  struct UnderWay {
    double since = 0;         // seconds since 1970
    Halt halt = Halt::kStop;  // unasked: something from without has stopped it
    std::string reason = {};  // the rung it is parked at, why it fails
  };
  bool must_stop(const Study& study);
  bool is_budget_left(const Study& study) const;
  std::optional<std::int64_t> take_up(StudyChanges& changes);
  Next start_new(StudyChanges& changes, std::int64_t& number);
  Next start_last(StudyChanges& changes, std::int64_t& number);

  CoordinatorParts parts_;
  bool stopped_ = false;
  std::map<std::int64_t, UnderWay> under_way_;  // of this job, by number
};

}  // namespace tessera::search
