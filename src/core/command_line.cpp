// SPDX-License-Identifier: Apache-2.0
#include "core/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "core/build_info.hpp"
#include "core/error.hpp"
#include "core/log.hpp"

namespace tessera::core {

struct CommandLine::Parser {
  CLI::App app;
  std::string log_level = "info";
  std::string typed;
  bool quiet = false;
  std::vector<std::string>* rest = nullptr;
};

CommandLine::CommandLine(const std::string& verb, const std::string& description, const std::string& example)
    : parser_(std::make_unique<Parser>()) {
  auto& app = parser_->app;
  app.name("tessera " + verb);
  app.description(description);
  app.footer("Example:\n  " + example);
  app.set_version_flag("--version", "tessera " + version());
  app.add_flag("--quiet", parser_->quiet,
               "only warnings and errors on stderr; the final line still goes to stdout");
  app.add_option("--log-level", parser_->log_level, "debug, info, warning, error or off")
      ->capture_default_str();
}

CommandLine::~CommandLine() = default;

void CommandLine::positional(const std::string& name, std::string& value, const std::string& help) {
  parser_->app.add_option(name, value, help)->required();
}
void CommandLine::positionals(const std::string& name, std::vector<std::string>& values,
                              const std::string& help) {
  parser_->app.add_option(name, values, help)->required();
}
void CommandLine::option(const std::string& name, std::string& value, const std::string& help,
                         bool required) {
  parser_->app.add_option(name, value, help)->required(required)->capture_default_str();
}
void CommandLine::option(const std::string& name, std::int64_t& value, const std::string& help) {
  parser_->app.add_option(name, value, help)->capture_default_str();
}
void CommandLine::option(const std::string& name, double& value, const std::string& help) {
  parser_->app.add_option(name, value, help)->capture_default_str();
}
void CommandLine::option(const std::string& name, std::optional<std::int64_t>& value,
                         const std::string& help) {
  parser_->app.add_option_function<std::int64_t>(
      name, [&value](std::int64_t given) { value = given; }, help);
}
void CommandLine::repeated(const std::string& name, std::vector<std::string>& values,
                           const std::string& help) {
  parser_->app.add_option(name, values, help)->allow_extra_args(false);
}
void CommandLine::list(const std::string& name, std::vector<std::string>& values, const std::string& help,
                       bool required) {
  parser_->app.add_option(name, values, help)->required(required);
}
void CommandLine::choice(const std::string& name, std::string& value, const std::vector<std::string>& choices,
                         const std::string& help) {
  parser_->app.add_option(name, value, help)->check(CLI::IsMember(choices))->capture_default_str();
}
void CommandLine::flag(const std::string& name, bool& value, const std::string& help) {
  parser_->app.add_flag(name, value, help);
}

void CommandLine::rest(std::vector<std::string>& words) {
  parser_->app.allow_extras();
  parser_->rest = &words;
}

ParseResult CommandLine::parse(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) parser_->typed += (i ? " " : "") + std::string(argv[i]);
  try {
    parser_->app.parse(argc, argv);
    if (parser_->rest) *parser_->rest = parser_->app.remaining();
    const auto asked = log::level_from_name(parser_->log_level);
    log::set_level(parser_->quiet ? std::max(asked, log::Level::Warning) : asked);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const bool wanted = parser_->app.exit(error, out, err) == 0;  // --help and --version
    return {.run = false, .exit_code = wanted ? kExitDone : kExitWrongInput, .text = out.str() + err.str()};
  } catch (const InputError& error) {
    return {.run = false, .exit_code = kExitWrongInput, .text = std::string(error.what()) + "\n"};
  }
  return {.run = true, .exit_code = kExitDone, .text = {}};
}

bool CommandLine::quiet() const {
  return parser_->quiet;
}
const std::string& CommandLine::typed() const {
  return parser_->typed;
}

}  // namespace tessera::core
