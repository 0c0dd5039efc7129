// SPDX-License-Identifier: Apache-2.0
// A collective that does not finish is the failure nobody can see. Every collective is counted per channel
// (one per communicator) and watched while a rank waits in it (on a GPU, until its stream has done it: see
// background_watch.hpp); after the time limit the watchdog thread asks the other ranks' threads where they
// stand, by UDP, since MPI may be what is stuck: a stopped process gives no answer, one in a loop says that
// it has not come. It then names the missing ranks and those that wait, has each say what it called last and
// where its main thread stands (core/call_stack.hpp), and ends the job.
//
// A patient wait has no time limit: ranks may rightly be hours apart there (uneven shares of work). It ends
// the job only where a rank gives no answer any more.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dist/communicator.hpp"
#include "dist/datagram.hpp"
#include "dist/hang_report.hpp"
#include "dist/recent_calls.hpp"

namespace tessera::dist {

inline constexpr double kDefaultHangTimeoutSeconds = 600;

class Watchdog {
 public:
  /// `end_job` is called from the watchdog's thread and need not return.
  explicit Watchdog(std::function<void()> end_job);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  Endpoint endpoint() const { return socket_.endpoint(); }
  /// `key` is the job's, so that a stray message of another job is not taken for one of ours.
  /// From the thread whose call stack a report shall tell.
  void start(int rank, std::uint64_t key, std::vector<Peer> peers);
  int rank() const { return rank_; }

  /// 0 = never.
  void set_timeout(double seconds) { timeout_ = seconds; }

  /// `members` are ranks of the job.
  void open_channel(const std::string& channel, std::vector<int> members);
  void close_channel(const std::string& channel);

  /// Counts a collective this rank enters, and returns its number on the channel.
  std::int64_t count(const std::string& channel, std::string_view what);

 private:
  friend class InFlight;
  struct Channel {
    std::vector<int> members;
    std::int64_t reached = 0;
    std::string last;
    std::chrono::steady_clock::time_point since;
  };
  using Waits = std::list<Wait>;
  Waits::iterator enter(const std::string& channel, std::int64_t number, std::string_view what,
                        Patience patience);
  void leave(Waits::iterator wait);

  void run();
  void hear(double seconds);
  Standing standing_on(const std::string& channel);
  std::optional<Wait> overdue();
  bool still_waits(const Wait& wait);
  void ask_again_and_again(const std::string& question, const std::vector<int>& ranks,
                           const std::function<bool(int)>& has_answered);
  std::vector<std::optional<Standing>> ask(const Wait& wait, const std::vector<int>& members);
  std::vector<std::string> dump();
  void add_dumps(const Wait& wait, const std::vector<int>& members,
                 std::vector<std::optional<Standing>>& answers);
  bool all_may_live(const std::vector<int>& members,
                    const std::vector<std::optional<Standing>>& answers) const;
  void raise_alarm(const Wait& wait);

  const std::function<void()> end_job_;
  DatagramSocket socket_;
  int rank_ = 0;
  std::string greeting_;
  std::vector<Peer> peers_;
  std::atomic<double> timeout_{kDefaultHangTimeoutSeconds};
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;  // guards what follows
  std::map<std::string, Channel> channels_;
  Waits waits_;
  RecentCalls recent_;

  std::map<int, Standing> answers_;  // of the alarm being raised; touched by the thread alone, as are
  std::map<int, std::vector<std::string>> dumps_;
  std::set<int> heard_;  // who was ever heard
  std::thread thread_;
};

/// While it lives, this rank waits in a collective.
class InFlight {
 public:
  /// Null: nothing to watch.
  InFlight(Watchdog* watchdog, const std::string& channel, std::int64_t number, std::string_view what,
           Patience patience);
  ~InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  Watchdog* watchdog_;
  Watchdog::Waits::iterator wait_;
};

}  // namespace tessera::dist
