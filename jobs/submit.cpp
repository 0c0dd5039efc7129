// SPDX-License-Identifier: Apache-2.0
// tessera submit: a verb as a job of Slurm.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "core/clock.hpp"
#include "core/command_line.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "jobs/batch_script.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

struct SubmitArguments {
  std::optional<std::int64_t> nodes, tasks, cores, gpus;
  std::string time, array, partition, account, script;
  std::vector<std::string> more, words;
  bool dry_run = false;
};

jobs::BatchOptions options_of(const SubmitArguments& arguments) {
  jobs::BatchOptions options;
  const auto add = [&](const std::string& name, const auto& value) {
    if (value) options.emplace_back(name, std::to_string(*value));
  };
  const auto add_text = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) options.emplace_back(name, value);
  };
  add("nodes", arguments.nodes);
  add("ntasks-per-node", arguments.tasks);
  add("cpus-per-task", arguments.cores);
  add("gpus-per-node", arguments.gpus);
  add_text("time", arguments.time);
  add_text("array", arguments.array);
  add_text("partition", arguments.partition);
  add_text("account", arguments.account);
  for (const auto& option : arguments.more) {
    const auto equals = option.find('=');
    options.emplace_back(option.substr(0, equals),
                         equals == std::string::npos ? "" : option.substr(equals + 1));
  }
  return options;
}

// "train", "search", "prep", "array": as the scripts of slurm/ are named.
std::string script_name(const SubmitArguments& arguments) {
  const std::string verb = arguments.words.empty() ? "" : arguments.words.front();
  if (verb != "train" && verb != "search" && verb != "prep")
    throw core::InputError(fmt::format(
        "submit takes one of the verbs train, search, prep, got \"{}\". Example: tessera submit train "
        "config.toml --nodes 2 --time 04:00:00",
        verb));
  return verb == "search" && !arguments.array.empty() ? "array" : verb;
}

// Beside the build, or where `cmake --install` puts it.
fs::path scripts_folder() {
  const auto programs = fs::read_symlink("/proc/self/exe").parent_path();
  for (const char* place : {"../../slurm", "../share/tessera/slurm"})
    if (fs::exists(programs / place / "job.sh")) return fs::canonical(programs / place);
  throw core::InputError(fmt::format(
      "the folder slurm/ with train.sbatch must lie beside the build or under PREFIX/share/tessera; "
      "looked in {0}/../../slurm and {0}/../share/tessera/slurm",
      programs.string()));
}

// The number of the job.
std::string submitted(const fs::path& script) {
  const std::string command = "sbatch --parsable " + jobs::shell_quoted(script.string());
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string said;
  std::array<char, 256> piece{};
  while (pipe && std::fgets(piece.data(), piece.size(), pipe)) said += piece.data();
  if (!pipe || ::pclose(pipe) != 0)
    throw core::Error(
        fmt::format("{} failed (its message stands above). The script is there: mend it, or submit "
                    "where Slurm is at hand.",
                    command));
  return said.substr(0, said.find_first_of(";\n"));  // "4711;cluster" where there are several
}

int submit(const SubmitArguments& arguments) {
  const std::string name = script_name(arguments);
  const fs::path folder = scripts_folder();
  const std::vector<std::string> words(arguments.words.begin() + 1, arguments.words.end());
  const std::string text = jobs::filled_batch_script(core::read_file(folder / (name + ".sbatch")),
                                                     options_of(arguments), words, folder.string());
  if (arguments.dry_run) {
    fmt::print("{}", text);
    return core::kExitDone;
  }
  const fs::path script =
      arguments.script.empty()
          ? fs::path(fmt::format("tessera-{}-{}.sbatch", name, core::utc_timestamp().substr(0, 19)))
          : fs::path(arguments.script);
  core::write_file_atomically(script, text);
  fmt::print("job={} script={}\n", submitted(script), script.string());
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  SubmitArguments arguments;
  core::CommandLine line(
      "submit",
      "Submits a verb as a job of Slurm: writes its script, slurm/VERB.sbatch with these options and words "
      "in it, and "
      "hands that to sbatch. What is not an option of submit goes to the verb: submit VERB ARGUMENT…",
      "tessera submit train jobs/configs/bulk_modulus.toml --set data.dataset=mp --run runs/k --nodes 2 "
      "--time 04:00:00");
  line.option("--nodes", arguments.nodes, "nodes");
  line.option("--tasks", arguments.tasks, "tasks on each node: MPI ranks, one for each GPU where there are");
  line.option("--cores", arguments.cores, "cores of each task");
  line.option("--gpus", arguments.gpus, "GPUs of each node");
  line.option("--time", arguments.time, "limit, as Slurm writes it: 04:00:00, 2-0");
  line.option("--array", arguments.array, "search: an array of so many small jobs on one study, 1-16%4");
  line.option("--partition", arguments.partition, "partition");
  line.option("--account", arguments.account, "account");
  line.repeated("--sbatch", arguments.more, "any other option of sbatch: --sbatch qos=long");
  line.option("--script", arguments.script, "the script to write; tessera-VERB-TIME.sbatch where not given");
  line.flag("--dry-run", arguments.dry_run, "print the script, write and submit nothing");
  line.rest(arguments.words);
  const auto parsed = line.parse(argc, argv);
  if (!parsed.run) {
    std::fputs(parsed.text.c_str(), parsed.exit_code == core::kExitDone ? stdout : stderr);
    return parsed.exit_code;
  }
  try {
    return submit(arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "tessera submit: {}\n", error.what());
    return core::exit_code_of(error);
  }
}
