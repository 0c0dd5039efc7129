// SPDX-License-Identifier: Apache-2.0
#include "search/parallel_search.hpp"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <exception>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "dist/request_service.hpp"
#include "search/distribution_text.hpp"

namespace tessera::search {
namespace {

using Json = nlohmann::json;

const std::string kGoOn = "go on";
constexpr double kTickSeconds = 5;
constexpr auto kWaitBetweenAsking = std::chrono::milliseconds(200);

// NaN is no JSON: a value travels as text.
std::string text_of(double value) {
  return fmt::format("{}", value);
}

std::string to_text(const Work& work) {
  Json settings = Json::object();
  for (const auto& [key, setting] : work.trial.settings)
    settings[key] = {distribution_text(setting.distribution), text_of(setting.value)};
  return Json{{"next", static_cast<int>(work.next)},
              {"number", work.trial.number},
              {"settings", settings},
              {"folder", work.trial.folder.string()}}
      .dump();
}

Work work_from(const std::string& text) {
  const Json json = Json::parse(text);
  Work work{.next = static_cast<Next>(json.at("next").get<int>())};
  work.trial.number = json.at("number");
  work.trial.folder = json.at("folder").get<std::string>();
  for (const auto& [key, setting] : json.at("settings").items())
    work.trial.settings[key] = {distribution_from(setting.at(0).get<std::string>()),
                                std::stod(setting.at(1).get<std::string>())};
  return work;
}

// What a group asks of the coordinator, and its answer.
std::string answer(Coordinator& coordinator, const std::string& question) {
  const Json json = Json::parse(question);
  const std::string what = json.at("what");
  if (what == "next") return to_text(coordinator.next());
  const std::int64_t number = json.at("number");
  if (what == "report")
    return coordinator.report(number, json.at("step"), std::stod(json.at("value").get<std::string>())) ? kGoOn
                                                                                                       : "";
  if (what == "end") coordinator.end(number, static_cast<Ending>(json.at("ending").get<int>()));
  if (what == "fail") coordinator.fail(number, json.at("reason"), json.at("again"));
  return "";
}

// One group of ranks that works on trials.
class Worker {
 public:
  Worker(const dist::Communicator& group, const dist::RequestService& service, const Objective& objective)
      : group_(group), service_(service), objective_(objective) {}

  void work() {
    for (;;) {
      const Work work = work_from(ask({{"what", "next"}}));
      if (work.next == Next::kDone) return;
      if (work.next == Next::kWait)
        std::this_thread::sleep_for(kWaitBetweenAsking);
      else
        try_out(work.trial);
    }
  }

  std::int64_t num_trials() const { return num_trials_; }
  double busy_seconds() const { return busy_seconds_; }

 private:
  // Collective over the group.
  std::string ask(const Json& question) const {
    const auto reply = group_.together("ask the coordinator", [&] {
      return group_.is_root() ? service_.ask(question.dump(-1, ' ', true, Json::error_handler_t::replace))
                              : "";
    });
    return group_.broadcast_text(reply, "the coordinator's answer");
  }

  void try_out(const Assignment& trial) {
    const core::Stopwatch busy;
    std::exception_ptr no_answer;  // the search's own failure, no trial's
    const auto report = [&](std::int64_t step, double value) {
      try {
        return ask({{"what", "report"},
                    {"number", trial.number},
                    {"step", step},
                    {"value", text_of(value)}}) == kGoOn;
      } catch (...) {
        no_answer = std::current_exception();
        throw;
      }
    };
    Ending ending = Ending::kComplete;
    std::string failure;
    bool again = true;
    try {
      group_.together(fmt::format("trial {}", trial.number),
                      [&] { ending = objective_(trial, group_, report); });
    } catch (const std::exception& error) {  // also LibTorch's, and a want of memory
      if (no_answer) std::rethrow_exception(no_answer);
      failure = error.what();
      if (failure.empty()) failure = "an exception that says nothing";
      again = core::exit_code_of(error) != core::kExitWrongInput;
    }
    busy_seconds_ += busy.seconds();
    ++num_trials_;
    if (failure.empty())
      ask({{"what", "end"}, {"number", trial.number}, {"ending", static_cast<int>(ending)}});
    else
      ask({{"what", "fail"}, {"number", trial.number}, {"reason", failure}, {"again", again}});
  }

  const dist::Communicator& group_;
  const dist::RequestService& service_;
  const Objective& objective_;
  std::int64_t num_trials_ = 0;
  double busy_seconds_ = 0;
};

}  // namespace

void check_groups(const dist::Communicator& world, std::int64_t ranks_per_trial) {
  if (world.size() % ranks_per_trial != 0)
    throw core::InputError(fmt::format("study.ranks_per_trial must divide the number of ranks, got {} of {}",
                                       ranks_per_trial, world.size()));
}

SearchSummary parallel_search(const dist::Communicator& world, std::int64_t ranks_per_trial,
                              Coordinator* coordinator, const Objective& objective) {
  check_groups(world, ranks_per_trial);
  const auto group =
      world.split(world.rank() / static_cast<int>(ranks_per_trial), "groups of ranks for trials");
  dist::RequestService service(
      world, {.answer = [&](int, const std::string& question) { return answer(*coordinator, question); },
              .together = [&](const auto& answers) { coordinator->together(answers); },
              .tick = [&] { coordinator->tick(); },
              .tick_seconds = kTickSeconds});
  const core::Stopwatch elapsed;
  Worker worker(group, service, objective);
  world.together(
      "search", [&] { worker.work(); }, dist::Patience::Unlimited);
  service.close();

  const double seconds = world.all_reduce(elapsed.seconds(), dist::Reduce::Max, "time of the search");
  // Of each group its root's.
  std::array<double, 2> sums{group.is_root() ? worker.busy_seconds() : 0,
                             group.is_root() ? static_cast<double>(worker.num_trials()) : 0};
  world.all_reduce(std::span<double>(sums), dist::Reduce::Sum, "work of the search");
  const double groups = static_cast<double>(world.size()) / static_cast<double>(ranks_per_trial);
  return {.trials = static_cast<std::int64_t>(sums[1]),
          .busy_share = seconds > 0 ? sums[0] / (groups * seconds) : 0,
          .seconds = seconds};
}

}  // namespace tessera::search
