// SPDX-License-Identifier: Apache-2.0
#include "report/html_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "report/palette.hpp"
#include "report/svg_canvas.hpp"

namespace tessera::report {
namespace {

constexpr const char* kStyle = R"(
*{box-sizing:border-box}
body{margin:0 auto;max-width:1140px;padding:28px 24px 48px;background:var(--page);color:var(--ink);
 font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:26px;line-height:1.25;margin:0 0 10px;overflow-wrap:anywhere}
h2{font-size:19px;margin:38px 0 10px;padding-bottom:5px;border-bottom:1px solid var(--grid)}
p{margin:8px 0;max-width:80ch;overflow-wrap:anywhere}
.warning{border-left:3px solid var(--warning);padding:4px 12px;color:var(--warning)}
.headlines{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}
.headlines div{background:var(--panel);border:1px solid var(--grid);border-radius:8px;padding:10px 18px;min-width:130px}
.headlines b{display:block;font-size:25px;font-weight:600;line-height:1.25}
.headlines span{color:var(--muted);font-size:13px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;margin:10px 0}
dt{color:var(--muted)} dd{margin:0;overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:18px 22px;margin:14px 0}
figure{margin:0;max-width:100%;break-inside:avoid} figure svg{max-width:100%;height:auto;display:block}
figcaption,caption{color:var(--muted);font-size:13px;text-align:left;padding:4px 0;max-width:80ch}
.scroll{overflow-x:auto;margin:12px 0}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--grid);vertical-align:top;overflow-wrap:anywhere}
th{color:var(--muted);font-weight:600;white-space:nowrap} .number{text-align:right;white-space:nowrap}
details{margin:10px 0} summary{cursor:pointer;color:var(--muted)}
pre{background:var(--panel);border:1px solid var(--grid);border-radius:8px;padding:12px 14px;overflow-x:auto;
 font:13px/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
footer{margin-top:40px;color:var(--muted);font-size:13px}
@media print{body{max-width:none;padding:0}h2{break-after:avoid}tr{break-inside:avoid}pre{white-space:pre-wrap}}
)";

// Digits first, after a sign: "0.058", "−3", "12 %". Words and ids such as "mp-149" are not.
bool looks_like_number(const std::string& text) {
  std::string_view rest = text;
  for (const std::string_view sign : {"−", "-", "–"})
    if (rest.starts_with(sign)) {
      rest.remove_prefix(sign.size());
      if (rest.empty()) return true;  // a lone dash stands for NaN
    }
  return !rest.empty() && std::isdigit(static_cast<unsigned char>(rest.front())) &&
         std::none_of(rest.begin(), rest.end(), [](char c) { return c == '-' || c == '/' || c == '_'; });
}

std::string table_rows(const Table& table, const std::vector<bool>& is_number, std::size_t from,
                       std::size_t to) {
  std::string html;
  for (std::size_t row = from; row < to; ++row) {
    html += "<tr>";
    for (std::size_t column = 0; column < table.rows[row].size(); ++column)
      html += fmt::format("<td{}>{}</td>", is_number[column] ? " class=\"number\"" : "",
                          escape_markup(table.rows[row][column]));
    html += "</tr>\n";
  }
  return html;
}

}  // namespace

HtmlReport::HtmlReport(const std::string& title) : title_(title) {}

void HtmlReport::section(const std::string& title) {
  body_ += fmt::format("<h2>{}</h2>\n", escape_markup(title));
}

void HtmlReport::paragraph(const std::string& text) {
  body_ += fmt::format("<p>{}</p>\n", escape_markup(text));
}

void HtmlReport::warning(const std::string& text) {
  body_ += fmt::format("<p class=\"warning\">{}</p>\n", escape_markup(text));
}

void HtmlReport::headlines(const std::vector<Headline>& headlines) {
  if (headlines.empty()) return;
  body_ += "<div class=\"headlines\">";
  for (const auto& headline : headlines)
    body_ += fmt::format("<div><b>{}</b><span>{}</span></div>", escape_markup(headline.value),
                         escape_markup(headline.label));
  body_ += "</div>\n";
}

void HtmlReport::facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  body_ += "<dl>";
  for (const auto& [name, value] : facts)
    body_ += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escape_markup(name), escape_markup(value));
  body_ += "</dl>\n";
}

void HtmlReport::table(const Table& table) {
  std::vector<bool> is_number(table.columns.size());
  std::string head = "<tr>";
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    is_number[column] = std::all_of(table.rows.begin(), table.rows.end(),
                                    [&](const auto& row) { return looks_like_number(row[column]); });
    head += fmt::format("<th{}>{}</th>", is_number[column] ? " class=\"number\"" : "",
                        escape_markup(table.columns[column]));
  }
  head = "<thead>" + head + "</tr></thead>\n";

  const std::size_t shown = std::min(table.rows_shown, table.rows.size());
  body_ += "<div class=\"scroll\"><table>";
  if (!table.caption.empty()) body_ += fmt::format("<caption>{}</caption>", escape_markup(table.caption));
  body_ += head + "<tbody>" + table_rows(table, is_number, 0, shown) + "</tbody></table></div>\n";
  if (shown == table.rows.size()) return;
  body_ += fmt::format(
      "<details><summary>{} more rows</summary><div "
      "class=\"scroll\"><table>{}<tbody>{}</tbody></table></div></details>\n",
      table.rows.size() - shown, head, table_rows(table, is_number, shown, table.rows.size()));
}

void HtmlReport::figures(const std::vector<Figure>& figures) {
  body_ += "<div class=\"figures\">";
  for (const auto& figure : figures) {
    body_ += "<figure>" + figure.svg;
    if (!figure.caption.empty())
      body_ += fmt::format("<figcaption>{}</figcaption>", escape_markup(figure.caption));
    body_ += "</figure>\n";
  }
  body_ += "</div>\n";
}

void HtmlReport::folded_text(const std::string& title, const std::string& text) {
  body_ += fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n", escape_markup(title),
                       escape_markup(text));
}

std::string HtmlReport::html(const std::string& footer) const {
  const std::string title = escape_markup(title_);
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n<title>" +
         title + "</title>\n<style>\n" + palette_css() + kStyle + "</style></head>\n<body>\n<h1>" + title +
         "</h1>\n" + body_ + "<footer>" + escape_markup(footer) + "</footer>\n</body></html>\n";
}

}  // namespace tessera::report
