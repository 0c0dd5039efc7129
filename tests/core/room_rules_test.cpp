// SPDX-License-Identifier: Apache-2.0
// The doors between rooms, read from the include lines: who includes what it may not fails here.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;
using Words = std::set<std::string>;

const std::map<std::string, Words> kDoors{
    {"core", {"core"}},
    {"dist", {"dist", "core"}},
    {"crystal", {"crystal", "core"}},
    {"microstructure", {"microstructure", "core"}},
    {"data", {"data", "crystal", "microstructure", "dist", "core"}},
    {"metrics", {"metrics", "core"}},
    {"report", {"report", "metrics", "core"}},
    {"models", {"models", "data", "crystal", "microstructure", "core"}},
    {"reconstruction", {"reconstruction", "models", "microstructure", "core"}},
    {"train", {"train", "models", "metrics", "report", "data", "crystal", "microstructure", "dist", "core"}},
    {"search", {"search", "dist", "core"}},
    {"jobs",
     {"jobs", "train", "search", "reconstruction", "models", "metrics", "report", "data", "crystal",
      "microstructure", "dist", "core"}},
    {"data_prep", {"data_prep", "report", "data", "crystal", "microstructure", "dist", "core"}},
};

// Third parties that only their adapters may name.
const std::map<std::string, std::regex> kGuarded{
    {"gemmi/", std::regex("src/crystal/readers/(cif_syntax|symmetry_operations)\\.cpp")},
    {"spglib", std::regex("src/crystal/symmetry\\.cpp")},
    {"CGAL/", std::regex("src/crystal/(delaunay_star\\.cpp|grid_kernel\\.hpp)")},
    {"opencv2/", std::regex("src/microstructure/(files|filters)/.*\\.cpp")},
    {"fftw3", std::regex("src/microstructure/statistics/real_transform\\.cpp")},
    {"tiff", std::regex("src/microstructure/files/tiff_file\\.cpp")},
    {"toml++/", std::regex("src/core/config(_document|_table)?\\.[ch]pp")},
    {"archive", std::regex("src/crystal/readers/archive_reader\\.cpp")},
    {"hdf5", std::regex("src/data/hdf5_(calls|file|group|values)\\.cpp")},
    {"torch/", std::regex("(src/(dist/tensor|models|reconstruction|train)|jobs)/.*")},
    {"ATen/", std::regex("(src/(dist/tensor|models|reconstruction|train)|jobs)/.*")},
};

struct Include {
  std::string file;  // from the root of the tree
  std::string name;
  bool is_ours;
};

std::vector<Include> includes_of(const fs::path& root) {
  std::vector<Include> includes;
  const std::regex line_form("^#include ([\"<])([^\">]+)[\">].*");
  for (const auto* top : {"src", "jobs", "data_prep"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      std::ifstream file(entry.path());
      std::smatch match;
      for (std::string line; std::getline(file, line);)
        if (std::regex_match(line, match, line_form))
          includes.push_back({fs::relative(entry.path(), root).string(), match[2], match[1] == "\""});
    }
  return includes;
}

// "src/crystal/…" is of crystal, "jobs/…" of jobs.
std::string room_of(const std::string& file) {
  const std::size_t begin = file.starts_with("src/") ? 4 : 0;
  return file.substr(begin, file.find('/', begin) - begin);
}

class RoomRules : public testing::Test {
 protected:
  void SetUp() override {
    const char* source = std::getenv("TESSERA_SOURCE");
    if (!source) GTEST_SKIP() << "TESSERA_SOURCE is not set: run through ctest";
    includes = includes_of(source);
    ASSERT_GT(includes.size(), 300u);
  }
  std::vector<Include> includes;
};

TEST_F(RoomRules, NoArrowRunsUp) {
  for (const auto& include : includes) {
    if (!include.is_ours || include.name == "git_revision.hpp") continue;
    const std::string room = room_of(include.file);
    const std::string target = include.name.substr(0, include.name.find('/'));
    ASSERT_TRUE(kDoors.contains(room)) << include.file << ": " << room << " is no room";
    EXPECT_TRUE(kDoors.at(room).contains(target)) << include.file << " includes " << include.name;
  }
}

TEST_F(RoomRules, ThirdPartiesStayInTheirAdapters) {
  for (const auto& include : includes) {
    if (include.is_ours) continue;
    for (const auto& [prefix, allowed] : kGuarded)
      if (include.name.starts_with(prefix)) {
        EXPECT_TRUE(std::regex_match(include.file, allowed))
            << include.file << " includes <" << include.name << ">";
      }
  }
}

// A header that none but sources of its own room include drags nothing anywhere.
TEST_F(RoomRules, HeadersDoNotDragHeavyLibrariesIn) {
  std::set<std::string> inner;  // headers of the kind
  for (const auto& include : includes)
    if (include.is_ours) inner.insert("src/" + include.name);
  for (const auto& include : includes)
    if (include.is_ours && (include.file.ends_with(".hpp") ||
                            room_of(include.file) != include.name.substr(0, include.name.find('/'))))
      inner.erase("src/" + include.name);
  for (const auto& include : includes)
    if (include.file.ends_with(".hpp") && !inner.contains(include.file)) {
      for (const std::string heavy : {"spdlog/", "nlohmann/", "CLI/", "toml++/", "hdf5"})
        EXPECT_FALSE(!include.is_ours && include.name.starts_with(heavy))
            << include.file << " includes <" << include.name << ">";
    }
}

}  // namespace
