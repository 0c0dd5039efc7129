// SPDX-License-Identifier: Apache-2.0
// The names of a program's own functions by address, local ones too, which the dynamic loader does not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera::core {

class SymbolTable {
 public:
  /// Of the running program, as it lies on disk; empty where it was stripped.
  static SymbolTable of_this_program();

  /// The mangled name of the function that `address`, as this process sees it, lies in; none outside of the
  /// program.
  std::optional<std::string> name_at(std::uintptr_t address) const;

 private:
  struct Function {
    std::uintptr_t begin = 0, size = 0;
    std::size_t name = 0;  // begins there in names_
  };
  std::vector<Function> functions_;  // in order of address
  std::string names_;
};

/// Pure. A function's name as a reader wants it: demangled, without arguments, template arguments, return
/// type and anonymous namespaces, at most `width` characters.
std::string short_function_name(const std::string& mangled, std::size_t width = 90);

}  // namespace tessera::core
