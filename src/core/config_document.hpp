// SPDX-License-Identifier: Apache-2.0
// The TOML behind a configuration, what --set changed in it and what readers asked of it. Of core's own use.
#pragma once

#include <toml++/toml.h>

#include <map>
#include <string>

#include "core/config.hpp"

namespace tessera::core {

/// "train.epochs" of "train" and "epochs"; the root is "".
std::string join_key(std::string_view table, std::string_view key);

/// The paths of tables by name, "parameter[2]" before "parameter[10]".
struct PathOrder {
  bool operator()(std::string_view a, std::string_view b) const {
    std::size_t i = 0;
    while (i < a.size() && i < b.size() && a[i] == b[i]) ++i;
    const std::size_t open = a.substr(0, i).rfind('[');
    const auto in_index = [&](std::string_view path) {
      return open != std::string_view::npos && path.find(']', open) != std::string_view::npos &&
             path.find(']', open) >= i;
    };
    if (in_index(a) && in_index(b) && a.find(']', open) != b.find(']', open))
      return a.find(']', open) < b.find(']', open);
    return a < b;
  }
};

struct Config::Document {
  toml::table root;
  std::string source;
  std::map<std::string, std::string> overridden;                              // key → the --set that set it
  std::map<std::string, std::map<std::string, std::string>, PathOrder> read;  // table → key → value as TOML

  const toml::node* find(const std::string& path) const { return root.at_path(path).node(); }

  /// The --set that gave `path` its value: its own, that of a table around it, or, for a table which none but
  /// --set wrote, that of a key in it.
  const std::string* override_of(const std::string& path) const;
  std::string where(const std::string& path) const;  // as ConfigTable::where
  void put(const std::string& key, const toml::node& value, const std::string& assignment);
  [[noreturn]] void refuse(const std::string& path, const std::string& must,
                           const std::string& remedy) const;  // as ConfigTable::refuse
  void record(const std::string& table, std::string_view key, std::string value) {
    read[table][std::string(key)] = std::move(value);
  }
};

}  // namespace tessera::core
