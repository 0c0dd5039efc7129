// SPDX-License-Identifier: Apache-2.0
// Python as the other program that reads what the report writes.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "core/file.hpp"
#include "support/run_program.hpp"

namespace tessera::report {

/// What `script` prints when run with `argument` (TESSERA_PYTHON, else .deps/python/bin/python3 of the
/// source, else python3). Nothing where there is no Python, or where the script exits with 77 to say that it
/// lacks a package. Any other failure fails the test.
inline std::optional<std::string> printed_by_python(const std::string& script, const std::string& argument) {
  const char* chosen = std::getenv("TESSERA_PYTHON");
  const char* source = std::getenv("TESSERA_SOURCE");
  std::filesystem::path python = std::filesystem::path(source ? source : ".") / ".deps/python/bin/python3";
  if (chosen) python = chosen;
  if (!chosen && !std::filesystem::exists(python)) python = "python3";
  const test::TemporaryFolder folder;
  core::write_file_atomically(folder / "script.py", script);
  const auto result =
      test::run_program(python.string() + " " + (folder / "script.py").string() + " " + argument);
  if (result.exit_code == 77 || result.exit_code == 127) return std::nullopt;
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

}  // namespace tessera::report
