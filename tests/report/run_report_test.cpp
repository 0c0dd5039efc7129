// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "report/html_report.hpp"
#include "report/metrics_log.hpp"
#include "report/python.hpp"
#include "support/expect_error.hpp"

namespace tessera::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRun = R"({"name": "cgcnn-k", "state": "finished", "version": "0.1.0+abc", "ranks": 2,
  "hosts": ["node2", "node1", "node2"], "task": "%TASK%", "target": "k_vrh", "target_unit": "GPa",
  "transform": "log10", "dataset": "%DATASET%", "records": {"train": 1519, "test": 506}, "parameters": 134081,
  "seconds": {"forward": 30.0, "backward": 60.0, "feed": 10.0},
  "rank_seconds": {"compute": [90.0, 101.5], "input": [10.0, 2.0]}, "epochs_done": 2, "best_epoch": 2,
  "best_metric": {"name": "validation_mae", "value": 0.0583}})";

void put(const std::filesystem::path& file, const std::string& text) {
  core::make_folder(file.parent_path());
  core::write_file_atomically(file, text);
}

std::string with(std::string text, const std::string& mark, const std::string& value) {
  return text.replace(text.find(mark), mark.size(), value);
}

// A whole run in `folder`, its dataset beside it.
void make_run(const test::TemporaryFolder& folder, const std::string& task) {
  put(folder / "run.json", with(with(kRun, "%TASK%", task), "%DATASET%", (folder / "dataset").string()));
  put(folder / "config.toml", "[model]\nname = \"cgcnn\"\n[data]\ntarget = \"k_vrh\" # <&>\n");
  put(folder / "splits.csv", "id,split\na,train\nb,test\nc,train\n");
  put(folder / "dataset/quarantine.csv", "id,source,line,reason\nmp-9,mp-9.cif,12,cell volume is 0\n");
  MetricsLog log(folder.path(), {"epoch", "step", "learning_rate", "train_loss", "validation_mae"});
  log.append(std::array{1.0, 10.0, 0.01, 0.5, 0.08});
  log.append(std::array{2.0, 20.0, 0.005, 0.4, 0.0583});
}

TEST(RunReport, TellsWhatWasTrainedAndHowWell) {
  const test::TemporaryFolder folder;
  make_run(folder, "regression");
  put(folder / "evaluation-test.json",
      R"({"task": "regression", "records": 506, "metrics": {"mae": 0.061, "r2": 0.93, "mae_raw": 11.2}})");
  std::string predictions = "id,target,prediction\n";
  for (int i = 1; i <= 40; ++i)
    predictions += fmt::format("mp-{},{},{}\n", i, 10 * i, i == 17 ? 3400 : 10 * i + 1);
  put(folder / "predictions/test.csv", predictions);

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, HasSubstr("cgcnn (134\u202f081 parameters), trained to predict log10 k_vrh (GPa) on "
                              "1\u202f519 records"));
  EXPECT_THAT(page, HasSubstr("2 epochs on 2 ranks in 1 min 40 s"));
  EXPECT_THAT(page, HasSubstr("<b>0.061</b><span>MAE in log10, test</span>"));
  EXPECT_THAT(page, HasSubstr("<b>11.2 GPa</b><span>MAE, test</span>"));
  EXPECT_THAT(page, AllOf(HasSubstr(">Loss</text>"), HasSubstr(">Learning rate</text>"),
                          HasSubstr(">Validation mae</text>"), HasSubstr("best: epoch 2")));
  EXPECT_THAT(page, AllOf(HasSubstr("predicted log10 k_vrh (GPa)"), HasSubstr("Residuals, test")));
  EXPECT_THAT(page,
              AllOf(HasSubstr("slowest rank"),
                    HasSubstr("<td>compute</td><td class=\"number\">90</td><td class=\"number\">102</td>")));
  // The worst record leads its table: 170 became 3400, 1.301 too much in log10.
  EXPECT_THAT(page, HasSubstr("<tbody><tr><td>mp-17</td><td class=\"number\">170</td>"
                              "<td class=\"number\">3\u202f400</td><td class=\"number\">3\u202f230</td>"
                              "<td class=\"number\">1.301</td>"));
  EXPECT_THAT(page, HasSubstr("1 min 00 s (60 %)"));
  EXPECT_THAT(page, AllOf(HasSubstr("Records quarantined when the dataset was prepared: 1<"),
                          HasSubstr("cell volume is 0")));
  EXPECT_THAT(page, HasSubstr("<dt>hosts</dt><dd>node1, node2</dd>"));
  EXPECT_THAT(page, HasSubstr("target = &quot;k_vrh&quot; # &lt;&amp;&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<h2>Not found</h2>")));
}

TEST(RunReport, ShowsConfusionAndEveryClass) {
  const test::TemporaryFolder folder;
  make_run(folder, "classification");
  put(folder / "predictions/test.csv", "id,target,prediction\na,225,225\nb,225,225\nc,225,194\nd,9,9\n");

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, HasSubstr("4 records of 3 classes, 3 of them right (75.0 %)"));
  // In order of their numbers: 9 before 194.
  EXPECT_LT(page.find(">9 (1)</text>"), page.find(">194 (0)</text>"));
  EXPECT_THAT(page, HasSubstr("225 (3) / 194: 1<"));
  EXPECT_THAT(
      page, HasSubstr("<td class=\"number\">225</td><td class=\"number\">194</td><td class=\"number\">1</td>"
                      "<td class=\"number\">33 %</td>"));
  EXPECT_THAT(page,
              HasSubstr("<td class=\"number\">225</td><td class=\"number\">3</td><td class=\"number\">2</td>"
                        "<td class=\"number\">1.000</td><td class=\"number\">0.667</td>"
                        "<td class=\"number\">0.800</td>"));
}

TEST(RunReport, GathersRareClassesOfManyUnderOthers) {
  const test::TemporaryFolder folder;
  make_run(folder, "classification");
  std::string predictions = "id,target,prediction\n";
  for (int of_class = 1; of_class <= 230; ++of_class)
    for (int i = 0; i < 1 + of_class / 10; ++i)
      predictions += fmt::format("{}-{},{},{}\n", of_class, i, of_class, i ? of_class : 230);
  put(folder / "predictions/test.csv", predictions);

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, HasSubstr("The 24 most frequent of 230 classes"));
  EXPECT_THAT(page, HasSubstr(">230 (24)</text>"));
  EXPECT_THAT(page, Not(HasSubstr(">100 (11)</text>")));
  EXPECT_THAT(page, HasSubstr(">others ("));
  EXPECT_THAT(page, HasSubstr("205 more rows"));
}

TEST(RunReport, SaysWhatIsMissingOrBroken) {
  const test::TemporaryFolder folder;
  put(folder / "run.json",
      R"({"name": "x", "state": "stopped", "dataset": "/nowhere", "epochs_done": "two")");
  put(folder / "metrics.csv", "epoch,step\n1\n");
  put(folder / "predictions/test.csv", "id,true,guess\na,1,2\n");

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, HasSubstr("run.json is not valid JSON"));
  EXPECT_THAT(page, HasSubstr("config.toml is not there: the settings are not known"));
  EXPECT_THAT(page, HasSubstr("metrics.csv:2: must have 2 fields as the header does, got 1"));
  EXPECT_THAT(page, HasSubstr("splits.csv is not there"));
  EXPECT_THAT(page, HasSubstr("no evaluation-&lt;split&gt;.json"));
  EXPECT_THAT(page, HasSubstr("must have the columns id, target and prediction, got id, true, guess"));
}

TEST(RunReport, WarnsOfARunThatIsNotFinishedAndOfValuesItCannotDraw) {
  const test::TemporaryFolder folder;
  make_run(folder, "regression");
  put(folder / "run.json",
      R"({"state": "stopped_in_time", "task": "regression", "target": "k", "epochs_done": "two"})");
  put(folder / "predictions/test.csv", "id,target,prediction\na,1,2\nb,2,nan\nc,3,\n");

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, HasSubstr("This run is not finished: its state is “stopped_in_time”."));
  EXPECT_THAT(page, HasSubstr("2 of 3 records have no finite k and are left out of the pictures"));
}

TEST(RunReport, TellsTheTimeOfAllStartsAndNoBestEpochBeforeThereIsOne) {
  const test::TemporaryFolder folder;
  make_run(folder, "regression");
  put(folder / "run.json", R"({"state": "running", "total_seconds": 3600.0, "best_epoch": 0,
    "seconds": {"compute": 60.0}, "best_metric": {"name": "validation_mae", "value": null}})");

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, HasSubstr("in 1 h 00 min."));
  EXPECT_THAT(page, HasSubstr("1 min 00 s in the last start, 1 h 00 min over all."));
  EXPECT_THAT(page, Not(HasSubstr("epoch 0")));
}

TEST(RunReport, TakesEarlyStoppingForAnEnd) {
  const test::TemporaryFolder folder;
  put(folder / "run.json", R"({"state": "stopped_early"})");

  EXPECT_THAT(make_run_report(folder.path()), AllOf(HasSubstr("the validation metric no longer improved"),
                                                    Not(HasSubstr("is not finished"))));
}

TEST(RunReport, RefusesAFolderWithoutARun) {
  const test::TemporaryFolder folder;

  const auto message = test::message_of<core::InputError>([&] { make_run_report(folder.path()); });

  EXPECT_THAT(message, HasSubstr(folder.path().string() + " must be the folder of a run"));
  EXPECT_THAT(message, HasSubstr("Give the folder that `tessera train` wrote."));
}

TEST(RunReport, NeverReplacesWhatIsNoFile) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  core::make_folder(folder / "folder");

  for (const char* name : {"pipe", "folder"}) {
    const auto message = test::message_of<core::InputError>([&] { write_report(folder / name, "page"); });
    EXPECT_THAT(message, HasSubstr((folder / name).string() + ", which is a folder, a pipe or a device"));
  }
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

TEST(RunReport, WritesThroughALink) {
  const test::TemporaryFolder folder;
  put(folder / "page.html", "old");
  std::filesystem::create_symlink("page.html", folder / "link.html");

  write_report(folder / "link.html", "new");

  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.html"));
  EXPECT_EQ(core::read_file(folder / "page.html"), "new");
}

TEST(RunReport, NeedsNothingBesideIt) {
  const test::TemporaryFolder folder;
  make_run(folder, "regression");
  put(folder / "predictions/test.csv", "id,target,prediction\na,1,2\nb,2,2\n");

  const std::string page = make_run_report(folder.path());

  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<link")), Not(HasSubstr("src=")),
                          Not(HasSubstr("url(")), Not(HasSubstr("@import"))));
  put(folder / "page.xml", page);
  const auto parsed = printed_by_python(
      "import sys, xml.etree.ElementTree as tree\nprint(tree.parse(sys.argv[1]).getroot().tag)",
      (folder / "page.xml").string());
  if (!parsed) GTEST_SKIP() << "no python3 to parse the page with";
  EXPECT_EQ(*parsed, "html\n");
}

TEST(HtmlReport, EscapesEveryText) {
  HtmlReport page("<t>");
  page.section("<s>");
  page.paragraph("<p>aragraph");
  page.warning("<w>");
  page.headlines({{"<v>", "<l>"}});
  page.facts({{"<n>", "<f>"}});
  page.table({.columns = {"<c>"}, .rows = {{"<r>"}}, .caption = "<x>"});
  page.figures({{"<svg/>", "<y>"}});
  page.folded_text("<o>", "<z>");

  const std::string html = page.html("<e>");

  for (const char* text : {"<t>", "<s>", "<p>aragraph", "<w>", "<v>", "<l>", "<n>", "<f>", "<c>", "<r>",
                           "<x>", "<y>", "<o>", "<z>", "<e>"})
    EXPECT_THAT(html, Not(HasSubstr(text)));
  EXPECT_THAT(html, HasSubstr("<svg/>"));
}

TEST(HtmlReport, FoldsAwayWhatALongTableHasMore) {
  HtmlReport page("t");
  page.table({.columns = {"i"}, .rows = std::vector<std::vector<std::string>>(30, {"1"}), .rows_shown = 10});

  EXPECT_THAT(page.html(""), HasSubstr("<summary>20 more rows</summary>"));
}

}  // namespace
}  // namespace tessera::report
