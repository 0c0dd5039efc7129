// SPDX-License-Identifier: Apache-2.0
// One verb's command line (CLI11 behind it): the flags every verb has, a worked example in --help, messages
// that name the argument. Parsing prints nothing and exits nowhere: under mpirun only one rank may speak.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tessera::core {

/// What is left to do after parsing: nothing (`text` says what to print, `exit_code` how to end), or the job.
struct ParseResult {
  bool run = false;
  int exit_code = 0;
  std::string text;
};

class CommandLine {
 public:
  /// `verb` as typed after "tessera"; `example` is one or more shell lines.
  CommandLine(const std::string& verb, const std::string& description, const std::string& example);
  ~CommandLine();

  void positional(const std::string& name, std::string& value, const std::string& help);
  void positionals(const std::string& name, std::vector<std::string>& values, const std::string& help);
  /// `name` as "--out"; the present value is the default shown.
  void option(const std::string& name, std::string& value, const std::string& help, bool required = false);
  void option(const std::string& name, std::int64_t& value, const std::string& help);
  void option(const std::string& name, double& value, const std::string& help);
  void option(const std::string& name, std::optional<std::int64_t>& value, const std::string& help);
  /// One value each time it is given: --set a=1 --set b=2.
  void repeated(const std::string& name, std::vector<std::string>& values, const std::string& help);
  /// Any number of values behind it: --input a b c.
  void list(const std::string& name, std::vector<std::string>& values, const std::string& help,
            bool required = false);
  void choice(const std::string& name, std::string& value, const std::vector<std::string>& choices,
              const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);
  /// Everything that none of the others takes, in its order: for another program.
  void rest(std::vector<std::string>& words);

  /// Also sets the log level from --quiet and --log-level.
  ParseResult parse(int argc, char** argv);

  bool quiet() const;
  /// The command as typed, for run.json.
  const std::string& typed() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace tessera::core
