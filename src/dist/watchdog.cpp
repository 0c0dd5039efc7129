// SPDX-License-Identifier: Apache-2.0
#include "dist/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "core/clock.hpp"
#include "core/log.hpp"

namespace tessera::dist {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kTickSeconds = 0.2;
constexpr double kAnswerSeconds = 1.0;   // the others' threads answer within milliseconds, or not at all
constexpr double kSpeakerSeconds = 3.0;  // left to each rank that should report, before the next one does
constexpr std::ptrdiff_t kMaxSpeakersWaitedFor = 5;
constexpr std::size_t kMaxRanksListed = 32;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, 200));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string place_of(const Wait& wait) {
  return wait.number > 0 ? fmt::format("call {} on {}", wait.number, wait.channel) : "on " + wait.channel;
}

std::vector<std::string> lines_of(const std::string& message) {
  std::vector<std::string> lines;
  std::istringstream text(message);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string hang_report(const Wait& wait, double seconds, const std::vector<int>& members,
                        const std::vector<Peer>& peers, const std::vector<std::optional<Standing>>& answers) {
  std::vector<std::string> absent, astray;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const int rank = members[i];
    const auto& host = peers[static_cast<std::size_t>(rank)].host;
    const auto& answer = answers[i];
    if (!answer)
      absent.push_back(fmt::format(
          "  rank {} on {} is missing: gives no answer (stopped, killed, or its node is gone)", rank, host));
    else if (wait.patience == Patience::Unlimited)
      continue;  // at work
    else if (answer->reached < wait.number)
      absent.push_back(fmt::format("  rank {} on {} is missing: {}", rank, host, answer->doing));
    else if (answer->reached == wait.number && answer->last != wait.what)
      astray.push_back(
          fmt::format("  rank {} on {} made another call in its place: {}", rank, host, answer->doing));
    else if (answer->waits_in != wait.number)
      astray.push_back(fmt::format("  rank {} on {} has begun it, but does not wait in it: {}", rank, host,
                                   answer->doing));
  }

  auto report = fmt::format("'{}' ({}) has not finished for {:.3g} s; ", wait.what, place_of(wait), seconds);
  report += wait.patience == Patience::Limited
                ? fmt::format("{} of {} ranks have arrived.", members.size() - absent.size(), members.size())
                : fmt::format("{} of {} ranks answer.", members.size() - absent.size(), members.size());
  for (const auto* list : {&absent, &astray}) {
    for (std::size_t i = 0; i < std::min(list->size(), kMaxRanksListed); ++i) report += "\n" + (*list)[i];
    if (list->size() > kMaxRanksListed)
      report += fmt::format("\n  and {} more", list->size() - kMaxRanksListed);
  }
  if (absent.empty() && astray.empty()) report += "\n  All ranks are in it: MPI or the network is stuck.";
  if (wait.patience == Patience::Unlimited) return report + "\nThe job ends here.";
  return report +
         "\nThe job ends here. If a step may really take this long, set dist.hang_timeout higher (seconds; 0 "
         "= "
         "wait for ever).";
}

Watchdog::Watchdog(std::function<void()> end_job) : end_job_(std::move(end_job)) {}

Watchdog::~Watchdog() {
  stopping_ = true;
  if (!thread_.joinable()) return;
  socket_.send({socket_.endpoint().port, {"127.0.0.1"}}, "wake up");
  thread_.join();
}

void Watchdog::start(int rank, std::uint64_t key, std::vector<Peer> peers) {
  rank_ = rank;
  greeting_ = fmt::format("tessera {:016x}", key);
  peers_ = std::move(peers);
  thread_ = std::thread([this] { run(); });
}

void Watchdog::open_channel(const std::string& channel, std::vector<int> members) {
  const std::lock_guard lock(mutex_);
  channels_[channel] = {std::move(members), 0, {}, Clock::now()};
}

void Watchdog::close_channel(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  channels_.erase(channel);
}

std::int64_t Watchdog::count(const std::string& channel, std::string_view what) {
  const std::lock_guard lock(mutex_);
  auto& known = channels_[channel];
  known.last = one_line(what);
  known.since = Clock::now();
  return ++known.reached;
}

Watchdog::Waits::iterator Watchdog::enter(const std::string& channel, std::int64_t number,
                                          std::string_view what, Patience patience) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  return waits_.insert(waits_.end(), {channel, number, one_line(what), patience, now, now});
}

void Watchdog::leave(Waits::iterator wait) {
  const std::lock_guard lock(mutex_);
  waits_.erase(wait);
}

void Watchdog::run() {
  while (!stopping_) {
    hear(kTickSeconds);
    if (const auto wait = overdue()) raise_alarm(*wait);
  }
}

// A question is greeting, "where", asker, channel; an answer greeting, "here", rank, channel, calls reached,
// the one waited in, name of the last, what the rank is doing.
void Watchdog::hear(double seconds) {
  const auto message = socket_.receive(seconds);
  if (!message) return;
  const auto lines = lines_of(*message);
  if (lines.size() < 4 || lines[0] != greeting_) return;
  const int sender = std::atoi(lines[2].c_str());
  if (sender < 0 || static_cast<std::size_t>(sender) >= peers_.size()) return;
  heard_.insert(sender);
  if (lines[1] == "where") {
    const auto standing = standing_on(lines[3]);
    socket_.send(peers_[static_cast<std::size_t>(sender)].endpoint,
                 fmt::format("{}\nhere\n{}\n{}\n{}\n{}\n{}\n{}", greeting_, rank_, lines[3], standing.reached,
                             standing.waits_in, standing.last, standing.doing));
  } else if (lines[1] == "here" && lines.size() == 8) {
    answers_[sender] = {std::atoll(lines[4].c_str()), std::atoll(lines[5].c_str()), lines[6], lines[7]};
  }
}

Standing Watchdog::standing_on(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  Standing standing;
  if (const auto known = channels_.find(channel); known != channels_.end()) {
    standing.reached = known->second.reached;
    standing.last = known->second.last;
  }
  const auto here = std::find_if(waits_.begin(), waits_.end(), [&](const Wait& wait) {
    return wait.channel == channel && wait.number > 0;
  });
  if (here != waits_.end()) standing.waits_in = here->number;
  if (!waits_.empty()) {
    const auto& wait = waits_.front();
    standing.doing = fmt::format("waiting in '{}' ({}) for {:.3g} s", wait.what, place_of(wait),
                                 seconds_since(wait.since));
    return standing;
  }
  const auto latest = std::max_element(channels_.begin(), channels_.end(), [](const auto& a, const auto& b) {
    return a.second.since < b.second.since;
  });
  standing.doing = "in no collective";
  if (latest != channels_.end() && latest->second.reached > 0)
    standing.doing += fmt::format("; the last was '{}' (call {} on {}), {:.3g} s ago", latest->second.last,
                                  latest->second.reached, latest->first, seconds_since(latest->second.since));
  return standing;
}

std::optional<Wait> Watchdog::overdue() {
  const double timeout = timeout_;
  const std::lock_guard lock(mutex_);
  if (timeout <= 0) return std::nullopt;
  const auto late = std::find_if(waits_.begin(), waits_.end(),
                                 [&](const Wait& wait) { return seconds_since(wait.asked) >= timeout; });
  if (late == waits_.end()) return std::nullopt;
  late->asked = Clock::now();
  return *late;
}

bool Watchdog::still_waits(const Wait& wait) {
  const std::lock_guard lock(mutex_);
  return std::any_of(waits_.begin(), waits_.end(), [&](const Wait& other) {
    return other.channel == wait.channel && other.number == wait.number;
  });
}

std::vector<std::optional<Standing>> Watchdog::ask(const Wait& wait, const std::vector<int>& members) {
  answers_.clear();
  answers_[rank_] = standing_on(wait.channel);
  const auto question = fmt::format("{}\nwhere\n{}\n{}", greeting_, rank_, wait.channel);
  const core::Stopwatch asking;
  while (answers_.size() < members.size() && asking.seconds() < kAnswerSeconds && !stopping_) {
    for (const int member : members)
      if (!answers_.contains(member))
        socket_.send(peers_[static_cast<std::size_t>(member)].endpoint, question);
    const core::Stopwatch round;
    while (answers_.size() < members.size() && round.seconds() < kAnswerSeconds / 4)
      hear(kAnswerSeconds / 20);
  }
  std::vector<std::optional<Standing>> answers(members.size());
  for (std::size_t i = 0; i < members.size(); ++i)
    if (const auto answer = answers_.find(members[i]); answer != answers_.end()) answers[i] = answer->second;
  return answers;
}

// A rank of another host that was never heard may be behind a firewall, and well.
bool Watchdog::all_may_live(const std::vector<int>& members,
                            const std::vector<std::optional<Standing>>& answers) const {
  const auto host_of = [&](int rank) { return peers_[static_cast<std::size_t>(rank)].host; };
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!answers[i] && (heard_.contains(members[i]) || host_of(members[i]) == host_of(rank_))) return false;
  return true;
}

void Watchdog::raise_alarm(const Wait& wait) {
  std::vector<int> members;
  {
    const std::lock_guard lock(mutex_);
    members = channels_[wait.channel].members;
  }
  const auto answers = ask(wait, members);
  if (wait.patience == Patience::Unlimited && all_may_live(members, answers)) return;

  // All that wait see the same, and one need say it. But its own limit may come later, or never: the others
  // leave it some time, and then speak in its place.
  std::ptrdiff_t before_us = 0;
  for (std::size_t i = 0; i < members.size(); ++i)
    before_us += wait.number > 0 && answers[i] && answers[i]->waits_in == wait.number && members[i] < rank_;
  const core::Stopwatch silent;
  const auto left = kSpeakerSeconds * static_cast<double>(std::min(before_us, kMaxSpeakersWaitedFor));
  while (silent.seconds() < left && still_waits(wait) && !stopping_) hear(kTickSeconds);
  if (stopping_ || !still_waits(wait)) return;
  core::log::error("{}", hang_report(wait, seconds_since(wait.since), members, peers_, answers));
  end_job_();
}

InFlight::InFlight(Watchdog* watchdog, const std::string& channel, std::int64_t number, std::string_view what,
                   Patience patience)
    : watchdog_(watchdog) {
  if (watchdog_) wait_ = watchdog_->enter(channel, number, what, patience);
}

InFlight::~InFlight() {
  if (watchdog_) watchdog_->leave(wait_);
}

}  // namespace tessera::dist
