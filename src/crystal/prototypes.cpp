// SPDX-License-Identifier: Apache-2.0
#include "crystal/prototypes.hpp"

#include <cmath>
#include <numbers>

#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

using Sites = std::vector<PrototypeSite>;
using Free = std::span<const double>;

Sites repeated_at(const Sites& sites, const std::vector<Vector3>& translations) {
  Sites all;
  for (const Vector3& translation : translations)
    for (const auto& [species, position] : sites) all.push_back({species, position + translation});
  return all;
}

Sites face_centered(const Sites& sites) {
  return repeated_at(sites, {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}});
}
Sites body_centered(const Sites& sites) {
  return repeated_at(sites, {{0, 0, 0}, {.5, .5, .5}});
}
Sites c_centered(const Sites& sites) {
  return repeated_at(sites, {{0, 0, 0}, {.5, .5, 0}});
}
Sites rhombohedral(const Sites& sites) {
  return repeated_at(sites, {{0, 0, 0}, {2. / 3, 1. / 3, 1. / 3}, {1. / 3, 2. / 3, 2. / 3}});
}

// Hexagonal cells: above the middles of the two triangles.
Vector3 left(double z) {
  return {1. / 3, 2. / 3, z};
}
Vector3 right(double z) {
  return {2. / 3, 1. / 3, z};
}

// P2₁3 4a and, with their inverses, Pa-3 8c.
Sites screw_diagonals(int species, double x) {
  return {{species, {x, x, x}},
          {species, {.5 - x, -x, .5 + x}},
          {species, {-x, .5 + x, .5 - x}},
          {species, {.5 + x, .5 - x, -x}}};
}

Sites joined(Sites first, const Sites& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Sites inverted(Sites sites) {
  for (PrototypeSite& site : sites) site.fractional *= -1;
  return sites;
}

Sites fluorite(int cube, int tetrahedra) {
  return face_centered({{cube, {0, 0, 0}}, {tetrahedra, {.25, .25, .25}}, {tetrahedra, {.75, .75, .75}}});
}

// P2₁/c 4e
Sites baddeleyite_orbit(int species, double x, double y, double z) {
  return {{species, {x, y, z}},
          {species, {-x, y + .5, .5 - z}},
          {species, {-x, -y, -z}},
          {species, {x, .5 - y, z + .5}}};
}

// Pnma 4c
Sites pnma_mirror_orbit(int species, double x, double z) {
  return {{species, {x, .25, z}},
          {species, {.5 - x, .75, .5 + z}},
          {species, {-x, .75, -z}},
          {species, {.5 + x, .25, .5 - z}}};
}

// Pnma 8d, half of it; the other half are the inverses
Sites pnma_general_half(int species, double x, double y, double z) {
  return {{species, {x, y, z}},
          {species, {.5 - x, -y, .5 + z}},
          {species, {-x, .5 + y, -z}},
          {species, {.5 + x, .5 - y, .5 - z}}};
}

// Fd-3m (origin at the centre of inversion) 32e within one primitive cell, half of it
Sites spinel_anions_half(double x) {
  return {{2, {x, x, x}},
          {2, {.75 - x, .25 - x, .5 + x}},
          {2, {.25 - x, .5 + x, .75 - x}},
          {2, {.5 + x, .75 - x, .25 - x}}};
}

std::vector<Prototype> elemental() {
  using enum CellShape;
  return {
      {"fcc",
       225,
       "M",
       Cubic,
       {},
       {},
       [](Free) {
         return face_centered({{0, {0, 0, 0}}});
       }},
      {"bcc",
       229,
       "M",
       Cubic,
       {},
       {},
       [](Free) {
         return body_centered({{0, {0, 0, 0}}});
       }},
      {"sc",
       221,
       "M",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}};
       }},
      {"hcp",
       194,
       "M",
       Hexagonal,
       {.c_over_a = 1.62},
       {},
       [](Free) {
         return Sites{{0, left(.25)}, {0, right(.75)}};
       }},
      {"diamond",
       227,
       "T",
       Cubic,
       {},
       {},
       [](Free) {
         return face_centered({{0, {0, 0, 0}}, {0, {.25, .25, .25}}});
       }},
      {"indium",
       139,
       "M",
       Tetragonal,
       {.c_over_a = 1.52},
       {},
       [](Free) {
         return body_centered({{0, {0, 0, 0}}});
       }},
      {"whitetin",
       141,
       "M",
       Tetragonal,
       {.c_over_a = .546},
       {},
       [](Free) {
         return body_centered({{0, {0, 0, 0}}, {0, {0, .5, .25}}});
       }},
      {"alphauranium",
       63,
       "M",
       Orthorhombic,
       {2.057, 1.736},
       {.1025},
       [](Free y) {
         return c_centered({{0, {0, y[0], .25}}, {0, {0, -y[0], .75}}});
       }},
  };
}

std::vector<Prototype> equal_pairs() {
  using enum CellShape;
  return {
      {"rocksalt",
       225,
       "MX",
       Cubic,
       {},
       {},
       [](Free) {
         return face_centered({{0, {0, 0, 0}}, {1, {.5, .5, .5}}});
       }},
      {"cscl",
       221,
       "MX",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}, {1, {.5, .5, .5}}};
       }},
      {"zincblende",
       216,
       "MX",
       Cubic,
       {},
       {},
       [](Free) {
         return face_centered({{0, {0, 0, 0}}, {1, {.25, .25, .25}}});
       }},
      {"wurtzite",
       186,
       "MX",
       Hexagonal,
       {.c_over_a = 1.633},
       {.375},
       [](Free u) {
         return Sites{{0, left(0)}, {0, right(.5)}, {1, left(u[0])}, {1, right(.5 + u[0])}};
       }},
      {"nias",
       194,
       "MX",
       Hexagonal,
       {.c_over_a = 1.39},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}, {0, {0, 0, .5}}, {1, left(.25)}, {1, right(.75)}};
       }},
      {"wc",
       187,
       "MT",
       Hexagonal,
       {.c_over_a = .976},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}, {1, left(.5)}};
       }},
      {"cuau",
       123,
       "MM",
       Tetragonal,
       {.c_over_a = .93},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}, {0, {.5, .5, 0}}, {1, {.5, 0, .5}}, {1, {0, .5, .5}}};
       }},
      {"fesi",
       198,
       "MT",
       Cubic,
       {},
       {.137, .842},
       [](Free x) { return joined(screw_diagonals(0, x[0]), screw_diagonals(1, x[1])); }},
      {"crb",
       63,
       "MT",
       Orthorhombic,
       {2.646, .987},
       {.146, .44},
       [](Free y) {
         return c_centered(
             {{0, {0, y[0], .25}}, {0, {0, -y[0], .75}}, {1, {0, y[1], .25}}, {1, {0, -y[1], .75}}});
       }},
      {"tenorite",
       15,
       "MX",
       Monoclinic,
       {.731, 1.095, 99.5},
       {.4184},
       [](Free y) {
         return c_centered(
             {{0, {.25, .25, 0}}, {0, {.75, .25, .5}}, {1, {0, y[0], .25}}, {1, {0, -y[0], .75}}});
       }},
  };
}

std::vector<Prototype> one_to_two() {
  using enum CellShape;
  return {
      {"fluorite", 225, "MX", Cubic, {}, {}, [](Free) { return fluorite(0, 1); }},
      {"antifluorite", 225, "MX", Cubic, {}, {}, [](Free) { return fluorite(1, 0); }},
      {"cuprite",
       224,
       "MX",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{{1, {0, 0, 0}},       {1, {.5, .5, .5}},    {0, {.25, .25, .25}},
                      {0, {.75, .75, .25}}, {0, {.75, .25, .75}}, {0, {.25, .75, .75}}};
       }},
      {"rutile",
       136,
       "MX",
       Tetragonal,
       {.c_over_a = .644},
       {.305},
       [](Free free) {
         const double u = free[0];
         return Sites{{0, {0, 0, 0}},   {0, {.5, .5, .5}},         {1, {u, u, 0}},
                      {1, {-u, -u, 0}}, {1, {.5 - u, .5 + u, .5}}, {1, {.5 + u, .5 - u, .5}}};
       }},
      {"anatase",
       141,
       "MX",
       Tetragonal,
       {.c_over_a = 2.51},
       {.208},
       [](Free free) {
         const double u = free[0];
         return body_centered({{0, {0, 0, 0}},
                               {0, {0, .5, .25}},
                               {1, {0, 0, u}},
                               {1, {0, 0, -u}},
                               {1, {0, .5, .25 + u}},
                               {1, {0, .5, .25 - u}}});
       }},
      {"pyrite",
       205,
       "MX",
       Cubic,
       {},
       {.385},
       [](Free x) {
         return joined(face_centered({{0, {0, 0, 0}}}),
                       joined(screw_diagonals(1, x[0]), inverted(screw_diagonals(1, x[0]))));
       }},
      {"marcasite",
       58,
       "MX",
       Orthorhombic,
       {1.22, .763},
       {.2, .378},
       [](Free free) {
         const double x = free[0], y = free[1];
         return Sites{{0, {0, 0, 0}},   {0, {.5, .5, .5}},         {1, {x, y, 0}},
                      {1, {-x, -y, 0}}, {1, {.5 - x, .5 + y, .5}}, {1, {.5 + x, .5 - y, .5}}};
       }},
      {"cdi2",
       164,
       "MX",
       Hexagonal,
       {.c_over_a = 1.61},
       {.24},
       [](Free z) {
         return Sites{{0, {0, 0, 0}}, {1, left(z[0])}, {1, right(-z[0])}};
       }},
      {"mos2",
       194,
       "MX",
       Hexagonal,
       {.c_over_a = 3.89},
       {.621},
       [](Free free) {
         const double z = free[0];
         return Sites{{0, left(.25)},     {0, right(.75)}, {1, left(z)},
                      {1, right(.5 + z)}, {1, right(-z)},  {1, left(.5 - z)}};
       }},
      {"alb2",
       191,
       "MT",
       Hexagonal,
       {.c_over_a = 1.08},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}, {1, left(.5)}, {1, right(.5)}};
       }},
      {"mosi2",
       139,
       "MT",
       Tetragonal,
       {.c_over_a = 2.45},
       {.333},
       [](Free z) {
         return body_centered({{0, {0, 0, 0}}, {1, {0, 0, z[0]}}, {1, {0, 0, -z[0]}}});
       }},
      {"baddeleyite",
       14,
       "MX",
       Monoclinic,
       {1.012, 1.032, 99.2},
       {.2754, .0395, .2083, .07, .3317, .3447, .4496, .7569, .4792},
       [](Free p) {
         return joined(
             baddeleyite_orbit(0, p[0], p[1], p[2]),
             joined(baddeleyite_orbit(1, p[3], p[4], p[5]), baddeleyite_orbit(1, p[6], p[7], p[8])));
       }},
  };
}

std::vector<Prototype> other_binaries() {
  using enum CellShape;
  return {
      {"cu3au",
       221,
       "MM",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{{0, {0, .5, .5}}, {0, {.5, 0, .5}}, {0, {.5, .5, 0}}, {1, {0, 0, 0}}};
       }},
      {"bif3",
       225,
       "MM",
       Cubic,
       {},
       {},
       [](Free) {
         return joined(fluorite(0, 1), face_centered({{1, {.5, .5, .5}}}));
       }},
      {"cr3si",
       223,
       "MT",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{{1, {0, 0, 0}},    {1, {.5, .5, .5}}, {0, {.25, 0, .5}}, {0, {.75, 0, .5}},
                      {0, {.5, .25, 0}}, {0, {.5, .75, 0}}, {0, {0, .5, .25}}, {0, {0, .5, .75}}};
       }},
      {"reo3",
       221,
       "MX",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{{0, {0, 0, 0}}, {1, {.5, 0, 0}}, {1, {0, .5, 0}}, {1, {0, 0, .5}}};
       }},
      {"corundum",
       167,
       "MX",
       Hexagonal,
       {.c_over_a = 2.73},
       {.352, .306},
       [](Free free) {
         const double z = free[0], x = free[1];
         return rhombohedral({{0, {0, 0, z}},
                              {0, {0, 0, .5 - z}},
                              {0, {0, 0, -z}},
                              {0, {0, 0, .5 + z}},
                              {1, {x, 0, .25}},
                              {1, {0, x, .25}},
                              {1, {-x, -x, .25}},
                              {1, {-x, 0, .75}},
                              {1, {0, -x, .75}},
                              {1, {x, x, .75}}});
       }},
  };
}

std::vector<Prototype> ternaries() {
  using enum CellShape;
  return {
      {"heusler",
       225,
       "MMT",
       Cubic,
       {},
       {},
       [](Free) {
         return joined(fluorite(1, 0), face_centered({{2, {.5, .5, .5}}}));
       }},
      {"halfheusler",
       216,
       "MMT",
       Cubic,
       {},
       {},
       [](Free) {
         return face_centered({{0, {.25, .25, .25}}, {1, {0, 0, 0}}, {2, {.5, .5, .5}}});
       }},
      {"perovskite",
       221,
       "MMX",
       Cubic,
       {},
       {},
       [](Free) {
         return Sites{
             {0, {0, 0, 0}}, {1, {.5, .5, .5}}, {2, {0, .5, .5}}, {2, {.5, 0, .5}}, {2, {.5, .5, 0}}};
       }},
      {"gdfeo3",
       62,
       "MMX",
       Orthorhombic,
       {1.37, .955},
       {.0626, -.016, .467, .1, .199, .051, .699},
       [](Free p) {
         const Sites half = pnma_general_half(2, p[4], p[5], p[6]);
         const Sites octahedra = {{1, {0, 0, .5}}, {1, {.5, 0, 0}}, {1, {0, .5, .5}}, {1, {.5, .5, 0}}};
         return joined(joined(pnma_mirror_orbit(0, p[0], p[1]), octahedra),
                       joined(pnma_mirror_orbit(2, p[2], p[3]), joined(half, inverted(half))));
       }},
      {"delafossite",
       166,
       "MMX",
       Hexagonal,
       {.c_over_a = 5.65},
       {.107},
       [](Free z) {
         return rhombohedral({{0, {0, 0, 0}}, {1, {0, 0, .5}}, {2, {0, 0, z[0]}}, {2, {0, 0, -z[0]}}});
       }},
      {"matlockite",
       129,
       "MXX",
       Tetragonal,
       {.c_over_a = 1.76},
       {.205, .65},
       [](Free z) {
         return Sites{{0, {0, .5, z[0]}}, {0, {.5, 0, -z[0]}}, {1, {0, 0, 0}},
                      {1, {.5, .5, 0}},   {2, {0, .5, z[1]}},  {2, {.5, 0, -z[1]}}};
       }},
      {"spinel",
       227,
       "MMX",
       Cubic,
       {},
       {.2625},
       [](Free x) {
         const Sites half = spinel_anions_half(x[0]);
         const Sites cations = {{0, {.125, .125, .125}}, {0, {.875, .375, .375}}, {1, {.5, .5, .5}},
                                {1, {.25, .75, 0}},      {1, {.75, 0, .25}},      {1, {0, .25, .75}}};
         return face_centered(joined(cations, joined(half, inverted(half))));
       }},
  };
}

Matrix3 unit_lattice(CellShape shape, const CellRatios& ratios) {
  const double beta = ratios.beta_degrees * std::numbers::pi / 180;
  Matrix3 lattice = Matrix3::Identity();
  switch (shape) {
    case CellShape::Cubic: break;
    case CellShape::Tetragonal: lattice(2, 2) = ratios.c_over_a; break;
    case CellShape::Hexagonal:
      lattice.row(1) << -.5, std::numbers::sqrt3 / 2, 0;
      lattice(2, 2) = ratios.c_over_a;
      break;
    case CellShape::Monoclinic:
      lattice(1, 1) = ratios.b_over_a;
      lattice.row(2) << ratios.c_over_a * std::cos(beta), 0, ratios.c_over_a * std::sin(beta);
      break;
    case CellShape::Orthorhombic:
      lattice(1, 1) = ratios.b_over_a;
      lattice(2, 2) = ratios.c_over_a;
      break;
  }
  return lattice;
}

}  // namespace

const std::vector<Prototype>& prototypes() {
  static const std::vector<Prototype> all = [] {
    std::vector<Prototype> list;
    for (const auto& family : {elemental(), equal_pairs(), one_to_two(), other_binaries(), ternaries()})
      list.insert(list.end(), family.begin(), family.end());
    return list;
  }();
  return all;
}

Structure decorate(const Prototype& prototype, std::span<const std::uint8_t> elements,
                   const CellRatios& ratios, std::span<const double> parameters) {
  Structure structure;
  structure.lattice = unit_lattice(prototype.shape, ratios);
  for (const auto& [species, position] : prototype.sites(parameters)) {
    structure.elements.push_back(elements[static_cast<std::size_t>(species)]);
    structure.fractional.push_back(wrapped(position));
  }
  structure.lattice *= std::cbrt(static_cast<double>(structure.num_atoms()) / structure.volume());
  return structure;
}

}  // namespace tessera::crystal
