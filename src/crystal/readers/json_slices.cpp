// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/json_slices.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "crystal/readers/read_error.hpp"

namespace tessera::crystal {
namespace {

// A lookup, since find_first_of searches its list anew at each byte.
constexpr std::array<bool, 256> table_of(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kEndsText = table_of("\"\\");
constexpr auto kNests = table_of("\"{}[]");

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  char peek() {
    skip_blanks();
    if (at_ == text_.size()) fail("the JSON text ends early. The file was cut off; copy it again");
    return text_[at_];
  }
  char take() {
    const char c = peek();
    ++at_;
    return c;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  std::string_view value() {
    const char first = peek();
    const std::size_t begin = at_;
    if (first == '"')
      skip_string();
    else if (first == '{' || first == '[')
      skip_nested();
    else
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    if (at_ == begin) fail(fmt::format("a JSON value must stand here, got '{}'", first));
    return text_.substr(begin, at_ - begin);
  }
  [[noreturn]] void fail(const std::string& reason) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw ReadError(source_, static_cast<int>(line), reason);
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  void go_to(const std::array<bool, 256>& table) {
    while (at_ < text_.size() && !table[static_cast<unsigned char>(text_[at_])]) ++at_;
  }
  void skip_string() {
    ++at_;
    for (;;) {
      go_to(kEndsText);
      if (at_ >= text_.size() || (text_[at_] == '\\' && at_ + 1 == text_.size())) {
        at_ = text_.size();
        fail("a JSON string is never closed. The file was cut off; copy it again");
      }
      if (text_[at_] == '"') break;
      at_ += 2;  // a backslash and what it escapes
    }
    ++at_;
  }
  void skip_nested() {
    std::size_t depth = 0;
    do {
      go_to(kNests);
      if (at_ == text_.size()) fail("a JSON bracket is never closed. The file was cut off; copy it again");
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
      ++at_;
    } while (depth > 0);
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t at_ = 0;
};

}  // namespace

JsonKind kind_of_json(std::string_view slice) {
  switch (slice.empty() ? '\0' : slice.front()) {
    case '{': return JsonKind::Object;
    case '[': return JsonKind::Array;
    case '"': return JsonKind::String;
    case 't':
    case 'f': return JsonKind::Boolean;
    case 'n': return JsonKind::Null;
    default: return JsonKind::Number;
  }
}

void for_each_json_member(std::string_view json, const std::string& source,
                          const std::function<bool(std::string_view key, std::string_view value)>& member) {
  Scanner scanner(json, source);
  const char open = scanner.take();
  if (open != '{' && open != '[') scanner.fail(fmt::format("JSON must begin with {{ or [, got '{}'", open));
  const char close = open == '{' ? '}' : ']';
  if (scanner.peek() == close) {
    scanner.take();
  } else {
    for (;;) {
      std::string_view key;
      if (open == '{') {
        if (scanner.peek() != '"') scanner.fail("a JSON object's key must stand in quotes");
        key = scanner.value();
        key = key.substr(1, key.size() - 2);
        if (scanner.take() != ':')
          scanner.fail(fmt::format("the JSON key \"{}\" must be followed by a colon", key));
      }
      if (!member(key, scanner.value())) return;
      const char next = scanner.take();
      if (next == close) break;
      if (next != ',') scanner.fail(fmt::format("JSON values must be separated by commas, got '{}'", next));
    }
  }
  if (!scanner.at_end()) scanner.fail("the JSON text must end here, and goes on");
}

}  // namespace tessera::crystal
