// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "report/chart.hpp"
#include "report/palette.hpp"
#include "report/plot_frame.hpp"

namespace tessera::report {
namespace {

constexpr double kWidth = 640, kRow = 26;
constexpr std::size_t kNameColumns = 28;

}  // namespace

std::string draw(const BarChart& chart) {
  const double top = 34, bottom = top + kRow * static_cast<double>(chart.bars.size());
  SvgCanvas canvas(kWidth, bottom + 48, chart.title);
  canvas.text({8, 18}, chart.title, {.size = 14, .bold = true});

  double widest_name = 0, widest_text = 0, most = 0;
  for (const auto& bar : chart.bars) {
    widest_name = std::max(widest_name, text_width(shortened(bar.name, kNameColumns), 12));
    widest_text = std::max(widest_text, text_width(bar.text, 12));
    most = std::max(most, bar.value);
  }
  const double left = widest_name + 18;
  const Scale x({0, most > 0 ? most : 1}, false, left, kWidth - widest_text - 20);
  for (const auto& tick : x.ticks(5)) {
    canvas.line({x(tick.value), top}, {x(tick.value), bottom}, grid_colour());
    canvas.text({x(tick.value), bottom + 16}, tick.label,
                {.size = 11.5, .anchor = Anchor::Middle, .colour = muted_colour()});
  }
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const Bar& bar = chart.bars[i];
    const double y = top + kRow * static_cast<double>(i);
    canvas.text({left - 8, y + 17}, shortened(bar.name, kNameColumns), {.size = 12, .anchor = Anchor::End});
    const double length = x.can_show(bar.value) ? std::max(0.0, x(bar.value) - left) : 0.0;
    canvas.rectangle({left, y + 5}, length, kRow - 10, series_colour(0), bar.name + ": " + bar.text);
    canvas.text({left + length + 6, y + 17}, bar.text, {.size = 12, .colour = muted_colour()});
  }
  if (chart.bars.empty()) say_nothing_to_show(canvas, {0, top, kWidth, bottom + 20});
  canvas.text({(left + kWidth) / 2, canvas.height() - 8}, chart.value_title,
              {.size = 12.5, .anchor = Anchor::Middle});
  return canvas.finish();
}

}  // namespace tessera::report
