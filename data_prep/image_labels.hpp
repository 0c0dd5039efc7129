// SPDX-License-Identifier: Apache-2.0
// `--labels FILE.csv`: what is to be learnt of each image, a row for a file or for one of its pages.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/quarantine.hpp"

namespace tessera::data_prep {

class ImageLabels {
 public:
  ImageLabels() = default;
  /// The id is the column id, image, or the first; each other numeric column is a target. An id may be a stem
  /// ("a"), a file name ("a.png", with folders or not) or a page ("stack-0003"). Raises InputError as
  /// crystal::read_targets does.
  explicit ImageLabels(const std::filesystem::path& path);

  const std::vector<std::string>& names() const { return names_; }
  /// Rows whose id another row has, each with its line.
  const std::vector<data::QuarantineRow>& refused() const { return refused_; }

  struct Found {
    std::vector<double> values = {};  // by names(); NaN where missing
    std::string reason = {};          // not empty: there are none, and why
    int line = 0;                     // of the table; 0 where it has no row
  };
  /// The page's own row before the whole file's.
  Found find(const std::string& page_id, const std::string& stem) const;

 private:
  struct Row {
    int line = 0;
    std::vector<double> values;
  };
  std::string file_;  // for messages
  std::vector<std::string> names_;
  std::map<std::string, Row> rows_;
  std::vector<data::QuarantineRow> refused_;
};

}  // namespace tessera::data_prep
