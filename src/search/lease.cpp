// SPDX-License-Identifier: Apache-2.0
#include "search/lease.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "dist/slurm_job.hpp"

namespace tessera::search {
namespace {

using Json = nlohmann::json;

const std::string kPrefix = "tessera:lease:";

// Slurm starts a job again once nothing of it is left, whatever became of its node.
bool is_earlier_start_of_this_job(const Job& job) {
  return !job.slurm.empty() && job.slurm == dist::slurm_job() && job.slurm_start < dist::slurm_start();
}

}  // namespace

std::string Job::name() const {
  return fmt::format("{}-{}-{}", process.host, process.pid, process.started);
}

std::string Job::text() const {
  const std::string where = fmt::format("process {} on {}", process.pid, process.host);
  return slurm.empty() ? where : fmt::format("{} (Slurm job {})", where, slurm);
}

Job this_job() {
  return {this_process(), dist::slurm_job(), dist::slurm_start()};
}

std::vector<Lease> leases_of(const Study& study) {
  std::vector<Lease> leases;
  for (auto at = study.system_attributes.lower_bound(kPrefix);
       at != study.system_attributes.end() && at->first.starts_with(kPrefix); ++at) {
    try {
      const Json json = Json::parse(at->second);
      const auto text = [&](const char* key) { return json.at(key).get<std::string>(); };
      leases.push_back({{{text("host"), text("kernel"), json.at("pid").get<std::int64_t>(),
                          json.at("started").get<std::int64_t>()},
                         text("slurm"),
                         json.value("slurm_start", std::int64_t{0})},
                        json.at("began").get<double>(),
                        json.at("renewed").get<double>(),
                        json.at("until").get<double>()});
    } catch (const Json::exception& error) {
      throw core::DataError(fmt::format("study '{}': system attribute '{}' must be a job's lease, got {}: {}",
                                        study.name, at->first, at->second, error.what()));
    }
  }
  return leases;
}

bool is_live(const Lease& lease, double now) {
  return now < lease.until && !is_known_dead(lease.job.process) && !is_earlier_start_of_this_job(lease.job);
}

std::string lease_attribute(const Job& job) {
  return kPrefix + job.name();
}

std::string lease_json(const Lease& lease) {
  const auto& process = lease.job.process;
  return Json{
      {"host", process.host},       {"kernel", process.kernel}, {"pid", process.pid},
      {"started", process.started}, {"slurm", lease.job.slurm}, {"slurm_start", lease.job.slurm_start},
      {"began", lease.began},       {"renewed", lease.renewed}, {"until", lease.until}}
      .dump();
}

double worked_seconds(const std::vector<Lease>& leases, double now) {
  std::vector<std::pair<double, double>> spans;  // from, to
  for (const auto& lease : leases)
    spans.emplace_back(lease.began, is_live(lease, now) ? std::max(now, lease.renewed) : lease.renewed);
  std::ranges::sort(spans);
  double total = 0, counted_to = 0;
  for (const auto& [from, to] : spans) {
    total += std::max(0.0, to - std::max(from, counted_to));
    counted_to = std::max(counted_to, to);
  }
  return total;
}

}  // namespace tessera::search
