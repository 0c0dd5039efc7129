// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/json_reader.hpp"

#include <fmt/core.h>

#include <Eigen/LU>
#include <cmath>
#include <nlohmann/json.hpp>

#include "crystal/readers/lattice_parameters.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/species.hpp"

namespace tessera::crystal {
namespace {

using Json = nlohmann::json;

constexpr double kFullOccupancy = 0.001;
// A Structure dict is nested six deep. Printing and destroying a value recurse: far deeper ones would end on
// the stack.
constexpr int kMaxDepth = 64;

// A document and the name it goes by in messages.
class Reader {
 public:
  explicit Reader(const std::string& source) : source_(source) {}

  [[noreturn]] void fail(const std::string& reason) const { throw ReadError(source_, 0, reason); }

  Json parse(std::string_view text) const {
    const auto shallow = [this](int depth, Json::parse_event_t, const Json&) {
      if (depth > kMaxDepth)
        fail(fmt::format("JSON must be nested at most {} deep, and is deeper", kMaxDepth));
      return true;
    };
    try {
      return Json::parse(text, shallow);
    } catch (const Json::exception& error) {
      fail(fmt::format("must be JSON: {}", error.what()));
    }
  }

  // The member of an object, or null.
  static const Json& member(const Json& object, const char* key) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(key);
    return found == object.end() ? kNull : *found;
  }

  double number(const Json& value, const std::string& name) const {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      fail(fmt::format("{} must be a number, got {}", name, shown(value)));
    return value.get<double>();
  }

  Vector3 vector(const Json& value, const std::string& name) const {
    if (!value.is_array() || value.size() != 3)
      fail(fmt::format("{} must be three numbers, got {}", name, shown(value)));
    return {number(value[0], name), number(value[1], name), number(value[2], name)};
  }

  Matrix3 lattice(const Json& value) const {
    Matrix3 lattice;
    if (const Json& matrix = member(value, "matrix"); matrix.is_array() && matrix.size() == 3) {
      for (int i = 0; i < 3; ++i)
        lattice.row(i) = vector(matrix[static_cast<std::size_t>(i)], fmt::format("lattice.matrix[{}]", i));
      if (!(std::abs(lattice.determinant()) > 0.0) || !std::isfinite(lattice.determinant()))
        fail("lattice.matrix must enclose a volume, and does not");
      return lattice;
    }
    const auto parameter = [&](const char* key) {
      return number(member(value, key), fmt::format("lattice.matrix or lattice.{}", key));
    };
    const auto from_parameters = lattice_of({parameter("a"), parameter("b"), parameter("c"),
                                             parameter("alpha"), parameter("beta"), parameter("gamma")});
    if (!from_parameters) fail("the lattice's lengths and angles must enclose a volume, and do not");
    return *from_parameters;
  }

  std::uint8_t element(const Json& site, std::size_t index) const {
    const Json& species = member(site, "species");
    if (!species.is_array() || species.empty())
      fail(fmt::format("sites[{}].species must be a list of elements, got {}", index, shown(species)));
    if (species.size() > 1)
      fail(fmt::format(
          "disorder beyond the policy: site {} has {} species, and every site must have one. Order the "
          "structure first (pymatgen: OrderDisorderedStructureTransformation).",
          index, species.size()));
    const Json& occupancy = member(species[0], "occu");
    const double occupied =
        occupancy.is_null() ? 1.0 : number(occupancy, fmt::format("sites[{}] occu", index));
    if (std::abs(occupied - 1.0) > kFullOccupancy)
      fail(fmt::format(
          "disorder beyond the policy: site {} has occupancy {}, and every site must have 1. Order the "
          "structure first (pymatgen: OrderDisorderedStructureTransformation).",
          index, occupied));
    const Json& symbol = member(species[0], "element");
    const auto element =
        symbol.is_string() ? element_of_species(symbol.get_ref<const std::string&>()) : std::nullopt;
    if (!element) fail(fmt::format("sites[{}] must name an element, got {}", index, shown(symbol)));
    return *element;
  }

  static std::string shown(const Json& value) {
    std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > 60) text.replace(60, text.npos, " …");
    return text;
  }

 private:
  const std::string& source_;
};

}  // namespace

Structure read_structure_json(std::string_view json, const std::string& source) {
  const Reader reader(source);
  const Json document = reader.parse(json);
  const Json& sites = Reader::member(document, "sites");
  if (!sites.is_array() || !document.contains("lattice"))
    reader.fail(
        "a structure must be a JSON object with lattice and sites, as pymatgen's Structure.as_dict() gives");
  if (sites.empty()) reader.fail("a crystal must have an atom, got an empty list of sites");
  if (sites.size() > kMaxAtoms)
    reader.fail(fmt::format("a cell must have at most {} atoms, got {}", kMaxAtoms, sites.size()));

  Structure structure;
  structure.lattice = reader.lattice(document["lattice"]);
  const Matrix3 inverse = structure.lattice.inverse();
  for (std::size_t i = 0; i < sites.size(); ++i) {
    structure.elements.push_back(reader.element(sites[i], i));
    if (const Json& fractional = Reader::member(sites[i], "abc"); !fractional.is_null())
      structure.fractional.push_back(reader.vector(fractional, fmt::format("sites[{}].abc", i)));
    else
      structure.fractional.push_back(
          reader.vector(Reader::member(sites[i], "xyz"), fmt::format("sites[{}].abc or .xyz", i)) * inverse);
    if (!structure.fractional.back().allFinite())
      reader.fail(fmt::format("sites[{}] must be finite in the cell", i));
  }
  return structure;
}

std::string read_json_string(std::string_view json, const std::string& source) {
  const Reader reader(source);
  const Json value = reader.parse(json);
  if (!value.is_string()) reader.fail(fmt::format("must be a JSON string, got {}", Reader::shown(value)));
  return value.get<std::string>();
}

}  // namespace tessera::crystal
