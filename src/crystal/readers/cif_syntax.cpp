// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/cif_syntax.hpp"

#include <gemmi/cif.hpp>

#include "crystal/readers/read_error.hpp"

namespace tessera::crystal {
namespace {

namespace pegtl = tao::pegtl;
namespace grammar = gemmi::cif::rules;

bool same_tag(std::string_view written, std::string_view wanted) {
  if (written.size() != wanted.size()) return false;
  for (std::size_t i = written.size(); i-- > 0;) {  // from the end: beginnings are shared
    char c = written[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '.') c = '_';
    if (c != wanted[i]) return false;
  }
  return true;
}

CifValue unquoted(std::string_view text, std::size_t line) {
  CifValue value{text, static_cast<int>(line), false};
  if (text.empty()) return value;
  if (text.front() == '\'' || text.front() == '"') {
    value.text = text.substr(1, text.size() - 2);
    value.quoted = true;
  } else if (text.front() == ';' && text.size() >= 3 && text.back() == ';' && text.find('\n') != text.npos) {
    value.text = text.substr(1, text.size() - 3);  // the last semicolon stands on a line of its own
    value.quoted = true;
  }
  return value;
}

}  // namespace

// Fills blocks as the grammar's rules match.
class CifBuilder {
 public:
  explicit CifBuilder(std::string source) : source_(std::move(source)) {}

  void block() {
    blocks_.emplace_back();
    blocks_.back().source_ = source_;
  }
  void begin_frame() { frame_tag_ = blocks_.back().tags_.size(); }
  // Save frames hold definitions, not the crystal.
  void end_frame() {
    auto& tags = blocks_.back().tags_;
    tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(frame_tag_), tags.end());
  }
  void tag(std::string_view name, std::size_t line) {
    auto& block = blocks_.back();
    block.tags_.push_back({name, static_cast<int>(line), block.values_.size(), 1, 0});
  }
  void item_value(std::string_view text, std::size_t line) {
    blocks_.back().values_.push_back(unquoted(text, line));
    blocks_.back().tags_.back().count = 1;
  }
  void loop() {
    first_tag_ = blocks_.back().tags_.size();
    first_value_ = blocks_.back().values_.size();
  }
  void loop_value(std::string_view text, std::size_t line) {
    blocks_.back().values_.push_back(unquoted(text, line));
  }
  void end_loop() {
    auto& block = blocks_.back();
    const std::size_t width = block.tags_.size() - first_tag_;
    const std::size_t count = block.values_.size() - first_value_;
    if (count % width != 0)
      throw ReadError(
          source_, block.tags_[first_tag_].line,
          fmt::format("a loop of {} tags must have a multiple of {} values, got {}. A value is missing, "
                      "or one with blanks lacks its quotes.",
                      width, width, count));
    for (std::size_t i = 0; i < width; ++i) {
      auto& tag = block.tags_[first_tag_ + i];
      tag = {tag.name, tag.line, first_value_ + i, width, count / width};
    }
  }
  std::vector<CifBlock> take() { return std::move(blocks_); }

 private:
  std::string source_;
  std::vector<CifBlock> blocks_;
  std::size_t first_tag_ = 0, first_value_ = 0, frame_tag_ = 0;
};

namespace {

template <typename Input>
std::string_view matched(const Input& in) {
  return {in.begin(), in.size()};
}

template <typename Rule>
struct Build : pegtl::nothing<Rule> {};
template <>
struct Build<grammar::datablockheading> {
  template <typename Input>
  static void apply(const Input&, CifBuilder& out) {
    out.block();
  }
};
template <>
struct Build<grammar::framename> {
  template <typename Input>
  static void apply(const Input&, CifBuilder& out) {
    out.begin_frame();
  }
};
template <>
struct Build<grammar::endframe> {
  template <typename Input>
  static void apply(const Input&, CifBuilder& out) {
    out.end_frame();
  }
};
template <>
struct Build<grammar::item_tag> {
  template <typename Input>
  static void apply(const Input& in, CifBuilder& out) {
    out.tag(matched(in), in.iterator().line);
  }
};
template <>
struct Build<grammar::item_value> {
  template <typename Input>
  static void apply(const Input& in, CifBuilder& out) {
    out.item_value(matched(in), in.iterator().line);
  }
};
template <>
struct Build<grammar::str_loop> {
  template <typename Input>
  static void apply(const Input&, CifBuilder& out) {
    out.loop();
  }
};
template <>
struct Build<grammar::loop_tag> {
  template <typename Input>
  static void apply(const Input& in, CifBuilder& out) {
    out.tag(matched(in), in.iterator().line);
  }
};
template <>
struct Build<grammar::loop_value> {
  template <typename Input>
  static void apply(const Input& in, CifBuilder& out) {
    out.loop_value(matched(in), in.iterator().line);
  }
};
template <>
struct Build<grammar::loop> {
  template <typename Input>
  static void apply(const Input&, CifBuilder& out) {
    out.end_loop();
  }
};

}  // namespace

std::optional<CifColumn> CifBlock::column(std::string_view wanted) const {
  const Tag* found = nullptr;
  for (const Tag& tag : tags_) {
    if (!same_tag(tag.name, wanted)) continue;
    if (found)
      throw ReadError(source_, tag.line,
                      fmt::format("{} must stand once in a data block, got it in line {} too. Remove one.",
                                  tag.name, found->line));
    found = &tag;
  }
  if (!found) return std::nullopt;
  if (found->count == 0)
    throw ReadError(source_, found->line, fmt::format("{} must have a value, got none", found->name));
  return CifColumn{&values_[found->first], found->stride, found->count};
}

std::vector<CifBlock> parse_cif(std::string_view text, const std::string& source) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte-order mark
  CifBuilder builder(source);
  pegtl::memory_input<> in(text.data(), text.size(), "");
  try {
    if (!pegtl::parse<grammar::file, Build, gemmi::cif::Errors>(in, builder))
      throw ReadError(source, 0, "a CIF must hold a data block, and is empty. Fetch the file again.");
  } catch (const pegtl::parse_error& error) {
    throw ReadError(source, static_cast<int>(error.positions().front().line),
                    fmt::format("must be CIF syntax, got: {}", error.message()));
  }
  return builder.take();
}

}  // namespace tessera::crystal
