// SPDX-License-Identifier: Apache-2.0
#include "jobs/doctor_checks.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;

// Below these a training of many ranks waits for its network: gigabytes a second, microseconds.
constexpr double kSlowLink = 0.5, kLateLink = 200;
constexpr double kSkewedClock = 1;                   // second
constexpr double kLittleSpace = 10, kSlowDisk = 50;  // GB, MB/s

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

struct Link {
  double microseconds = 0, gigabytes_per_second = 0;
};

// Half a round trip between two ranks; the others wait.
Link link_between(const dist::Communicator& world, int first, int second) {
  const auto half_trip = [&](std::size_t bytes, int trips) {
    std::vector<char> message(bytes);
    const auto size = static_cast<int>(bytes);
    world.barrier("a link");
    const core::Stopwatch watch;
    for (int trip = 0; trip < trips; ++trip) {
      if (world.rank() == first) {
        dist::check_mpi(MPI_Send(message.data(), size, MPI_BYTE, second, 0, world.mpi()), "MPI_Send",
                        "a link");
        dist::check_mpi(MPI_Recv(message.data(), size, MPI_BYTE, second, 0, world.mpi(), MPI_STATUS_IGNORE),
                        "MPI_Recv", "a link");
      } else if (world.rank() == second) {
        dist::check_mpi(MPI_Recv(message.data(), size, MPI_BYTE, first, 0, world.mpi(), MPI_STATUS_IGNORE),
                        "MPI_Recv", "a link");
        dist::check_mpi(MPI_Send(message.data(), size, MPI_BYTE, first, 0, world.mpi()), "MPI_Send",
                        "a link");
      }
    }
    return world.all_reduce(watch.seconds(), dist::Reduce::Max, "a link") / (2.0 * trips);
  };
  half_trip(8, 20);  // connects
  constexpr std::size_t kLarge = 16 << 20;
  Link link;
  link.microseconds = 1e6 * half_trip(8, 200);
  link.gigabytes_per_second = kLarge / 1e9 / half_trip(kLarge, 5);
  return link;
}

Finding describe(const std::string& subject, const Link& link) {
  Finding finding{subject,
                  fmt::format("{:.1f} µs, {:.2f} GB/s", link.microseconds, link.gigabytes_per_second), ""};
  if (link.gigabytes_per_second < kSlowLink || link.microseconds > kLateLink)
    finding.remedy =
        "slow for training over ranks. Idle cores? Then see which network MPI takes: `ompi_info --param btl "
        "tcp`, "
        "OMPI_MCA_btl_tcp_if_include, UCX_NET_DEVICES";
  return finding;
}

bool is_locked_by_one_only(const fs::path& file) {
  const int first = ::open(file.c_str(), O_RDWR | O_CLOEXEC),
            second = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  const bool is_so = first >= 0 && second >= 0 && ::flock(first, LOCK_EX | LOCK_NB) == 0 &&
                     ::flock(second, LOCK_EX | LOCK_NB) != 0;
  ::close(first);
  ::close(second);
  return is_so;
}

// MB/s of 64 MB, to the disk.
double write_speed(const fs::path& file) {
  const std::string block(1 << 20, 't');
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool is_written = descriptor >= 0;
  const core::Stopwatch watch;
  for (int i = 0; i < 64 && is_written; ++i)
    is_written = ::write(descriptor, block.data(), block.size()) == static_cast<ssize_t>(block.size());
  is_written = is_written && ::fsync(descriptor) == 0;
  const double seconds = watch.seconds();
  if (descriptor >= 0) ::close(descriptor);
  if (!is_written)
    throw core::DataError(
        fmt::format("cannot write 64 MB to {}: is the disk full, or not ours?", file.string()));
  return 64 / seconds;
}

}  // namespace

std::vector<Finding> check_mpi(const dist::Communicator& world) {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0, level = 0;
  MPI_Get_library_version(text.data(), &length);
  MPI_Query_thread(&level);
  const std::string version(text.data());
  const auto hosts = world.all_gather_text(dist::host_name(), "hosts");
  std::vector<Finding> findings{{"MPI", version.substr(0, version.find_first_of(",\n")), ""}};
  if (level < MPI_THREAD_MULTIPLE)
    findings.push_back(
        {"MPI threads", "fewer than MPI_THREAD_MULTIPLE",
         "searches and preparations of several ranks need it: take an MPI that was built with it"});
  const auto nodes = std::set(hosts.begin(), hosts.end()).size();
  const bool by_pmix = !variable("PMIX_RANK").empty();
  Finding ranks{"ranks",
                fmt::format("{} on {} node{}{}", world.size(), nodes, nodes == 1 ? "" : "s",
                            by_pmix ? ", by PMIx" : ""),
                ""};
  const auto tasks = core::parse_integer(variable("SLURM_STEP_NUM_TASKS"));
  if (world.size() == 1 && tasks.value_or(1) > 1)
    ranks.remedy = fmt::format(
        "Slurm has started {} tasks, each alone with its own MPI: `srun --mpi=list`, and take what "
        "this MPI was built for, mostly --mpi=pmix (TESSERA_MPI in slurm/env.sh)",
        *tasks);
  findings.push_back(std::move(ranks));
  return findings;
}

std::vector<Finding> check_links(const dist::Communicator& world) {
  if (world.size() == 1)
    return {{"links", "one rank: nothing to measure; see mpirun -n 2 tessera doctor", ""}};
  const auto hosts = world.all_gather_text(dist::host_name(), "hosts");
  std::vector<Finding> findings;
  const auto look = [&](const char* subject, int other) {
    findings.push_back(
        describe(fmt::format("{} ({}, {})", subject, hosts.front(), hosts[static_cast<std::size_t>(other)]),
                 link_between(world, 0, other)));
  };
  if (hosts[1] == hosts[0]) look("within a node", 1);
  if (hosts.back() != hosts[0]) look("between nodes", world.size() - 1);
  return findings;
}

std::vector<Finding> check_cores(const dist::Communicator& world) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ::sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<std::int32_t> ranks_on(CPU_SETSIZE);
  for (std::size_t core = 0; core < ranks_on.size(); ++core)
    ranks_on[core] = CPU_ISSET(core, &allowed) ? 1 : 0;
  const auto mine = ranks_on;
  const auto node = world.node();
  node.all_reduce(std::span<std::int32_t>(ranks_on), dist::Reduce::Sum, "cores");
  const auto used = std::ranges::count_if(ranks_on, [](auto ranks) { return ranks > 0; });
  const auto own = std::ranges::count(mine, 1);
  const bool is_short = used < node.size();
  const auto fewest = world.all_reduce<std::int64_t>(own, dist::Reduce::Min, "cores");
  const auto most = world.all_reduce<std::int64_t>(own, dist::Reduce::Max, "cores");
  const bool any_short = world.all_reduce<std::int32_t>(is_short, dist::Reduce::Max, "cores") != 0;
  return {{"cores of a rank", fewest == most ? std::to_string(own) : fmt::format("{} to {}", fewest, most),
           any_short
               ? "a node has more ranks than cores: fewer ranks, or --cpus-per-task=1 and --bind-to core"
               : ""}};
}

std::vector<Finding> check_clocks(const dist::Communicator& world) {
  world.barrier("clocks");
  const double now = core::unix_time();
  const double skew =
      world.all_reduce(now, dist::Reduce::Max, "clocks") - world.all_reduce(now, dist::Reduce::Min, "clocks");
  return {{"clocks apart", fmt::format("{:.3f} s", skew),
           skew > kSkewedClock
               ? "jobs that share a study would take each other for dead: have the nodes' clocks set by NTP"
               : ""}};
}

std::vector<Finding> check_gpus(const dist::Communicator& world) {
  const auto seen = dist::NcclCommunicator::visible_gpus().size();
  const auto fewest =
      world.all_reduce<std::int64_t>(static_cast<std::int64_t>(seen), dist::Reduce::Min, "GPUs");
  if (!dist::NcclCommunicator::is_built_in())
    return {{"GPUs", "a build for CPUs only", seen > 0 ? "GPUs are there: ./dev build --cuda" : ""}};
  const auto here = world.all_reduce<std::int32_t>(world.node().size(), dist::Reduce::Max, "ranks of a node");
  return {{"GPUs",
           fmt::format("{} seen by a rank, {} ranks a node, NCCL {}", fewest, here,
                       dist::NcclCommunicator::version()),
           fewest == 0 ? "none: trainings take the CPU. In Slurm ask for them: --gpus-per-node" : ""}};
}

std::vector<Finding> check_folder(const dist::Communicator& world, const fs::path& folder) {
  return world.together("look at the file system", [&]() -> std::vector<Finding> {
    if (!world.is_root()) return {};
    const fs::path file = folder / fmt::format(".tessera-doctor-{}", ::getpid());
    double speed = 0;
    bool is_locked = false;
    try {
      speed = write_speed(file);
      is_locked = is_locked_by_one_only(file);
    } catch (...) {
      fs::remove(file);
      throw;
    }
    fs::remove(file);
    const double free = static_cast<double>(fs::space(folder).available) / 1e9;
    const std::string where = fs::absolute(folder).lexically_normal().string();
    return {{"space in " + where, fmt::format("{:.0f} GB free", free),
             free < kLittleSpace ? "little for datasets and checkpoints" : ""},
            {"writing there", fmt::format("{:.0f} MB/s", speed),
             speed < kSlowDisk ? "slow: checkpoints will be felt; checkpoint.every_minutes" : ""},
            {"locks there", is_locked ? "flock works" : "flock does not keep a second one out",
             is_locked ? ""
                       : "HDF5 will refuse or not notice two writers: mount with locks, or "
                         "HDF5_USE_FILE_LOCKING=FALSE"}};
  });
}

}  // namespace tessera::jobs
