// SPDX-License-Identifier: Apache-2.0
#include "crystal/prototypes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/text.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

// "1/2-a" with a, b, … the free parameters.
double evaluate(std::string_view coordinate, std::span<const double> parameters) {
  double sum = 0;
  for (std::size_t i = 0; i < coordinate.size();) {
    double sign = 1;
    if (coordinate[i] == '+' || coordinate[i] == '-') sign = coordinate[i++] == '-' ? -1 : 1;
    if (coordinate[i] >= 'a') {
      sum += sign * parameters[static_cast<std::size_t>(coordinate[i++] - 'a')];
      continue;
    }
    const std::size_t end = std::min(coordinate.find_first_of("+-", i), coordinate.size());
    const auto fraction = core::split(coordinate.substr(i, end - i), '/');
    sum += sign * *core::parse_number(fraction[0]) /
           (fraction.size() > 1 ? *core::parse_number(fraction[1]) : 1);
    i = end;
  }
  return sum;
}

std::vector<Vector3> translations(char centering) {
  switch (centering) {
    case 'I': return {{0, 0, 0}, {.5, .5, .5}};
    case 'F': return {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
    case 'C': return {{0, 0, 0}, {.5, .5, 0}};
    case 'R': return {{0, 0, 0}, {2. / 3, 1. / 3, 1. / 3}, {1. / 3, 2. / 3, 2. / 3}};
    default: return {{0, 0, 0}};
  }
}

Matrix3 unit_lattice(CellShape shape, const CellRatios& ratios) {
  const double beta = ratios.beta_degrees * std::numbers::pi / 180;
  Matrix3 lattice = Matrix3::Identity();
  if (shape != CellShape::Cubic) lattice(2, 2) = ratios.c_over_a;
  if (shape == CellShape::Hexagonal) lattice.row(1) << -.5, std::numbers::sqrt3 / 2, 0;
  if (shape == CellShape::Orthorhombic || shape == CellShape::Monoclinic) lattice(1, 1) = ratios.b_over_a;
  if (shape == CellShape::Monoclinic)
    lattice.row(2) = ratios.c_over_a * Vector3(std::cos(beta), 0, std::sin(beta));
  return lattice;
}

std::vector<Prototype> make_prototypes() {
  using enum CellShape;
  return {
      {"fcc", 225, "M", Cubic, {}, {}, 'F', {"0,0,0"}},
      {"bcc", 229, "M", Cubic, {}, {}, 'I', {"0,0,0"}},
      {"sc", 221, "M", Cubic, {}, {}, 'P', {"0,0,0"}},
      {"hcp", 194, "M", Hexagonal, {.c_over_a = 1.62}, {}, 'P', {"1/3,2/3,1/4 2/3,1/3,3/4"}},
      {"diamond", 227, "T", Cubic, {}, {}, 'F', {"0,0,0 1/4,1/4,1/4"}},
      {"indium", 139, "M", Tetragonal, {.c_over_a = 1.52}, {}, 'I', {"0,0,0"}},
      {"whitetin", 141, "M", Tetragonal, {.c_over_a = .546}, {}, 'I', {"0,0,0 0,1/2,1/4"}},
      {"alphauranium", 63, "M", Orthorhombic, {2.057, 1.736}, {.1025}, 'C', {"0,a,1/4 0,-a,3/4"}},

      {"rocksalt", 225, "MX", Cubic, {}, {}, 'F', {"0,0,0", "1/2,1/2,1/2"}},
      {"cscl", 221, "MX", Cubic, {}, {}, 'P', {"0,0,0", "1/2,1/2,1/2"}},
      {"zincblende", 216, "MX", Cubic, {}, {}, 'F', {"0,0,0", "1/4,1/4,1/4"}},
      {"wurtzite",
       186,
       "MX",
       Hexagonal,
       {.c_over_a = 1.633},
       {.375},
       'P',
       {"1/3,2/3,0 2/3,1/3,1/2", "1/3,2/3,a 2/3,1/3,a+1/2"}},
      {"nias",
       194,
       "MX",
       Hexagonal,
       {.c_over_a = 1.39},
       {},
       'P',
       {"0,0,0 0,0,1/2", "1/3,2/3,1/4 2/3,1/3,3/4"}},
      {"wc", 187, "MT", Hexagonal, {.c_over_a = .976}, {}, 'P', {"0,0,0", "1/3,2/3,1/2"}},
      {"cuau", 123, "MM", Tetragonal, {.c_over_a = .93}, {}, 'P', {"0,0,0 1/2,1/2,0", "1/2,0,1/2 0,1/2,1/2"}},
      {"fesi",
       198,
       "MT",
       Cubic,
       {},
       {.137, .842},
       'P',
       {"a,a,a 1/2-a,-a,1/2+a -a,1/2+a,1/2-a 1/2+a,1/2-a,-a",
        "b,b,b 1/2-b,-b,1/2+b -b,1/2+b,1/2-b 1/2+b,1/2-b,-b"}},
      {"crb",
       63,
       "MT",
       Orthorhombic,
       {2.646, .987},
       {.146, .44},
       'C',
       {"0,a,1/4 0,-a,3/4", "0,b,1/4 0,-b,3/4"}},
      {"tenorite",
       15,
       "MX",
       Monoclinic,
       {.731, 1.095, 99.5},
       {.4184},
       'C',
       {"1/4,1/4,0 3/4,1/4,1/2", "0,a,1/4 0,-a,3/4"}},

      {"fluorite", 225, "MX", Cubic, {}, {}, 'F', {"0,0,0", "1/4,1/4,1/4 3/4,3/4,3/4"}},
      {"antifluorite", 225, "MX", Cubic, {}, {}, 'F', {"1/4,1/4,1/4 3/4,3/4,3/4", "0,0,0"}},
      {"cuprite",
       224,
       "MX",
       Cubic,
       {},
       {},
       'P',
       {"1/4,1/4,1/4 3/4,3/4,1/4 3/4,1/4,3/4 1/4,3/4,3/4", "0,0,0 1/2,1/2,1/2"}},
      {"rutile",
       136,
       "MX",
       Tetragonal,
       {.c_over_a = .644},
       {.305},
       'P',
       {"0,0,0 1/2,1/2,1/2", "a,a,0 -a,-a,0 1/2-a,1/2+a,1/2 1/2+a,1/2-a,1/2"}},
      {"anatase",
       141,
       "MX",
       Tetragonal,
       {.c_over_a = 2.51},
       {.208},
       'I',
       {"0,0,0 0,1/2,1/4", "0,0,a 0,0,-a 0,1/2,1/4+a 0,1/2,1/4-a"}},
      {"pyrite",
       205,
       "MX",
       Cubic,
       {},
       {.385},
       'P',
       {"0,0,0 0,1/2,1/2 1/2,0,1/2 1/2,1/2,0",
        "a,a,a 1/2-a,-a,1/2+a -a,1/2+a,1/2-a 1/2+a,1/2-a,-a -a,-a,-a 1/2+a,a,1/2-a a,1/2-a,1/2+a "
        "1/2-a,1/2+a,a"}},
      {"marcasite",
       58,
       "MX",
       Orthorhombic,
       {1.22, .763},
       {.2, .378},
       'P',
       {"0,0,0 1/2,1/2,1/2", "a,b,0 -a,-b,0 1/2-a,1/2+b,1/2 1/2+a,1/2-b,1/2"}},
      {"cdi2", 164, "MX", Hexagonal, {.c_over_a = 1.61}, {.24}, 'P', {"0,0,0", "1/3,2/3,a 2/3,1/3,-a"}},
      {"mos2",
       194,
       "MX",
       Hexagonal,
       {.c_over_a = 3.89},
       {.621},
       'P',
       {"1/3,2/3,1/4 2/3,1/3,3/4", "1/3,2/3,a 2/3,1/3,a+1/2 2/3,1/3,-a 1/3,2/3,1/2-a"}},
      {"alb2", 191, "MT", Hexagonal, {.c_over_a = 1.08}, {}, 'P', {"0,0,0", "1/3,2/3,1/2 2/3,1/3,1/2"}},
      {"mosi2", 139, "MT", Tetragonal, {.c_over_a = 2.45}, {.333}, 'I', {"0,0,0", "0,0,a 0,0,-a"}},
      {"baddeleyite",
       14,
       "MX",
       Monoclinic,
       {1.012, 1.032, 99.2},
       {.2754, .0395, .2083, .07, .3317, .3447, .4496, .7569, .4792},
       'P',
       {"a,b,c -a,b+1/2,1/2-c -a,-b,-c a,1/2-b,c+1/2",
        "d,e,f -d,e+1/2,1/2-f -d,-e,-f d,1/2-e,f+1/2 g,h,i -g,h+1/2,1/2-i -g,-h,-i g,1/2-h,i+1/2"}},

      {"cu3au", 221, "MM", Cubic, {}, {}, 'P', {"0,1/2,1/2 1/2,0,1/2 1/2,1/2,0", "0,0,0"}},
      {"bif3", 225, "MM", Cubic, {}, {}, 'F', {"0,0,0", "1/4,1/4,1/4 3/4,3/4,3/4 1/2,1/2,1/2"}},
      {"cr3si",
       223,
       "MT",
       Cubic,
       {},
       {},
       'P',
       {"1/4,0,1/2 3/4,0,1/2 1/2,1/4,0 1/2,3/4,0 0,1/2,1/4 0,1/2,3/4", "0,0,0 1/2,1/2,1/2"}},
      {"reo3", 221, "MX", Cubic, {}, {}, 'P', {"0,0,0", "1/2,0,0 0,1/2,0 0,0,1/2"}},
      {"corundum",
       167,
       "MX",
       Hexagonal,
       {.c_over_a = 2.73},
       {.352, .306},
       'R',
       {"0,0,a 0,0,1/2-a 0,0,-a 0,0,1/2+a", "b,0,1/4 0,b,1/4 -b,-b,1/4 -b,0,3/4 0,-b,3/4 b,b,3/4"}},

      {"heusler", 225, "MMT", Cubic, {}, {}, 'F', {"1/4,1/4,1/4 3/4,3/4,3/4", "0,0,0", "1/2,1/2,1/2"}},
      {"halfheusler", 216, "MMT", Cubic, {}, {}, 'F', {"1/4,1/4,1/4", "0,0,0", "1/2,1/2,1/2"}},
      {"perovskite",
       221,
       "MMX",
       Cubic,
       {},
       {},
       'P',
       {"0,0,0", "1/2,1/2,1/2", "0,1/2,1/2 1/2,0,1/2 1/2,1/2,0"}},
      {"gdfeo3",
       62,
       "MMX",
       Orthorhombic,
       {1.37, .955},
       {.0626, -.016, .467, .1, .199, .051, .699},
       'P',
       {"a,1/4,b 1/2-a,3/4,1/2+b -a,3/4,-b 1/2+a,1/4,1/2-b", "0,0,1/2 1/2,0,0 0,1/2,1/2 1/2,1/2,0",
        "c,1/4,d 1/2-c,3/4,1/2+d -c,3/4,-d 1/2+c,1/4,1/2-d e,f,g 1/2-e,-f,1/2+g -e,1/2+f,-g "
        "1/2+e,1/2-f,1/2-g "
        "-e,-f,-g 1/2+e,f,1/2-g e,1/2-f,g 1/2-e,1/2+f,1/2+g"}},
      {"delafossite",
       166,
       "MMX",
       Hexagonal,
       {.c_over_a = 5.65},
       {.107},
       'R',
       {"0,0,0", "0,0,1/2", "0,0,a 0,0,-a"}},
      {"matlockite",
       129,
       "MXX",
       Tetragonal,
       {.c_over_a = 1.76},
       {.205, .65},
       'P',
       {"0,1/2,a 1/2,0,-a", "0,0,0 1/2,1/2,0", "0,1/2,b 1/2,0,-b"}},
      {"spinel",
       227,
       "MMX",
       Cubic,
       {},
       {.2625},
       'F',
       {"1/8,1/8,1/8 7/8,3/8,3/8", "1/2,1/2,1/2 1/4,3/4,0 3/4,0,1/4 0,1/4,3/4",
        "a,a,a 3/4-a,1/4-a,1/2+a 1/4-a,1/2+a,3/4-a 1/2+a,3/4-a,1/4-a -a,-a,-a 1/4+a,3/4+a,1/2-a "
        "3/4+a,1/2-a,1/4+a 1/2-a,1/4+a,3/4+a"}},
  };
}

}  // namespace

const std::vector<Prototype>& prototypes() {
  static const std::vector<Prototype> all = make_prototypes();
  return all;
}

Structure decorate(const Prototype& prototype, std::span<const std::uint8_t> elements,
                   const CellRatios& ratios, std::span<const double> parameters) {
  Structure structure;
  structure.lattice = unit_lattice(prototype.shape, ratios);
  for (std::size_t species = 0; species < prototype.positions.size(); ++species)
    for (std::string_view position : core::split(prototype.positions[species], ' ')) {
      const auto xyz = core::split(position, ',');
      const Vector3 place(evaluate(xyz[0], parameters), evaluate(xyz[1], parameters),
                          evaluate(xyz[2], parameters));
      for (const Vector3& translation : translations(prototype.centering)) {
        structure.elements.push_back(elements[species]);
        structure.fractional.push_back(wrapped(place + translation));
      }
    }
  structure.lattice *= std::cbrt(static_cast<double>(structure.num_atoms()) / structure.volume());
  return structure;
}

}  // namespace tessera::crystal
