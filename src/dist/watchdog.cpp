// SPDX-License-Identifier: Apache-2.0
#include "dist/watchdog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "core/call_stack.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"

namespace tessera::dist {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kTickSeconds = 0.2;
constexpr double kAnswerSeconds = 1.0;   // the others' threads answer within milliseconds, or not at all
constexpr double kSpeakerSeconds = 3.0;  // left to each rank that should report, before the next one does
constexpr std::ptrdiff_t kMaxSpeakersWaitedFor = 5;
constexpr std::size_t kFramesTold = 14;
constexpr std::size_t kBytesTold = 1300;  // with its head in one packet of any network

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, 200));
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::vector<std::string> lines_of(const std::string& message) {
  std::vector<std::string> lines;
  std::istringstream text(message);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

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
  core::watch_this_thread();
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
  recent_.begun(channel, ++known.reached, known.last);
  return known.reached;
}

Watchdog::Waits::iterator Watchdog::enter(const std::string& channel, std::int64_t number,
                                          std::string_view what, Patience patience) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  return waits_.insert(waits_.end(), {channel, number, one_line(what), patience, now, now});
}

void Watchdog::leave(Waits::iterator wait) {
  const std::lock_guard lock(mutex_);
  recent_.finished(wait->channel, wait->number, seconds_since(wait->since));
  waits_.erase(wait);
}

void Watchdog::run() {
  while (!stopping_) {
    hear(kTickSeconds);
    if (const auto wait = overdue()) raise_alarm(*wait);
  }
}

// A question is greeting, "where", asker, channel; an answer greeting, "here", rank, channel, calls reached,
// the one waited in, name of the last, what the rank is doing. "tell" asks for more, answered by "told" and
// lines to be shown.
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
  } else if (lines[1] == "tell") {
    socket_.send(peers_[static_cast<std::size_t>(sender)].endpoint,
                 fmt::format("{}\ntold\n{}\n{}\n{}", greeting_, rank_, lines[3], fmt::join(dump(), "\n")));
  } else if (lines[1] == "told") {
    dumps_[sender] = {lines.begin() + 4, lines.end()};
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

void Watchdog::ask_again_and_again(const std::string& question, const std::vector<int>& ranks,
                                   const std::function<bool(int)>& has_answered) {
  const core::Stopwatch asking;
  while (!std::ranges::all_of(ranks, has_answered) && asking.seconds() < kAnswerSeconds && !stopping_) {
    for (const int rank : ranks)
      if (!has_answered(rank)) socket_.send(peers_[static_cast<std::size_t>(rank)].endpoint, question);
    const core::Stopwatch round;
    while (!std::ranges::all_of(ranks, has_answered) && round.seconds() < kAnswerSeconds / 4)
      hear(kAnswerSeconds / 20);
  }
}

std::vector<std::optional<Standing>> Watchdog::ask(const Wait& wait, const std::vector<int>& members) {
  answers_.clear();
  answers_[rank_] = standing_on(wait.channel);
  ask_again_and_again(fmt::format("{}\nwhere\n{}\n{}", greeting_, rank_, wait.channel), members,
                      [&](int rank) { return answers_.contains(rank); });
  std::vector<std::optional<Standing>> answers(members.size());
  for (std::size_t i = 0; i < members.size(); ++i)
    if (const auto answer = answers_.find(members[i]); answer != answers_.end()) answers[i] = answer->second;
  return answers;
}

// What this rank can tell, cut to what a message holds.
std::vector<std::string> Watchdog::dump() {
  std::vector<std::string> lines{standing_on("").doing};
  {
    const std::lock_guard lock(mutex_);
    for (const auto& call : recent_.lines()) lines.push_back("called " + call);
  }
  for (const auto& frame : core::watched_stack(kFramesTold)) lines.push_back("at " + frame);
  std::size_t bytes = 0;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    bytes += line->size() + 1;
    if (bytes > kBytesTold) {
      lines.erase(line, lines.end());
      break;
    }
  }
  return lines;
}

void Watchdog::add_dumps(const Wait& wait, const std::vector<int>& members,
                         std::vector<std::optional<Standing>>& answers) {
  const auto ranks = ranks_to_dump(wait, members, answers);
  dumps_.clear();
  dumps_[rank_] = dump();
  ask_again_and_again(fmt::format("{}\ntell\n{}\n{}", greeting_, rank_, wait.channel), ranks,
                      [&](int rank) { return dumps_.contains(rank); });
  for (std::size_t i = 0; i < members.size(); ++i)
    if (const auto told = dumps_.find(members[i]); answers[i] && told != dumps_.end())
      answers[i]->dump = told->second;
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
  auto answers = ask(wait, members);
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
  // Only now, when the job is to end: a signal to each main thread is no small thing.
  if (wait.patience == Patience::Limited) add_dumps(wait, members, answers);
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
