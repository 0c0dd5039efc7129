// SPDX-License-Identifier: Apache-2.0
// TOML configuration as typed values. A reader asks for each key with its default and range; afterwards
// `refuse_unknown` turns every key nobody asked for into an error that names the nearest one that exists.
// Messages carry file and line. `resolved` is the whole configuration as it was understood.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tessera::core {

/// Closed range of allowed values.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// What TOML can say in one value of these four kinds.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;

class Config;

/// One table, e.g. [train], data.split, or parameter[0], the first of [[parameter]]. Every reader raises
/// InputError naming key, value, range and line.
class ConfigTable {
 public:
  bool has(std::string_view key) const;

  double number(std::string_view key, double fallback, Range allowed = {});
  std::int64_t integer(std::string_view key, std::int64_t fallback, Range allowed = {});
  bool boolean(std::string_view key, bool fallback);
  std::string text(std::string_view key, const std::string& fallback);
  std::string choice(std::string_view key, const std::string& fallback, std::span<const std::string> choices);
  std::vector<std::string> texts(std::string_view key, const std::vector<std::string>& fallback);
  /// A list of truth values, numbers and texts, each as the file has it: 3 is whole, 3.0 is not.
  std::vector<Scalar> scalars(std::string_view key, const std::vector<Scalar>& fallback);

  /// No default: the key must be there.
  std::string required_text(std::string_view key);
  std::string required_choice(std::string_view key, std::span<const std::string> choices);

  /// A table inside this one, e.g. split = {…}.
  ConfigTable table(std::string_view key);
  /// The tables of a list, e.g. [[parameter]], in the file's order; none where the key is not there.
  std::vector<ConfigTable> tables(std::string_view key);

  /// Where `key` was given, as messages say it: "(unet.toml:14)" or "(--set train.epochs=3)".
  std::string where(std::string_view key) const;

  /// "model.depth must be 2 to 5, got 7 (unet.toml:14). REMEDY", for checks across keys.
  [[noreturn]] void refuse(std::string_view key, const std::string& must,
                           const std::string& remedy = "") const;

 private:
  friend class Config;
  ConfigTable(Config* config, std::string path) : config_(config), path_(std::move(path)) {}
  std::string full(std::string_view key) const;
  Config* config_;
  std::string path_;  // "" for the root
};

class Config {
 public:
  /// Raises InputError for a missing file or broken TOML, with line and column.
  static Config from_file(const std::filesystem::path& path);
  /// `source` stands for the file in messages.
  static Config from_text(const std::string& text, const std::string& source);
  ~Config();
  Config(Config&&) noexcept;
  Config& operator=(Config&&) noexcept;

  /// Applies one `--set table.key=value`; the value is TOML, or a bare word taken as text. A table of a list
  /// is named by its place: `--set parameter[0].high=0.1`; it must be there.
  void set(const std::string& assignment);
  /// Sets `key` to `value` as it stands, whatever quotes it holds.
  void set_text(const std::string& key, const std::string& value);

  ConfigTable root();
  ConfigTable table(std::string_view name);
  std::vector<ConfigTable> tables(std::string_view name);

  /// One table of the document as TOML text, "" where there is none; keys in order of name.
  std::string table_text(std::string_view name) const;

  /// Raises InputError for the first key that no reader asked for.
  void refuse_unknown() const;

  /// TOML text of every value read so far, defaults included, tables and keys in order of name, the tables of
  /// a list in its order.
  std::string resolved() const;

 private:
  friend class ConfigTable;
  struct Document;
  explicit Config(std::unique_ptr<Document> document);
  std::unique_ptr<Document> document_;
};

}  // namespace tessera::core
