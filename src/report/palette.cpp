// SPDX-License-Identifier: Apache-2.0
#include "report/palette.hpp"

#include <fmt/core.h>

#include <array>

namespace tessera::report {
namespace {

struct Colour {
  const char* light;
  const char* dark;
};

constexpr Colour kPage{"#ffffff", "#0f1419"};
constexpr Colour kPanel{"#f6f8fa", "#171d24"};
constexpr Colour kInk{"#1f2328", "#e6edf3"};
constexpr Colour kMuted{"#57606a", "#9aa4ae"};
constexpr Colour kGrid{"#d8dee4", "#323a43"};
constexpr Colour kWarning{"#9a3412", "#ffb077"};

constexpr std::array<Colour, 6> kSeries{{{"#0068a6", "#5cadec"},
                                         {"#c75200", "#ff9350"},
                                         {"#007d5a", "#44cf9f"},
                                         {"#a2478a", "#e792c8"},
                                         {"#8a6100", "#e5b94a"},
                                         {"#2d8fc9", "#9bd5fa"}}};

constexpr std::array<Colour, kHeatLevels> kHeat{{{"#e3f0f7", "#15293d"},
                                                 {"#c2dfee", "#1a3f5c"},
                                                 {"#97cae2", "#1d5778"},
                                                 {"#66b0d5", "#20708f"},
                                                 {"#3d92c4", "#288b9f"},
                                                 {"#2473ac", "#3aa7a4"},
                                                 {"#165691", "#66c49b"},
                                                 {"#0f3d72", "#a3dd8b"},
                                                 {"#0a2751", "#eaf28a"}}};
constexpr int kFirstStrongHeat = 5;
constexpr Colour kHeatInk{"#ffffff", "#0f1419"};

std::string variable(const std::string& name, const Colour& colour) {
  return fmt::format("var(--{},{})", name, colour.light);
}

std::string definitions(const char* Colour::*tone) {
  std::string css = fmt::format(
      "--page:{};--panel:{};--ink:{};--muted:{};--grid:{};--warning:{};--heat-ink:{};", kPage.*tone,
      kPanel.*tone, kInk.*tone, kMuted.*tone, kGrid.*tone, kWarning.*tone, kHeatInk.*tone);
  for (std::size_t i = 0; i < kSeries.size(); ++i) css += fmt::format("--series-{}:{};", i, kSeries[i].*tone);
  for (std::size_t i = 0; i < kHeat.size(); ++i) css += fmt::format("--heat-{}:{};", i, kHeat[i].*tone);
  return css;
}

}  // namespace

std::string ink_colour() {
  return variable("ink", kInk);
}
std::string muted_colour() {
  return variable("muted", kMuted);
}
std::string grid_colour() {
  return variable("grid", kGrid);
}
std::string series_colour(std::size_t index) {
  const std::size_t i = index % kSeries.size();
  return variable(fmt::format("series-{}", i), kSeries[i]);
}
std::string heat_colour(int level) {
  return variable(fmt::format("heat-{}", level), kHeat[static_cast<std::size_t>(level)]);
}
std::string heat_ink_colour(int level) {
  return level < kFirstStrongHeat ? ink_colour() : variable("heat-ink", kHeatInk);
}

std::string palette_css() {
  return ":root{color-scheme:light dark;" + definitions(&Colour::light) + "}\n" +
         // Paper is white whatever the screen is.
         "@media screen and (prefers-color-scheme:dark){:root{" + definitions(&Colour::dark) + "}}\n";
}

}  // namespace tessera::report
