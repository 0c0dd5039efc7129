// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/poscar_reader.hpp"

#include <fmt/core.h>

#include <Eigen/LU>
#include <cmath>
#include <optional>
#include <vector>

#include "core/text.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/species.hpp"

namespace tessera::crystal {
namespace {

using Words = std::vector<std::string_view>;

Words split_words(std::string_view line) {
  Words words;
  for (;;) {
    const std::size_t begin = line.find_first_not_of(" \t\r\f\v");
    if (begin == line.npos) return words;
    line.remove_prefix(begin);
    const std::size_t length = std::min(line.find_first_of(" \t\r\f\v"), line.size());
    words.push_back(line.substr(0, length));
    line.remove_prefix(length);
  }
}

// The file's lines one after the other, as words.
class Lines {
 public:
  Lines(std::string_view text, const std::string& source) : rest_(text), source_(source) {}

  Words next(const char* wanted) {
    ++line_;
    if (rest_.empty())
      fail(fmt::format("the file must go on with {}, and ends here. It was cut off; copy it again", wanted));
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    whole_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return split_words(whole_);
  }
  [[noreturn]] void fail(const std::string& reason) const { throw ReadError(source_, line_, reason); }
  std::string_view whole() const { return whole_; }

  Vector3 vector(const Words& words, const char* what) const {
    Vector3 vector;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto value = i < words.size() ? core::parse_number(words[i]) : std::nullopt;
      if (!value || !std::isfinite(*value))
        fail(fmt::format("{} must be three numbers, got '{}'", what, core::trim(whole_)));
      vector(static_cast<Eigen::Index>(i)) = *value;
    }
    return vector;
  }

 private:
  std::string_view rest_, whole_;
  const std::string& source_;
  int line_ = 0;
};

std::optional<std::vector<std::uint8_t>> elements_of(const Words& words) {
  std::vector<std::uint8_t> elements;
  for (const auto word : words) {
    const auto element = element_of_species(word);
    if (!element) return std::nullopt;
    elements.push_back(*element);
  }
  return elements;
}

std::vector<std::size_t> read_counts(const Lines& lines, const Words& words) {
  std::vector<std::size_t> counts;
  std::size_t sum = 0;
  for (const auto word : words) {
    const auto count = core::parse_integer(word);
    if (!count && !counts.empty()) break;  // a comment behind the counts
    if (!count || *count < 0)
      lines.fail(fmt::format("atom counts must be whole numbers, got '{}'", core::trim(lines.whole())));
    if (*count > static_cast<std::int64_t>(kMaxAtoms) ||
        (sum += static_cast<std::size_t>(*count)) > kMaxAtoms)
      lines.fail(
          fmt::format("a cell must have at most {} atoms, got '{}'", kMaxAtoms, core::trim(lines.whole())));
    counts.push_back(static_cast<std::size_t>(*count));
  }
  if (sum == 0) lines.fail("atom counts must name at least one atom, got none");
  return counts;
}

// Per component: one factor for all, one for each, or the factor that gives the volume asked for.
Vector3 read_scale(const Lines& lines, const Words& words, const Matrix3& lattice) {
  if (words.size() >= 3 && core::parse_number(words[1]) && core::parse_number(words[2])) {
    const Vector3 scale = lines.vector(words, "the scale");
    if (!(scale.minCoeff() > 0.0)) lines.fail("three scale factors must be above 0");
    return scale;
  }
  const auto value = words.empty() ? std::nullopt : core::parse_number(words[0]);
  if (!value || !std::isfinite(*value) || *value == 0.0)
    lines.fail("the scale in line 2 must be a number other than 0 (negative: the volume)");
  if (*value > 0.0) return Vector3::Constant(*value);
  return Vector3::Constant(std::cbrt(-*value / std::abs(lattice.determinant())));
}

}  // namespace

Structure read_poscar(std::string_view text, const std::string& source) {
  Lines lines(text, source);
  const Words comment = lines.next("a comment line");
  const Words scale_words = lines.next("the scale");
  Structure structure;
  for (int i = 0; i < 3; ++i)
    structure.lattice.row(i) = lines.vector(lines.next("the lattice"), "a lattice vector");
  const Vector3 scale = read_scale(lines, scale_words, structure.lattice);
  structure.lattice = (structure.lattice * scale.asDiagonal()).eval();
  if (!structure.lattice.allFinite() || !(std::abs(structure.lattice.determinant()) > 0.0))
    lines.fail("the three lattice vectors must enclose a volume, and do not");

  Words words = lines.next("elements or atom counts");
  std::optional<std::vector<std::uint8_t>> elements;
  if (!words.empty() && !core::parse_integer(words[0])) {
    elements = elements_of(words);
    if (!elements) lines.fail(fmt::format("elements must be symbols, got '{}'", core::trim(lines.whole())));
    words = lines.next("atom counts");
  }
  const std::vector<std::size_t> counts = read_counts(lines, words);
  if (elements && elements->size() != counts.size())
    lines.fail(fmt::format("there must be one count for each of {} elements, got {}", elements->size(),
                           counts.size()));
  if (!elements && comment.size() == counts.size()) elements = elements_of(comment);

  words = lines.next("Direct or Cartesian");
  const auto first_letter = [&] { return words.empty() ? '\0' : static_cast<char>(words[0][0] | 0x20); };
  const bool selective = first_letter() == 's';
  if (selective) words = lines.next("Direct or Cartesian");
  const bool cartesian = first_letter() == 'c' || first_letter() == 'k';
  if (!cartesian && first_letter() != 'd')
    lines.fail(fmt::format("the coordinates must be announced by Direct or Cartesian, got '{}'",
                           core::trim(lines.whole())));

  const Matrix3 inverse = structure.lattice.inverse();
  for (std::size_t kind = 0; kind < counts.size(); ++kind)
    for (std::size_t i = 0; i < counts[kind]; ++i) {
      words = lines.next("one position for each atom counted");
      Vector3 position = lines.vector(words, "a position");
      if (cartesian) position = (position.cwiseProduct(scale) * inverse).eval();
      if (!position.allFinite()) lines.fail("a position must be finite in the cell, and is not");
      const std::size_t behind = selective ? 6 : 3;
      const auto element = elements                ? (*elements)[kind]
                           : words.size() > behind ? element_of_species(words[behind])
                                                   : std::nullopt;
      if (!element)
        lines.fail("the elements must be named, and are not. Write their symbols in a line above the counts");
      structure.elements.push_back(*element);
      structure.fractional.push_back(position);
    }
  return structure;
}

bool looks_like_poscar(std::string_view text) {
  const std::string nowhere;
  try {
    Lines lines(text, nowhere);
    lines.next("a comment line");
    const Words scale = lines.next("the scale");
    if (scale.empty() || !core::parse_number(scale[0])) return false;
    for (int i = 0; i < 3; ++i) lines.vector(lines.next("the lattice"), "a lattice vector");
    return true;
  } catch (const ReadError&) {
    return false;
  }
}

}  // namespace tessera::crystal
