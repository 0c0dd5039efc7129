// SPDX-License-Identifier: Apache-2.0
// Faults at random places of trainings, and the same command again, on another number of ranks: at the end
// the weights are those of the training that nothing happened to, and its ledger holds every sample once an
// epoch. A fault that ends a job says so.
//   chaos FAULTS SEED      last line: faults=… recovered=… lost=…; exit code 1 where any was lost
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "support/run_program.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;
using test::run_program;
using test::text_of;
using test::value_of;

constexpr std::int64_t kFaultsOfAVictim = 5;
constexpr double kSecondsToEnd = 60;  // of a job that a fault has hit; one that takes longer hangs

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed) {
    must("tessera-synth-crystals --count 90 --seed 3 --out " + at("crystals"));
    must("tessera-prep-crystals --quiet --shard-records 16 --input " + at("crystals") + " --targets " +
         at("crystals/targets.csv") + " --out " + at("dataset"));
    core::Stopwatch alone;
    must(training(at("alone"), 1));
    expected_ = value_of(text_of(at("out")), "weights_sha256");
    fmt::print("undisturbed: {:.1f} s, weights {:.12}\n", alone.seconds(), expected_);
    std::ofstream(at("sweep.toml"))
        << "base = '" << config() << "'\nset = ['data.dataset=\"" << at("dataset")
        << "\"', 'train.epochs=8', 'train.global_batch=16', 'train.reproducible=true']\n"
        << "[study]\ndir = 'study'\nmetric = 'validation_mae'\n[sampler]\nname = 'grid'\n"
        << "[[parameter]]\nkey = 'model.num_convolutions'\ntype = 'int'\nlow = 1\nhigh = 2\n"
        << "[[parameter]]\nkey = 'model.atom_width'\ntype = 'categorical'\nchoices = [8, 16]\n";
    must(search(at("straight"), 1));
    expected_trials_ = found_in(at("straight"));
    fs::create_directory(at("disk"));
    has_disk_ = run_program("mount -t tmpfs -o size=16m tmpfs " + at("disk")).exit_code == 0;
    if (!has_disk_)
      fmt::print("LEFT OUT: a full and a read-only disk: no tmpfs can be mounted here (not root)\n");
  }
  ~Chaos() {
    if (has_disk_) run_program("umount -l " + at("disk"));
  }

  // Up to so many faults of one training, from its start to its end.
  void training_with(std::int64_t most) {
    const std::string run = at("disk/run");
    fs::remove_all(run);
    const Victim victim{run, run + "/ledger.csv", [&](int ranks) { return training(run, ranks); }};
    std::vector<std::string> happened, troubles;
    while (std::ssize(happened) < most && !is_finished(run)) {
      const auto& [name, fault] = kFaults[below(std::size(kFaults))];
      const auto trouble = (this->*fault)(victim);
      if (!trouble) continue;
      happened.emplace_back(name);
      if (!trouble->empty()) troubles.push_back(fmt::format("{}: {}", name, *trouble));
      repair_dataset();
    }
    const auto end = run_program(training(run, ranks()));
    const auto weights = value_of(end.out, "weights_sha256");
    if (end.exit_code != 0 || weights != expected_)
      troubles.push_back(fmt::format("ended with {}, weights {:.12}\n{}", end.exit_code, weights, end.err));
    const auto audit = run_program(test::program_path("tessera-audit") + " " + run);
    if (audit.exit_code != 0) troubles.push_back(audit.out + audit.err);
    tell("training", happened, troubles);
  }

  // The same of a search.
  void search_with(std::int64_t most) {
    const std::string study = at("study");
    fs::remove_all(study);
    const Victim victim{study, study + "/journal.log", [&](int ranks) { return search(study, ranks); }};
    std::vector<std::string> happened, troubles;
    while (std::ssize(happened) < most && found_in(study) != expected_trials_) {
      const auto& [name, fault] = kFaultsOfASearch[below(std::size(kFaultsOfASearch))];
      const auto trouble = (this->*fault)(victim);
      if (!trouble) continue;
      happened.emplace_back(name);
      if (!trouble->empty()) troubles.push_back(fmt::format("{}: {}", name, *trouble));
    }
    const auto end = run_program(search(study, ranks()));
    if (end.exit_code != 0 || found_in(study) != expected_trials_)
      troubles.push_back(fmt::format("ended with {}, found\n{}\n{}", end.exit_code,
                                     fmt::join(found_in(study), "\n"), end.err));
    tell("search", happened, troubles);
  }

  std::int64_t recovered = 0, lost = 0;

 private:
  // What is disturbed: its command on so many ranks, and a file that grows as it works.
  struct Victim {
    std::string folder, growing;
    std::function<std::string(int)> command;
  };
  // What went wrong in answer to it, "" where nothing did; nothing where it came too late to be a fault.
  using Trouble = std::optional<std::string>;
  using Fault = Trouble (Chaos::*)(const Victim& victim);

  struct Job {
    pid_t leader = 0;
    int ranks = 1;
  };

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  int ranks() { return 1 + static_cast<int>(below(3)); }

  static std::string config() {
    const char* source = std::getenv("TESSERA_SOURCE");
    return fs::absolute(fs::path(source ? source : ".") / "jobs/configs/demo.toml").string();
  }
  static std::string on_ranks(int ranks, const std::string& command) {
    return ranks > 1 ? test::under_mpirun(ranks, command) : "OMP_NUM_THREADS=1 " + command;
  }
  std::string training(const std::string& run, int ranks) const {
    return on_ranks(ranks,
                    test::program_path("tessera-train") + " " + config() +
                        " --quiet --set data.dataset=" + at("dataset") +
                        " --set train.epochs=24 --set train.global_batch=16 --set train.reproducible=true" +
                        " --set checkpoint.every_minutes=0.002 --set dist.hang_timeout=3 --run " + run);
  }
  std::string search(const std::string& study, int ranks) const {
    return on_ranks(ranks, test::program_path("tessera-search") + " " + at("sweep.toml") +
                               " --quiet --set study.dir=" + study);
  }
  // A line a complete trial, its value and settings; in the order of the settings.
  static std::vector<std::string> found_in(const std::string& study) {
    std::vector<std::string> lines;
    std::istringstream table(text_of(study + "/trials.csv"));
    for (std::string line; std::getline(table, line);) {
      const auto fields = core::split(line, ',');
      if (fields.size() > 4 && fields[1] == "complete")
        lines.push_back(fmt::format("{} {} {}", fields[3], fields[4], fields[2]));
    }
    std::ranges::sort(lines);
    return lines;
  }
  void tell(const char* of, const std::vector<std::string>& happened,
            const std::vector<std::string>& troubles) {
    (troubles.empty() ? recovered : lost) += std::ssize(happened);
    fmt::print("{} {}: {}\n", of, troubles.empty() ? "recovered" : "LOST", fmt::join(happened, ", "));
    for (const auto& trouble : troubles) fmt::print("  {}\n", trouble);
    std::fflush(stdout);
  }
  void must(const std::string& command) const {
    const bool is_program = command.starts_with("tessera-");
    const auto result = run_program((is_program ? test::program_path(command) : command) + " >" + at("out"));
    if (result.exit_code != 0) throw std::runtime_error(command + " failed: " + result.err);
  }

  static bool is_finished(const std::string& run) {
    return text_of(run + "/run.json").find("\"state\": \"finished\"") != std::string::npos;
  }
  std::string silence() const { return text_of(at("err")).empty() ? "no word about it" : ""; }

  // In a session of its own, so that all of it can be killed.
  Job start(const Victim& victim, int ranks) const {
    const std::string command =
        "exec env " + victim.command(ranks) + " </dev/null >" + at("out") + " 2>" + at("err");
    const pid_t child = ::fork();
    if (child == 0) {
      ::setsid();
      ::execl("/bin/bash", "bash", "-c", command.c_str(), nullptr);
      ::_exit(127);
    }
    return {child, ranks};
  }
  // Exit code; 128 + signal; -1 where it has not ended after so many seconds and was killed.
  int end_of(const Job& job, double seconds = kSecondsToEnd) const {
    int status = 0;
    for (const core::Stopwatch since; since.seconds() < seconds;
         std::this_thread::sleep_for(std::chrono::milliseconds(20)))
      if (::waitpid(job.leader, &status, WNOHANG) == job.leader) {
        run_program("pkill -KILL -s " + std::to_string(job.leader));  // what it may have left
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    run_program("pkill -KILL -s " + std::to_string(job.leader));
    ::waitpid(job.leader, &status, 0);
    return -1;
  }
  // The processes that are ranks: the leader itself, or mpirun's children.
  std::vector<pid_t> ranks_of(const Job& job) const {
    if (job.ranks == 1) return {job.leader};
    std::vector<pid_t> found;
    std::istringstream words(run_program("pgrep -P " + std::to_string(job.leader)).out);
    for (pid_t pid = 0; words >> pid;) found.push_back(pid);
    return found;
  }
  static std::uintmax_t size_of(const std::string& file) {
    std::error_code absent;
    const auto size = fs::file_size(file, absent);
    return absent ? 0 : size;
  }
  // Somewhere in a training: before its first step, where that is asked for, or so many bytes of its ledger
  // further.
  void wait_for_some_steps(const Job& job, const std::string& growing, bool from_its_beginning) {
    const auto before = size_of(growing);
    const auto further = from_its_beginning && below(4) == 0 ? 0 : 1 + below(900);
    for (const core::Stopwatch since; since.seconds() < 20;
         std::this_thread::sleep_for(std::chrono::milliseconds(5))) {
      siginfo_t ended{};
      const bool is_over =
          ::waitid(P_PID, static_cast<id_t>(job.leader), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          ended.si_pid != 0;
      if (is_over || (!ranks_of(job).empty() && size_of(growing) >= before + further)) return;
    }
  }

  // A signal to one rank, or all; which codes the job may end with (0: it was faster).
  Trouble signalled(const Victim& victim, int ranks, int signal, bool to_all, std::vector<int> codes) {
    const Job job = start(victim, ranks);
    // A rank that is stopped before MPI is up is met by no watchdog of ours.
    wait_for_some_steps(job, victim.growing, signal != SIGSTOP);
    const auto processes = ranks_of(job);
    if (to_all)
      ::kill(-job.leader, signal);
    else if (!processes.empty())
      ::kill(processes[below(processes.size())], signal);
    const int code = end_of(job);
    if (code == 0) return std::nullopt;
    if (std::ranges::find(codes, code) == codes.end())
      return fmt::format("on {} ranks it ended with {}: {}", ranks, code, text_of(at("err")));
    const bool is_error = code != 0 && code != 3 && code < 128;
    return is_error ? silence() : "";
  }
  Trouble rank_killed(const Victim& victim) { return signalled(victim, ranks(), SIGKILL, false, {1, 137}); }
  Trouble job_killed(const Victim& victim) { return signalled(victim, ranks(), SIGKILL, true, {137}); }
  // Not for a moment before the program listens: then the signal is the end of it, as of any other.
  Trouble saved_and_requeued(const Victim& victim) {
    return signalled(victim, ranks(), SIGUSR2, false, {3, 128 + SIGUSR2});
  }
  Trouble saved(const Victim& victim) {
    return signalled(victim, ranks(), SIGTERM, false, {3, 128 + SIGTERM});
  }
  Trouble rank_stopped(const Victim& victim) {
    return signalled(victim, 2 + static_cast<int>(below(2)), SIGSTOP, false, {1, 137, 134});
  }

  // A job that this state of the disk must end: with an error that says something.
  Trouble refused(const Victim& victim) {
    const int code = end_of(start(victim, ranks()));
    return code == 0 || code == -1 ? fmt::format("it ended with {}", code) : silence();
  }
  Trouble disk_full(const Victim& victim) {
    if (!has_disk_) return std::nullopt;
    run_program("cat /dev/zero >" + at("disk/ballast"));
    const auto trouble = refused(victim);
    fs::remove(at("disk/ballast"));
    return trouble;
  }
  Trouble disk_read_only(const Victim& victim) {
    if (!has_disk_) return std::nullopt;
    run_program("mount -o remount,ro " + at("disk"));
    const auto trouble = refused(victim);
    run_program("mount -o remount,rw " + at("disk"));
    return trouble;
  }

  // One byte changed, or the file cut, somewhere.
  void damage(const fs::path& file) {
    const auto size = size_of(file.string());
    if (size == 0) return;
    if (below(2) == 0) return fs::resize_file(file, below(size));
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto place = static_cast<std::streamoff>(below(size));
    stream.seekg(place);
    const char flipped = static_cast<char>(stream.get() ^ (1 << below(8)));
    stream.seekp(place);
    stream.put(flipped);
  }
  Trouble checkpoint_damaged(const Victim& victim) {
    const fs::path last = victim.folder + "/checkpoints/last";
    std::vector<fs::path> files;
    if (fs::exists(last))
      for (const auto& entry : fs::directory_iterator(last)) files.push_back(entry.path());
    std::ranges::sort(files);
    if (files.empty()) return std::nullopt;
    damage(files[below(files.size())]);
    return "";  // the one before it, or the beginning, serves
  }
  Trouble dataset_damaged(const Victim& victim) {
    std::vector<fs::path> files{at("dataset/manifest.json"), at("dataset/records.csv")};
    for (int shard = 0; shard < 5; ++shard)
      files.emplace_back(at(fmt::format("dataset/shard-{:05}.h5", shard)));
    damage(files[below(files.size())]);
    return refused(victim);
  }
  // Torn, as by a writer that was killed, or its last line spoilt.
  Trouble journal_damaged(const Victim& victim) {
    const std::string text = text_of(victim.growing);
    if (text.empty()) return std::nullopt;
    const auto last_line = text.rfind('\n', text.size() - 2) + 1;  // 0 where there is one line only
    fs::resize_file(victim.growing, last_line + below(text.size() - last_line));
    return "";
  }
  void repair_dataset() const { must("tessera-verify " + at("dataset") + " --repair --quiet"); }

  static constexpr std::pair<const char*, Fault> kFaults[] = {
      {"a rank killed", &Chaos::rank_killed},
      {"the job killed", &Chaos::job_killed},
      {"USR2", &Chaos::saved_and_requeued},
      {"TERM", &Chaos::saved},
      {"a rank stopped", &Chaos::rank_stopped},
      {"the disk full", &Chaos::disk_full},
      {"the disk read-only", &Chaos::disk_read_only},
      {"the newest checkpoint damaged", &Chaos::checkpoint_damaged},
      {"the dataset damaged", &Chaos::dataset_damaged}};

  static constexpr std::pair<const char*, Fault> kFaultsOfASearch[] = {
      {"a rank killed", &Chaos::rank_killed},
      {"the job killed", &Chaos::job_killed},
      {"USR2", &Chaos::saved_and_requeued},
      {"TERM", &Chaos::saved},
      {"the journal torn", &Chaos::journal_damaged}};

  test::TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
  std::mt19937_64 random_;
  std::string expected_;
  std::vector<std::string> expected_trials_;
  bool has_disk_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i) { return argc > i ? core::parse_integer(argv[i]) : std::nullopt; };
  if (!number(1) || !number(2)) {
    fmt::print(stderr, "usage: chaos FAULTS SEED\n");
    return 2;
  }
  try {
    Chaos chaos(static_cast<std::uint64_t>(*number(2)));
    const core::Stopwatch stopwatch;
    for (bool training = true; chaos.recovered + chaos.lost < *number(1); training = !training) {
      const auto left = std::min(*number(1) - chaos.recovered - chaos.lost, kFaultsOfAVictim);
      training ? chaos.training_with(left) : chaos.search_with(left);
    }
    fmt::print("faults={} recovered={} lost={} seconds={:.0f}\n", chaos.recovered + chaos.lost,
               chaos.recovered, chaos.lost, stopwatch.seconds());
    return chaos.lost == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "chaos: {}\n", error.what());
    return 1;
  }
}
