// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/symmetry_operations.hpp"

#include <fmt/core.h>

#include <Eigen/Geometry>
#include <cctype>
#include <charconv>
#include <cmath>
#include <gemmi/symmetry.hpp>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crystal/readers/read_error.hpp"

namespace tessera::crystal {
namespace {

// One of a triplet's three parts, e.g. "x-y+1/3": what it adds to column `to` of the rotation.
bool parse_part(std::string_view text, int to, SymmetryOperation& operation) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto skip_blanks = [&] {
    while (at < end && std::isspace(static_cast<unsigned char>(*at))) ++at;
  };
  const auto number = [&](double& value) {
    const auto [next, code] = std::from_chars(at, end, value, std::chars_format::fixed);
    if (code != std::errc() || !std::isfinite(value)) return false;
    at = next;
    return true;
  };
  bool any = false;
  for (skip_blanks(); at < end; skip_blanks()) {
    double factor = 1.0;
    if (*at == '+' || *at == '-') {
      factor = *at++ == '-' ? -1.0 : 1.0;
      skip_blanks();
    } else if (any) {
      return false;
    }
    if (at == end) return false;
    bool has_number = false;
    if (std::isdigit(static_cast<unsigned char>(*at)) || *at == '.') {
      double value = 0.0;
      if (!number(value)) return false;
      factor *= value;
      has_number = true;
      if (at < end && *at == '/') {
        ++at;
        if (!number(value) || value == 0.0) return false;
        factor /= value;
      }
      if (at < end && *at == '*') ++at;
    }
    const char letter = at < end ? static_cast<char>(std::tolower(static_cast<unsigned char>(*at))) : '\0';
    if (letter >= 'x' && letter <= 'z') {
      operation.rotation(letter - 'x', to) += factor;
      ++at;
    } else if (has_number) {
      operation.translation(to) += factor;
    } else {
      return false;
    }
    any = true;
  }
  return any;
}

// ICSD marks a setting by a letter behind the symbol: S and Z are origin choices 1 and 2, H and R the axes.
std::string with_colon(std::string name) {
  const std::size_t size = name.size();
  if (size < 3 || name[size - 2] != ' ') return name;
  static constexpr std::string_view kLetters = "SZHR", kExtensions = "12HR";
  const std::size_t which = kLetters.find(name.back());
  if (which == std::string_view::npos) return name;
  return name.substr(0, size - 2) + ":" + kExtensions[which];
}

// In lower case, words apart by one blank. The blanks count: "P 32" and "P 3 2" are two groups.
std::string tidy(std::string_view text) {
  std::string kept;
  for (const char c : core::trim(text)) {
    const bool blank = c == ' ' || c == '_';
    if (!blank || kept.back() != ' ')
      kept += blank ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return kept;
}

std::vector<SymmetryOperation> operations_of(const gemmi::SpaceGroup& group) {
  std::vector<SymmetryOperation> operations;
  for (const gemmi::Op& op : group.operations()) {
    SymmetryOperation operation;
    for (int row = 0; row < 3; ++row) {
      const auto to = static_cast<std::size_t>(row);
      for (int column = 0; column < 3; ++column)
        operation.rotation(column, row) =
            double(op.rot[to][static_cast<std::size_t>(column)]) / gemmi::Op::DEN;
      operation.translation(row) = double(op.tran[to]) / gemmi::Op::DEN;
    }
    operations.push_back(operation);
  }
  return operations;
}

const gemmi::SpaceGroup* find_by_name_or_number(const std::string& name, double alpha, double gamma) {
  const auto number = core::parse_integer(name);
  if (!number) return gemmi::find_spacegroup_by_name(name, alpha, gamma);
  if (*number < 1 || *number > 230) return nullptr;
  return gemmi::find_spacegroup_by_name(gemmi::find_spacegroup_by_number(static_cast<int>(*number))->hm,
                                        alpha, gamma);
}

// The nearest image's distance is wanted only where it is tiny, so rounding each component is exact.
double distance(const Vector3& a, const Vector3& b, const Matrix3& lattice) {
  const Vector3 difference = a - b;
  return ((difference.array() - difference.array().round()).matrix() * lattice).norm();
}

}  // namespace

Vector3 wrap(const Vector3& fractional) {
  Vector3 inside = fractional.array() - fractional.array().floor();
  return (inside.array() < 1.0).select(inside, 0.0);  // -1e-17 would become 1
}

std::optional<SymmetryOperation> parse_operation(std::string_view triplet) {
  const auto parts = core::split(triplet, ',');
  if (parts.size() != 3) return std::nullopt;
  SymmetryOperation operation;
  operation.rotation.setZero();
  for (int i = 0; i < 3; ++i)
    if (!parse_part(parts[static_cast<std::size_t>(i)], i, operation)) return std::nullopt;
  if (!operation.rotation.allFinite() || !operation.translation.allFinite()) return std::nullopt;
  return operation;
}

bool fits_lattice(const SymmetryOperation& operation, const Matrix3& lattice) {
  const Matrix3 metric = lattice * lattice.transpose();
  const Matrix3 image = operation.rotation * metric * operation.rotation.transpose();
  // Compared entry by entry against the lengths of the two edges meeting in it.
  const Eigen::Array3d lengths = metric.diagonal().array().sqrt();
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      if (!(std::abs(image(i, j) - metric(i, j)) <= 0.04 * lengths(i) * lengths(j))) return false;
  return true;
}

std::optional<std::vector<SymmetryOperation>> operations_of_hall_symbol(const std::string& symbol) {
  const std::string wanted = tidy(symbol);
  for (const gemmi::SpaceGroup& group : gemmi::spacegroup_tables::main)
    if (wanted == tidy(group.hall)) return operations_of(group);
  return std::nullopt;
}

std::optional<std::vector<SymmetryOperation>> operations_of_space_group(const std::string& name, double alpha,
                                                                        double gamma) {
  const std::string asked = with_colon(name);
  const gemmi::SpaceGroup* group = find_by_name_or_number(asked, alpha, gamma);
  if (!group) return std::nullopt;
  if ((group->ext == '1' || group->ext == '2') && asked.find(':') == std::string::npos)
    throw core::DataError(fmt::format(
        "space group {} has two origin choices, and '{}' does not say which one the coordinates are "
        "given in. List the operations (_space_group_symop_operation_xyz) or write '{}:1' or '{}:2'.",
        group->hm, name, group->hm, group->hm));
  return operations_of(*group);
}

std::vector<ExpandedSite> expand_sites(std::span<const Vector3> sites, std::span<const std::uint8_t> kinds,
                                       std::span<const SymmetryOperation> operations, const Matrix3& lattice,
                                       double tolerance_angstrom) {
  std::vector<ExpandedSite> expanded;
  std::vector<int> merged;  // images behind each site of the orbit
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const Vector3 listed = wrap(sites[i]);
    bool known = false;
    for (const ExpandedSite& site : expanded)
      known = known || (kinds[site.listed] == kinds[i] &&
                        distance(site.fractional, listed, lattice) < tolerance_angstrom);
    if (known) continue;

    const std::size_t orbit = expanded.size();
    merged.clear();
    for (const SymmetryOperation& operation : operations) {
      const Vector3 image = wrap(listed * operation.rotation + operation.translation);
      std::size_t at = orbit;
      while (at < expanded.size() && distance(expanded[at].fractional, image, lattice) >= tolerance_angstrom)
        ++at;
      if (at == expanded.size()) {
        expanded.push_back({image, i});
        merged.push_back(1);
        continue;
      }
      // A running mean over the images nearest to each other: a coordinate cut to few digits comes to lie on
      // the special position it stands for.
      Vector3& mean = expanded[at].fractional;
      const Vector3 step = image - mean;
      const int count = ++merged[at - orbit];
      mean += (step.array() - step.array().round()).matrix() / count;
    }
    if (expanded.size() > kMaxAtoms)
      throw core::DataError(
          fmt::format("a cell must have at most {} atoms, and the symmetry makes more", kMaxAtoms));
    for (std::size_t at = orbit; at < expanded.size(); ++at)
      expanded[at].fractional = wrap(expanded[at].fractional);
  }
  return expanded;
}

}  // namespace tessera::crystal
