// SPDX-License-Identifier: Apache-2.0
// The dispatcher: `tessera VERB …` becomes the program tessera-VERB beside it, as git does. It loads neither
// MPI nor LibTorch, so that under mpirun it costs nothing.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/build_info.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace {

using tessera::core::InputError;

struct Verb {
  std::string_view words;  // as typed
  std::string_view does;
};

constexpr std::array kVerbs = {
    Verb{"prep crystals", "crystal files to a dataset of meshes and graphs (HDF5 shards)"},
    Verb{"prep images", "micrographs, their masks and labels to a dataset (HDF5 shards)"},
    Verb{"synth crystals", "made crystals of known prototypes, with targets from a formula"},
    Verb{"synth micrographs", "made micrographs of polycrystals, with masks and the exact figures of each"},
    Verb{"synth phases", "made structures of two phases, and the conductivity computed of each"},
    Verb{"train", "data-parallel training from a config; goes on where the newest checkpoint stands"},
    Verb{"crossvalidate", "a network and its baselines, each record predicted without its group"},
    Verb{"search", "settings of a training searched or swept, many trials at once, as one Optuna study"},
    Verb{"submit", "a training, search or preparation as a job of Slurm"},
    Verb{"status", "how far a run or a study is, and what Slurm says of its job"},
    Verb{"evaluate", "metrics of a run on a split or on another dataset"},
    Verb{"predict", "a run's predictions: of crystals a table, of micrographs masks and what they measure"},
    Verb{"measure",
         "boundary length, grain size and carbides of masks, and how well they agree with true ones"},
    Verb{"describe", "statistics of segmented images and volumes: correlations, chords, clusters"},
    Verb{"homogenise", "what segmented images and volumes conduct as a whole: labels to learn"},
    Verb{"reconstruct", "structures that have the statistics of one sample, and how near they come"},
    Verb{"report", "one HTML file about a run or a study; --scaling: what more ranks are worth"},
    Verb{"inspect", "what is in a dataset, shard, run, weights file or config"},
    Verb{"audit", "was every record trained on exactly once an epoch, over all starts of a run"},
    Verb{"verify", "is every byte as written; --repair rebuilds what is not"},
    Verb{"doctor", "are these ranks, nodes, network and disk fit to run on"},
};

std::string usage(std::string_view group = "") {
  std::string text =
      fmt::format("Usage: tessera {}VERB [ARGUMENTS…]\n\n", group.empty() ? "" : fmt::format("{} ", group));
  for (const auto& verb : kVerbs)
    if (verb.words.starts_with(group)) text += fmt::format("  tessera {:<19}{}\n", verb.words, verb.does);
  return text +
         "\nEach verb has --help with a worked example, and runs alone, under mpirun and under srun:\n"
         "  mpirun -n 4 tessera train config.toml\n";
}

bool is_group(std::string_view word) {
  for (const auto& verb : kVerbs)
    if (verb.words.starts_with(std::string(word) + " ")) return true;
  return false;
}

bool is_verb(std::string_view words) {
  for (const auto& verb : kVerbs)
    if (verb.words == words) return true;
  return false;
}

[[noreturn]] void refuse_verb(const std::string& words) {
  std::vector<std::string> known;
  for (const auto& verb : kVerbs) known.emplace_back(verb.words);
  const auto near = tessera::core::nearest_word(words, known);
  throw InputError(fmt::format("tessera has no verb \"{}\"{} See `tessera --help`.", words,
                               near ? fmt::format("; did you mean \"{}\"?", *near) : "."));
}

// Does not come back: the process is the other program from here on.
[[noreturn]] void become(const std::string& words, const std::vector<char*>& rest) {
  std::string name = "tessera-" + words;
  for (auto& letter : name)
    if (letter == ' ') letter = '-';
  const auto folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  std::string program = (folder / name).string();
  std::vector<char*> arguments{program.data()};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  throw InputError(
      fmt::format("cannot run {}: {}. Was Tessera built without \"{}\"? See the options that "
                  "cmake prints at its end.",
                  program, std::strerror(errno), words));
}

int dispatch(std::vector<char*> words) {
  static char help[] = "--help";
  if (!words.empty() && std::string_view(words[0]) == "help") {
    words.erase(words.begin());
    words.push_back(help);
  }
  const std::string first = words.empty() ? "" : words[0];
  if (first == "--version") {
    fmt::print("tessera {}\n", tessera::core::version());
    return 0;
  }
  if (first == "--help" || first == "-h") {
    fmt::print("{}", usage());
    return 0;
  }
  if (first.empty()) {
    fmt::print(stderr, "{}", usage());
    return tessera::core::kExitWrongInput;
  }
  if (!is_group(first)) {
    if (!is_verb(first)) refuse_verb(first);
    const auto scaling =
        std::ranges::find(words, "--scaling", [](const char* word) { return std::string_view(word); });
    if (first == "report" && scaling != words.end()) {
      words.erase(scaling);  // it trains, and is a program of its own: other reports need no LibTorch
      become("report scaling", {words.begin() + 1, words.end()});
    }
    become(first, {words.begin() + 1, words.end()});
  }
  const std::string second = words.size() > 1 ? words[1] : "";
  if (second.empty() || second == "--help" || second == "-h") {
    fmt::print(second.empty() ? stderr : stdout, "{}", usage(first));
    return second.empty() ? tessera::core::kExitWrongInput : 0;
  }
  const std::string both = first + " " + second;
  if (!is_verb(both)) refuse_verb(both);
  become(both, {words.begin() + 2, words.end()});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "tessera: {}\n", error.what());
    return tessera::core::exit_code_of(error);
  }
}
