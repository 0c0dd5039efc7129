// SPDX-License-Identifier: Apache-2.0
#include "core/symbol_table.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string_view>

namespace tessera::core {
namespace {

// Where the loader put the program: its file's addresses count from there.
std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* first, std::size_t, void* found) {
        *static_cast<std::uintptr_t*>(found) = first->dlpi_addr;
        return 1;
      },
      &address);
  return address;
}

template <typename T>
bool read_at(std::ifstream& file, std::uint64_t offset, T* into, std::size_t count) {
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(into), static_cast<std::streamsize>(count * sizeof(T)));
  return static_cast<bool>(file);
}

void replace_all(std::string& text, std::string_view part, std::string_view by) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + by.size()))
    text.replace(at, part.size(), by);
}

// What a std::function calls is mostly compiled into the function that calls it, whose last template argument
// is its name.
std::string called_by_function(const std::string& full) {
  const auto end = full.rfind(">::_M_invoke(");
  if (!full.starts_with("std::_Function_handler<") || end == std::string::npos) return full;
  int depth = 0;
  for (auto i = end; i-- > 0;) {
    if (std::string_view(">)}").find(full[i]) != std::string_view::npos) ++depth;
    if (std::string_view("<({").find(full[i]) != std::string_view::npos) --depth;
    if (depth == 0 && full[i] == ',') return full.substr(i + 2, end - i - 2);
  }
  return full;
}

}  // namespace

SymbolTable SymbolTable::of_this_program() {
  SymbolTable table;
  std::ifstream file("/proc/self/exe", std::ios::binary);
  ElfW(Ehdr) header{};
  if (!read_at(file, 0, &header, 1)) return table;
  std::vector<ElfW(Shdr)> sections(header.e_shnum);
  if (!read_at(file, header.e_shoff, sections.data(), sections.size())) return table;
  const auto found = std::ranges::find(sections, ElfW(Word){SHT_SYMTAB}, &ElfW(Shdr)::sh_type);
  if (found == sections.end() || found->sh_link >= sections.size()) return table;

  std::vector<ElfW(Sym)> symbols(found->sh_size / sizeof(ElfW(Sym)));
  const auto& names = sections[found->sh_link];
  table.names_.resize(names.sh_size);
  if (!read_at(file, found->sh_offset, symbols.data(), symbols.size()) ||
      !read_at(file, names.sh_offset, table.names_.data(), table.names_.size()))
    return SymbolTable();
  const auto base = load_address();
  for (const auto& symbol : symbols)
    if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_value != 0 &&
        symbol.st_name < table.names_.size())
      table.functions_.push_back({base + symbol.st_value, symbol.st_size, symbol.st_name});
  std::ranges::sort(table.functions_, {}, &Function::begin);
  return table;
}

std::optional<std::string> SymbolTable::name_at(std::uintptr_t address) const {
  const auto behind = std::ranges::upper_bound(functions_, address, {}, &Function::begin);
  if (behind == functions_.begin()) return std::nullopt;
  const auto& function = *std::prev(behind);
  if (address - function.begin >= function.size) return std::nullopt;
  return std::string(names_.c_str() + function.name);
}

std::string short_function_name(const std::string& mangled, std::size_t width) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  std::string full = demangled ? demangled.get() : mangled;
  replace_all(full, "(anonymous namespace)::", "");
  full = called_by_function(full);
  replace_all(full, "operator()", "operator\1");  // its brackets hold no arguments
  std::string name;
  int depth = 0;
  for (const char letter : full) {
    if (letter == '(' || letter == '<') ++depth;
    if (depth == 0) name += letter;
    if (depth > 0 && (letter == ')' || letter == '>')) --depth;
  }
  if (const auto clone = name.find(" [clone"); clone != std::string::npos) name.resize(clone);
  if (constexpr std::string_view kConst = " const"; name.ends_with(kConst))
    name.resize(name.size() - kConst.size());
  if (const auto space = name.rfind(' '); space != std::string::npos) name.erase(0, space + 1);
  replace_all(name, "\1", "()");
  if (name.size() > width) name = "…" + name.substr(name.size() - width + 1);
  return name;
}

}  // namespace tessera::core
