// SPDX-License-Identifier: Apache-2.0
#include "dist/hang_report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tessera::dist {
namespace {

constexpr std::size_t kMaxListed = 32;  // ranks, and hosts

using Answers = std::vector<std::optional<Standing>>;

// What is wrong with a rank; "" where it is where it should be.
enum class Place { Silent, Behind, OtherCall, NotWaiting, There };

Place place_in(const Wait& wait, const std::optional<Standing>& answer) {
  if (!answer) return Place::Silent;
  if (wait.patience == Patience::Unlimited) return Place::There;  // at work
  if (answer->reached < wait.number) return Place::Behind;
  if (answer->reached == wait.number && answer->last != wait.what) return Place::OtherCall;
  return answer->waits_in == wait.number ? Place::There : Place::NotWaiting;
}

bool is_absent(Place place) {
  return place == Place::Silent || place == Place::Behind;
}

std::string complaint(Place place, const std::optional<Standing>& answer) {
  if (place == Place::Silent) return "is missing: gives no answer (stopped, killed, or its node is gone)";
  if (place == Place::Behind) return "is missing: " + answer->doing;
  if (place == Place::OtherCall) return "made another call in its place: " + answer->doing;
  return "has begun it, but does not wait in it: " + answer->doing;
}

// "0-3, 5" of ranks in rising order.
std::string ranges_of(const std::vector<int>& ranks) {
  std::string text;
  for (std::size_t i = 0; i < ranks.size();) {
    std::size_t last = i;
    while (last + 1 < ranks.size() && ranks[last + 1] == ranks[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", ranks[i]);
    if (last > i) text += fmt::format("-{}", ranks[last]);
    i = last + 1;
  }
  return text;
}

// "ranks 0-3, 5 on n1; rank 4 on n2", hosts in the order of their first rank.
std::string ranks_by_host(std::vector<int> ranks, const std::vector<Peer>& peers) {
  std::ranges::sort(ranks);
  std::vector<std::pair<std::string, std::vector<int>>> hosts;
  for (const int rank : ranks) {
    const auto& host = peers[static_cast<std::size_t>(rank)].host;
    auto known = std::ranges::find(hosts, host, [](const auto& it) { return it.first; });
    if (known == hosts.end()) known = hosts.insert(hosts.end(), {host, {}});
    known->second.push_back(rank);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(hosts.size(), kMaxListed); ++i)
    text += fmt::format("{}{} {} on {}", i ? "; " : "", hosts[i].second.size() == 1 ? "rank" : "ranks",
                        ranges_of(hosts[i].second), hosts[i].first);
  if (hosts.size() > kMaxListed) text += fmt::format("; and {} hosts more", hosts.size() - kMaxListed);
  return text;
}

std::vector<std::size_t> indices_where(const Wait& wait, const Answers& answers, auto&& is_wanted) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (is_wanted(place_in(wait, answers[i]))) indices.push_back(i);
  return indices;
}

}  // namespace

std::string place_of(const Wait& wait) {
  return wait.number > 0 ? fmt::format("call {} on {}", wait.number, wait.channel) : "on " + wait.channel;
}

std::vector<int> ranks_to_dump(const Wait& wait, const std::vector<int>& members, const Answers& answers) {
  std::vector<int> ranks;
  for (const auto asked : {Place::Behind, Place::OtherCall, Place::NotWaiting, Place::There})
    for (const auto i : indices_where(wait, answers, [&](Place place) { return place == asked; }))
      if (ranks.size() < kMaxListed) ranks.push_back(members[i]);
  return ranks;
}

std::string hang_report(const Wait& wait, double seconds, const std::vector<int>& members,
                        const std::vector<Peer>& peers, const Answers& answers) {
  const bool is_patient = wait.patience == Patience::Unlimited;
  const auto absent = indices_where(wait, answers, is_absent);
  const auto astray = indices_where(
      wait, answers, [](Place place) { return place == Place::OtherCall || place == Place::NotWaiting; });
  std::vector<int> there;
  for (const auto i : indices_where(wait, answers, [](Place place) { return place == Place::There; }))
    there.push_back(members[i]);
  const auto rank_on_host = [&](std::size_t i) {
    return fmt::format("rank {} on {}", members[i], peers[static_cast<std::size_t>(members[i])].host);
  };

  auto report = fmt::format("'{}' ({}) has not finished for {:.3g} s; {} of {} ranks {}.", wait.what,
                            place_of(wait), seconds, members.size() - absent.size(), members.size(),
                            is_patient ? "answer" : "have arrived");
  for (const auto* list : {&absent, &astray}) {
    for (std::size_t i = 0; i < std::min(list->size(), kMaxListed); ++i) {
      const auto& answer = answers[(*list)[i]];
      report += fmt::format("\n  {} {}", rank_on_host((*list)[i]), complaint(place_in(wait, answer), answer));
    }
    if (list->size() > kMaxListed) report += fmt::format("\n  and {} more", list->size() - kMaxListed);
  }
  if (!there.empty())
    report +=
        fmt::format("\n  {}: {}", is_patient ? "answering" : "waiting in it", ranks_by_host(there, peers));
  if (absent.empty() && astray.empty()) report += "\n  All ranks are in it: MPI or the network is stuck.";
  for (const int rank : ranks_to_dump(wait, members, answers)) {
    const auto i = static_cast<std::size_t>(std::ranges::find(members, rank) - members.begin());
    if (answers[i]->dump.empty()) continue;
    report += fmt::format("\n{}: {}", rank_on_host(i), fmt::join(answers[i]->dump, "\n  "));
  }
  if (is_patient) return report + "\nThe job ends here.";
  return report +
         "\nThe job ends here. If a step may really take this long, set dist.hang_timeout higher (seconds; 0 "
         "= wait for ever).";
}

}  // namespace tessera::dist
