// SPDX-License-Identifier: Apache-2.0
// A search in virtual time: any number of workers that ask a real coordinator, which is a server with a
// queue.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

#include "core/clock.hpp"
#include "search/coordinator.hpp"

namespace tessera::test {

struct VirtualWorkers {
  int workers = 1;
  std::int64_t epochs = 1;                                             // of a trial
  std::function<double(std::int64_t)> epoch_seconds;                   // of trial n
  std::function<double(const search::Settings&, std::int64_t)> value;  // after an epoch
  /// How long a batch of answers takes, given what it really took. By default nothing.
  std::function<double(double)> answer_seconds = [](double) { return 0.0; };
};

/// Seconds of an epoch of trial n: from 40 to 60, in one trial of ten three times as long.
inline double uneven_epoch(std::int64_t number) {
  return (40 + static_cast<double>((number * 7919) % 20)) * (number % 10 == 0 ? 3 : 1);
}

struct VirtualOutcome {
  double busy_share = 0;          // of the workers' time, in epochs
  double busy_until_told = 0;     // of their time until each was told that nothing is left to do
  std::int64_t most_waiting = 0;  // questions answered together
  double coordinator_share = 0;   // of the time that it was answering
};

/// Runs until the coordinator has nothing more to do; `now` is its clock. A worker that was told to wait asks
/// again after `kAskAgainSeconds`.
inline VirtualOutcome simulate(search::Coordinator& coordinator, double& now, const VirtualWorkers& spec) {
  constexpr double kAskAgainSeconds = 2;
  enum class Question { kNext, kReport, kEnd };
  struct Worker {
    Question question = Question::kNext;
    search::Assignment trial;
    std::int64_t epoch = 0;
    bool goes_on = true;
  };
  struct Event {
    double at;
    int worker;
    bool operator>(const Event& other) const {
      return std::tie(at, worker) > std::tie(other.at, other.worker);
    }
  };
  std::vector<Worker> workers(static_cast<std::size_t>(spec.workers));
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::map<std::filesystem::path, std::int64_t> reached;  // as its checkpoint says
  for (int worker = 0; worker < spec.workers; ++worker) events.push({now, worker});

  // What a worker does once its question is answered: nothing more, or for so many seconds until the next
  // one.
  const auto asked = [&](Worker& worker) -> std::optional<double> {
    if (worker.question == Question::kReport) {
      reached[worker.trial.folder] = ++worker.epoch;
      worker.goes_on = coordinator.report(worker.trial.number, worker.epoch,
                                          spec.value(worker.trial.settings, worker.epoch));
      const bool is_last = !worker.goes_on || worker.epoch == spec.epochs;
      if (is_last) worker.question = Question::kEnd;
      return is_last ? 0 : spec.epoch_seconds(worker.trial.number);
    }
    if (worker.question == Question::kEnd) {
      const bool is_complete = worker.goes_on || worker.epoch == spec.epochs;  // as a training has it
      coordinator.end(worker.trial.number, is_complete ? search::Ending::kComplete : search::Ending::kHalted);
      worker.question = Question::kNext;
      return 0;
    }
    const search::Work work = coordinator.next();
    if (work.next == search::Next::kDone) return std::nullopt;
    if (work.next == search::Next::kWait) return kAskAgainSeconds;
    worker = {Question::kReport, work.trial, reached[work.trial.folder]};
    return spec.epoch_seconds(work.trial.number);
  };

  const double start = now;
  double busy = 0, answering = 0, present = 0;
  VirtualOutcome outcome;
  while (!events.empty()) {
    now = std::max(now, events.top().at);
    std::vector<int> waiting;
    for (; !events.empty() && events.top().at <= now; events.pop()) waiting.push_back(events.top().worker);
    outcome.most_waiting = std::max(outcome.most_waiting, std::ssize(waiting));
    std::vector<std::pair<int, double>> going;
    const core::Stopwatch real;
    coordinator.together([&] {
      for (const int number : waiting) {
        auto& worker = workers[static_cast<std::size_t>(number)];
        const auto seconds = asked(worker);
        if (seconds) going.emplace_back(number, *seconds);
        if (!seconds) present += now - start;
        if (seconds && worker.question == Question::kReport) busy += *seconds;
      }
    });
    const double took = spec.answer_seconds(real.seconds());
    answering += took;
    now += took;
    for (const auto& [number, seconds] : going) events.push({now + seconds, number});
  }
  outcome.busy_share = busy / (spec.workers * (now - start));
  outcome.busy_until_told = busy / present;
  outcome.coordinator_share = answering / (now - start);
  return outcome;
}

}  // namespace tessera::test
