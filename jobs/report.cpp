// SPDX-License-Identifier: Apache-2.0
// tessera report: one HTML page about a run or a study.
#include <fmt/core.h>

#include "core/clock.hpp"
#include "core/command_line.hpp"
#include "core/error.hpp"
#include "dist/run_job.hpp"
#include "jobs/study_page.hpp"
#include "report/run_report.hpp"

using namespace tessera;

int main(int argc, char** argv) {
  std::string run, out;
  bool scaling = false;
  core::CommandLine line("report", "One self-contained HTML page about a run or a study",
                         "tessera report runs/cgcnn --out cgcnn.html");
  line.positional("RUN", run, "the folder that `tessera train` or `tessera search` wrote");
  line.flag(
      "--scaling", scaling,
      "instead: CONFIG trained on 1, 2, 4 … of the ranks, timed; see `tessera report --scaling --help`");
  line.option("--out", out, "the page; RUN/report.html where not given");

  return dist::run_job(argc, argv, line, [&](dist::Communicator& world) {
    if (scaling)
      throw core::InputError("--scaling is another program's: start it as `tessera report --scaling`");
    const core::Stopwatch stopwatch;
    const auto page = out.empty() ? std::filesystem::path(run) / "report.html" : std::filesystem::path(out);
    world.together("write the report", [&] {
      if (!world.is_root()) return;
      const bool is_study = std::filesystem::exists(std::filesystem::path(run) / "journal.log");
      const std::string html = is_study ? jobs::make_study_page(run) : report::make_run_report(run);
      report::write_report(page, html);
      fmt::print("report={} bytes={} seconds={:.2f}\n", page.string(), html.size(), stopwatch.seconds());
    });
    return core::kExitDone;
  });
}
