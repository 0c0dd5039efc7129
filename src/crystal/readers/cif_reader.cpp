// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/cif_reader.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.hpp"
#include "crystal/readers/cif_syntax.hpp"
#include "crystal/readers/lattice_parameters.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/species.hpp"
#include "crystal/readers/symmetry_operations.hpp"

namespace tessera::crystal {
namespace {

constexpr double kMergeAngstrom = 0.05;
constexpr double kFullOccupancy = 0.001;

struct ListedSites {
  std::vector<Vector3> fractional;
  std::vector<std::uint8_t> elements;
  std::vector<std::string_view> names;  // label, or the species where there is none
  std::vector<int> lines;
};

// A number with or without standard uncertainty: "5.43(2)".
double number(const CifValue& value, std::string_view tag, const std::string& source) {
  std::string_view text = value.text;
  if (const std::size_t bracket = text.find('('); bracket != text.npos && text.ends_with(')')) {
    const std::string_view uncertainty = text.substr(bracket + 1, text.size() - bracket - 2);
    if (uncertainty.find_first_not_of("0123456789.") == uncertainty.npos) text = text.substr(0, bracket);
  }
  const auto parsed = value.given() ? core::parse_number(text) : std::nullopt;
  if (!parsed || !std::isfinite(*parsed))
    throw ReadError(
        source, value.line,
        fmt::format("{} must be a number, got '{}'. Mend it or leave the file out.", tag, value.text));
  return *parsed;
}

LatticeParameters read_cell(const CifBlock& block, const std::string& source) {
  static constexpr std::array<std::string_view, 6> kTags = {"_cell_length_a",   "_cell_length_b",
                                                            "_cell_length_c",   "_cell_angle_alpha",
                                                            "_cell_angle_beta", "_cell_angle_gamma"};
  std::array<double, 6> values{};
  int line = 0;
  for (std::size_t i = 0; i < kTags.size(); ++i) {
    const auto column = block.column(kTags[i]);
    if (!column)
      throw ReadError(source, 0,
                      fmt::format("{} must be given for the cell, and is not there. Add it.", kTags[i]));
    line = (*column)[0].line;
    values[i] = number((*column)[0], kTags[i], source);
    if (!(values[i] > 0.0) || (i >= 3 && !(values[i] < 180.0)))
      throw ReadError(source, line,
                      fmt::format("{} must be {}, got {}", kTags[i],
                                  i < 3 ? "above 0 Å" : "between 0 and 180 degrees", values[i]));
  }
  return {values[0], values[1], values[2], values[3], values[4], values[5]};
}

std::optional<CifColumn> same_length(const CifBlock& block, std::string_view tag, std::size_t count) {
  const auto column = block.column(tag);
  return column && column->count == count ? column : std::nullopt;
}

ListedSites read_sites(const CifBlock& block, const CifColumn& x, const std::string& source) {
  const std::size_t count = x.count;
  const auto y = same_length(block, "_atom_site_fract_y", count);
  const auto z = same_length(block, "_atom_site_fract_z", count);
  const auto species = same_length(block, "_atom_site_type_symbol", count);
  const auto label = same_length(block, "_atom_site_label", count);
  const auto occupancy = same_length(block, "_atom_site_occupancy", count);
  const auto kind = same_length(block, "_atom_site_calc_flag", count);
  if (!y || !z)
    throw ReadError(
        source, x[0].line,
        "atoms must have _atom_site_fract_x, _y and _z in one loop, and one of them is missing. Add it.");
  if (!species && !label)
    throw ReadError(
        source, x[0].line,
        "atoms must have _atom_site_type_symbol or _atom_site_label, got neither. Add the first.");
  if (count > kMaxAtoms)
    throw ReadError(source, x[0].line,
                    fmt::format("a cell must have at most {} atoms, got {}", kMaxAtoms, count));

  ListedSites sites;
  for (std::size_t row = 0; row < count; ++row) {
    const int line = x[row].line;
    if (kind && (*kind)[row].text == "dum") continue;  // a marker of the refinement, no atom
    const bool by_species = species && (*species)[row].given();
    const std::string_view word = by_species ? (*species)[row].text : label ? (*label)[row].text : "?";
    const auto element = by_species ? element_of_species(word) : element_of_label(word);
    if (!element)
      throw ReadError(source, line,
                      fmt::format("the site's element must be known, got {} '{}'. Write its symbol under "
                                  "_atom_site_type_symbol.",
                                  by_species ? "type symbol" : "label", word));
    const std::string_view name = label && (*label)[row].given() ? (*label)[row].text : word;
    if (occupancy && (*occupancy)[row].given()) {
      const double occupied = number((*occupancy)[row], "_atom_site_occupancy", source);
      if (std::abs(occupied - 1.0) > kFullOccupancy)
        throw ReadError(
            source, line,
            fmt::format("disorder beyond the policy: site {} has occupancy {}, and every site must have 1. "
                        "Order the structure first (pymatgen: OrderDisorderedStructureTransformation).",
                        name, occupied));
    }
    sites.fractional.emplace_back(number(x[row], "_atom_site_fract_x", source),
                                  number((*y)[row], "_atom_site_fract_y", source),
                                  number((*z)[row], "_atom_site_fract_z", source));
    sites.elements.push_back(*element);
    sites.names.push_back(name);
    sites.lines.push_back(line);
  }
  if (sites.elements.empty())
    throw ReadError(source, x[0].line, "a crystal must have an atom, got only dummy sites");
  return sites;
}

bool is_identity(std::string_view triplet) {
  static constexpr std::string_view kIdentity = "x,y,z";
  std::size_t matched = 0;
  for (char c : triplet) {
    if (c == ' ' || c == '+') continue;
    if (matched == kIdentity.size() || (c | 0x20) != (kIdentity[matched] | 0x20)) return false;
    ++matched;
  }
  return matched == kIdentity.size();
}

std::optional<std::vector<SymmetryOperation>> listed_operations(const CifBlock& block,
                                                                const std::string& source) {
  for (const auto tag : {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"}) {
    const auto column = block.column(tag);
    if (!column || !(*column)[0].given()) continue;
    std::vector<SymmetryOperation> operations;
    constexpr std::size_t kMost = 192;  // F-centred cubic, the largest there is
    if (column->count > kMost)
      throw ReadError(source, (*column)[0].line,
                      fmt::format("{} must list at most {} operations, got {}", tag, kMost, column->count));
    for (std::size_t row = 0; row < column->count; ++row) {
      const CifValue& value = (*column)[row];
      if (column->count == 1 && is_identity(value.text)) return std::vector{SymmetryOperation{}};
      const auto operation = parse_operation(value.text);
      if (!operation)
        throw ReadError(
            source, value.line,
            fmt::format("{} must be a triplet such as '-x, y+1/2, z', got '{}'", tag, value.text));
      operations.push_back(*operation);
    }
    return operations;
  }
  return std::nullopt;
}

std::vector<SymmetryOperation> named_operations(const CifBlock& block, const LatticeParameters& cell,
                                                const std::string& source) {
  const CifValue* unknown = nullptr;
  for (const std::string_view tag :
       {"_space_group_name_hall", "_symmetry_space_group_name_hall", "_space_group_name_h-m_alt",
        "_symmetry_space_group_name_h-m", "_space_group_name_h-m_ref", "_space_group_it_number",
        "_symmetry_int_tables_number"}) {
    const auto column = block.column(tag);
    if (!column || !(*column)[0].given()) continue;
    const CifValue& value = (*column)[0];
    const std::string name(core::trim(value.text));
    try {
      const auto operations = tag.ends_with("hall") ? operations_of_hall_symbol(name)
                                                    : operations_of_space_group(name, cell.alpha, cell.gamma);
      if (operations) return *operations;
    } catch (const core::DataError& error) {
      throw ReadError(source, value.line, error.what());
    }
    unknown = &value;
  }
  if (unknown)
    throw ReadError(
        source, unknown->line,
        fmt::format("the space group must be one of the 230 in a known setting, got '{}'. List its "
                    "operations under _space_group_symop_operation_xyz.",
                    unknown->text));
  return {SymmetryOperation{}};  // nothing said: every site is listed, as in P 1
}

Structure expanded(const ListedSites& sites, std::span<const SymmetryOperation> operations,
                   const Matrix3& lattice, const std::string& source) {
  for (const SymmetryOperation& operation : operations)
    if (!fits_lattice(operation, lattice))
      throw ReadError(
          source, 0,
          "the symmetry operations must keep the cell's shape, and one does not. The space group's setting "
          "and the cell's lengths and angles do not go together; mend either.");
  std::vector<ExpandedSite> images;
  try {
    images = expand_sites(sites.fractional, sites.elements, operations, lattice, kMergeAngstrom);
  } catch (const core::DataError& error) {
    throw ReadError(source, 0, error.what());
  }
  Structure structure;
  structure.lattice = lattice;
  for (const ExpandedSite& image : images) {
    structure.elements.push_back(sites.elements[image.listed]);
    structure.fractional.push_back(image.fractional);
  }
  return structure;
}

}  // namespace

Structure read_cif(std::string_view text, const std::string& source) {
  const auto blocks = parse_cif(text, source);
  const CifBlock* block = nullptr;
  std::optional<CifColumn> x;
  for (const CifBlock& candidate : blocks) {
    const auto found = candidate.column("_atom_site_fract_x");
    if (found && x)
      throw ReadError(source, (*found)[0].line,
                      fmt::format("a file must hold one crystal, and here begin the atoms of another after "
                                  "those of line {}. Give each data block a file of its own.",
                                  (*x)[0].line));
    if (!found) continue;
    block = &candidate;
    x = found;
  }
  if (!x)
    throw ReadError(
        source, 0,
        fmt::format("a crystal must list its atoms (_atom_site_fract_x, _y, _z), got none in {} data "
                    "block(s). Export the file with its atoms.",
                    blocks.size()));

  const LatticeParameters cell = read_cell(*block, source);
  const auto lattice = lattice_of(cell);
  if (!lattice)
    throw ReadError(source, 0,
                    fmt::format("the cell's angles must close to a volume, got {} {} {} degrees", cell.alpha,
                                cell.beta, cell.gamma));
  const ListedSites sites = read_sites(*block, *x, source);
  auto operations = listed_operations(*block, source);
  if (!operations) operations = named_operations(*block, cell, source);
  if (operations->size() > 1) return expanded(sites, *operations, *lattice, source);

  Structure structure{*lattice, sites.elements, sites.fractional};
  for (Vector3& position : structure.fractional) position = wrap(position);
  return structure;
}

}  // namespace tessera::crystal
