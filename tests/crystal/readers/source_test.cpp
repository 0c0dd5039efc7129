// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/source.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include "core/error.hpp"
#include "core/file.hpp"
#include "crystal/readers/read_error.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string cif_of(const std::string& element) {
  return "data_x\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n_cell_angle_alpha "
         "90\n_cell_angle_beta 90\n"
         "_cell_angle_gamma "
         "90\nloop_\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n" +
         element + " 0 0 0\n";
}
const std::string kPoscar = "x\n1\n4 0 0\n0 4 0\n0 0 4\nSi\n1\nDirect\n0 0 0\n";

std::string json_of(const std::string& element) {
  return R"({"lattice": {"matrix": [[4,0,0],[0,4,0],[0,0,4]]}, "sites": [{"species": [{"element": ")" +
         element + R"(", "occu": 1}], "abc": [0,0,0]}]})";
}

void write(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

// Writes members through libarchive; `set_up` chooses format and filter.
void pack(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& members,
          const std::function<void(archive*)>& set_up) {
  archive* writer = archive_write_new();
  set_up(writer);
  archive_write_open_filename(writer, path.c_str());
  for (const auto& [name, content] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_free(writer);
}

void tar_xz(archive* writer) {
  archive_write_set_format_pax_restricted(writer);
  archive_write_add_filter_xz(writer);
}

class SourceTest : public ::testing::Test {
 protected:
  SourceIndex index(const std::vector<fs::path>& inputs) { return index_sources(inputs, folder_ / "spool"); }
  // "id:formula" of each entry, or "id!reason".
  static std::vector<std::string> read_all(const SourceIndex& index) {
    std::vector<std::string> read;
    SourceReader reader(index);
    for (const SourceEntry& entry : index.entries)
      read.push_back(entry.reason.empty() ? entry.id + ":" + formula(reader.structure(entry))
                                          : entry.id + "!" + entry.reason);
    return read;
  }
  std::string refusal(const std::vector<fs::path>& inputs) {
    return test::message_of<core::InputError>([&] { index(inputs); });
  }
  test::TemporaryFolder folder_;
};

using Sources = SourceTest;

TEST_F(Sources, OfAFolderAreSortedByIdWhateverTheirKind) {
  write(folder_ / "in/b.cif", cif_of("Cu"));
  write(folder_ / "in/POSCAR_c", kPoscar);
  write(folder_ / "in/a.vasp", kPoscar);
  write(folder_ / "in/d.json", json_of("Au"));
  write(folder_ / "in/notes.txt", "nothing");
  write(folder_ / "in/._b.cif", "what macOS leaves");

  EXPECT_THAT(read_all(index({folder_ / "in"})), ElementsAre("a:Si1", "b:Cu1", "c:Si1", "d:Au1"));
  EXPECT_FALSE(fs::exists(folder_ / "spool")) << "plain files need none";
}

TEST_F(Sources, OfArchivesAreTheSameInEveryPacking) {
  const std::vector<std::pair<std::string, std::string>> members = {{"cifs/", ""},
                                                                    {"cifs/z.cif", cif_of("Zn")},
                                                                    {"cifs/readme", "text"},
                                                                    {"cifs/a.cif", cif_of("Al")},
                                                                    {"POSCAR_m", kPoscar}};
  pack(folder_ / "x.tar.xz", members, tar_xz);
  pack(folder_ / "x.tgz", members, [](archive* writer) {
    archive_write_set_format_ustar(writer);
    archive_write_add_filter_gzip(writer);
  });
  pack(folder_ / "x.tar", members, [](archive* writer) { archive_write_set_format_ustar(writer); });
  pack(folder_ / "x.zip", members, [](archive* writer) { archive_write_set_format_zip(writer); });

  for (const auto* name : {"x.tar.xz", "x.tgz", "x.tar", "x.zip"}) {
    const auto listed = index({folder_ / name});
    EXPECT_THAT(read_all(listed), ElementsAre("a:Al1", "m:Si1", "z:Zn1")) << name;
    EXPECT_EQ(listed.entries[0].source, std::string(name) + ":cifs/a.cif");
  }
}

TEST_F(Sources, OfACgcnnFolderCarryItsTargets) {
  write(folder_ / "in/id_prop.csv", "b,1.5,7\na,nan,8\nmissing,3,9\n");
  write(folder_ / "in/a.cif", cif_of("Al"));
  write(folder_ / "in/b.cif", cif_of("Be"));
  write(folder_ / "in/extra.cif", cif_of("Eu"));
  write(folder_ / "in/atom_init.json", "{}");

  const auto listed = index({folder_ / "in"});

  EXPECT_THAT(
      read_all(listed),
      ElementsAre("a:Al1", "b:Be1", AllOf(HasSubstr("extra!"), HasSubstr("must have a row in id_prop.csv")),
                  AllOf(HasSubstr("missing!"), HasSubstr("missing.cif"))));
  EXPECT_THAT(listed.target_names, ElementsAre("target", "target_2"));
  EXPECT_TRUE(std::isnan(listed.entries[0].targets[0]));
  EXPECT_THAT(listed.entries[1].targets, ElementsAre(1.5, 7.0));
  EXPECT_EQ(listed.entries[3].line, 3);
}

TEST_F(Sources, OfACgcnnFolderSayWhereTheirTargetsStand) {
  write(folder_ / "in/id_prop.csv", "a,nan\nb,abc\nc,1\n");
  for (const auto* name : {"a.cif", "b.CIF", "c.cif"}) write(folder_ / "in" / name, cif_of("Al"));

  const auto listed = index({folder_ / "in"});

  EXPECT_THAT(read_all(listed), ElementsAre("a:Al1", "b:Al1", "c:Al1"))
      << "they can be read, if not learnt from";
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(listed.entries[i].own_targets);
    EXPECT_THAT(listed.entries[i].own_targets->source, EndsWith("in/id_prop.csv"));
    EXPECT_EQ(listed.entries[i].own_targets->line, static_cast<int>(i) + 1);
  }
  EXPECT_EQ(listed.entries[0].own_targets->fault, "");
  EXPECT_THAT(listed.entries[1].own_targets->fault, HasSubstr("got 'abc'"));
}

TEST_F(Sources, WithoutAnyTargetsOwnNone) {
  write(folder_ / "in/id_prop.csv", "a\n");
  write(folder_ / "in/a.cif", cif_of("Al"));
  write(folder_ / "b.json", json_of("Mg"));

  const auto listed = index({folder_ / "in", folder_ / "b.json"});

  for (const auto& entry : listed.entries) EXPECT_FALSE(entry.own_targets) << entry.id;
}

TEST_F(Sources, ThatAreLeftAsideAreNamed) {
  pack(folder_ / "x.tar.xz", {{"a.cif.gz", "x"}, {"b.cif", cif_of("Be")}, {"id_prop.csv", "b,1\n"}}, tar_xz);
  write(folder_ / "in/c.cif", cif_of("C"));
  write(folder_ / "in/more.tar.gz", "x");

  ::testing::internal::CaptureStderr();
  const auto listed = index({folder_ / "x.tar.xz", folder_ / "in"});
  const auto log = ::testing::internal::GetCapturedStderr();

  EXPECT_THAT(
      read_all(listed),
      ElementsAre(AllOf(HasSubstr("a!"), HasSubstr("must not be compressed itself")), "b:Be1", "c:C1"));
  EXPECT_THAT(log, AllOf(HasSubstr("2 files among the inputs were not read"),
                         HasSubstr("x.tar.xz:id_prop.csv"), HasSubstr("in/more.tar.gz")));
}

TEST_F(Sources, AreNamedInUtf8) {
  pack(folder_ / "x.tar.xz", {{"caf\xE9.cif", cif_of("Be")}}, tar_xz);
  write(folder_ / "in/\xC3\xA9.cif", cif_of("Al"));

  EXPECT_THAT(read_all(index({folder_ / "x.tar.xz", folder_ / "in"})),
              ElementsAre("caf\xEF\xBF\xBD:Be1", "\xC3\xA9:Al1"));
}

TEST_F(Sources, OfJsonAreReadFromWhereTheyLie) {
  const std::string table =
      R"({"index": [0, 1], "columns": ["material_id", "structure", "k"], "data": [["mp-2", )" +
      json_of("Mg") + R"(, 5], ["mp-1", )" + json_of("Mn") + R"(, 6]]})";
  write(folder_ / "t.json", table);
  pack(folder_ / "t.json.gz", {{"t", table}}, [](archive* writer) {
    archive_write_set_format_raw(writer);
    archive_write_add_filter_gzip(writer);
  });

  const auto plain = index({folder_ / "t.json"});
  EXPECT_THAT(read_all(plain), ElementsAre("mp-1:Mn1", "mp-2:Mg1"));
  EXPECT_FALSE(fs::exists(folder_ / "spool"));
  const auto packed = index({folder_ / "t.json.gz"});
  EXPECT_THAT(read_all(packed), ElementsAre("mp-1:Mn1", "mp-2:Mg1"));
  EXPECT_THAT(packed.entries[0].source, HasSubstr("t.json.gz:data[1]"));
  EXPECT_THAT(packed.entries[0].targets, ElementsAre(6.0));
}

TEST_F(Sources, OfSeveralInputsShareOneIndexAndItsTargets) {
  write(folder_ / "one/id_prop.csv", "x,1\n");
  write(folder_ / "one/x.cif", cif_of("Al"));
  write(folder_ / "two.json", R"([{"id": "y", "structure": )" + json_of("Mg") + R"(, "k": 2}])");
  pack(folder_ / "three.tar.xz", {{"w.cif", cif_of("W")}, {"v.json", json_of("V")}}, tar_xz);

  const auto listed = index({folder_ / "one", folder_ / "two.json", folder_ / "three.tar.xz"});

  EXPECT_THAT(read_all(listed), ElementsAre("v:V1", "w:W1", "x:Al1", "y:Mg1"));
  EXPECT_THAT(listed.target_names, ElementsAre("target", "k"));
  EXPECT_EQ(listed.entries[2].targets[0], 1.0);
  EXPECT_TRUE(std::isnan(listed.entries[2].targets[1]));
  EXPECT_EQ(listed.entries[3].targets[1], 2.0);
}

TEST_F(Sources, WithOneIdKeepTheFirstAndNameTheOthers) {
  write(folder_ / "one/a.cif", cif_of("Al"));
  write(folder_ / "two/a.cif", cif_of("Au"));

  const auto listed = index({folder_ / "two", folder_ / "one"});

  EXPECT_THAT(read_all(listed),
              ElementsAre("a:Au1", AllOf(HasSubstr("a!duplicate id 'a'"), HasSubstr("two/a.cif"))));
}

TEST_F(Sources, WithOneIdLetTheFirstUsableStand) {
  write(folder_ / "one/id_prop.csv", "a,1\n");  // and no a.cif
  write(folder_ / "two/a.cif", cif_of("Au"));
  write(folder_ / "three/a.cif", cif_of("Ag"));

  EXPECT_THAT(read_all(index({folder_ / "one", folder_ / "two", folder_ / "three"})),
              ElementsAre(HasSubstr("must be there as a.cif"), "a:Au1",
                          AllOf(HasSubstr("duplicate id"), HasSubstr("two/a.cif"))));
}

TEST_F(Sources, GoThroughTextUnchanged) {
  write(folder_ / "in/id_prop.csv", "\"a,b\",0.1\n");
  write(folder_ / "in/a,b.cif", cif_of("Al"));
  pack(folder_ / "x.tar.xz", {{"w \"quoted\".cif", cif_of("W")}}, tar_xz);
  const auto listed = index({folder_ / "in", folder_ / "x.tar.xz"});

  const auto back = index_from_text(index_to_text(listed));

  EXPECT_EQ(index_to_text(back), index_to_text(listed));
  EXPECT_EQ(read_all(back), read_all(listed));
  EXPECT_EQ(back.entries[0].targets[0], 0.1);
  const std::string text = index_to_text(listed);
  EXPECT_THROW(index_from_text(text.substr(0, text.size() - 40)), core::Error);
}

TEST_F(Sources, ThatAreBrokenAreEntriesWithAReason) {
  write(folder_ / "in/a.json", "{\"a\": ");
  write(folder_ / "in/b.cif", cif_of("Xx"));
  write(folder_ / "in/c.cif", cif_of("Cu") + "Cu 0.01 0 0\n");
  write(folder_ / "in/d.cif", cif_of("Cu"));
  const auto listed = index({folder_ / "in"});
  SourceReader reader(listed);

  EXPECT_THAT(listed.entries[0].reason, HasSubstr("ends early"));
  EXPECT_THAT(test::message_of<ReadError>([&] { reader.structure(listed.entries[0]); }),
              HasSubstr("a.json:1: the JSON"));
  EXPECT_THAT(test::message_of<ReadError>([&] { reader.structure(listed.entries[1]); }),
              HasSubstr("b.cif:13: the site's"));
  EXPECT_THAT(test::message_of<ReadError>([&] { reader.structure(listed.entries[2]); }),
              HasSubstr("c.cif: Atoms must be"));
  fs::remove(folder_ / "in/d.cif");
  EXPECT_THAT(test::message_of<ReadError>([&] { reader.structure(listed.entries[3]); }),
              HasSubstr("No such file"));
}

TEST_F(Sources, OneOfWhichIsBrokenLeaveTheOthers) {
  write(folder_ / "in/a.cif.gz", std::string("\x1F\x8B\x08\0\0\0\0\0\0\x03\xFF\xFF", 12));
  write(folder_ / "in/b.json", "");
  write(folder_ / "in/c.cif", cif_of("Cu"));
  fs::create_symlink("nowhere", folder_ / "in/d.json");
  pack(folder_ / "x.tar.xz", {{"e.json", ""}, {"f.cif", cif_of("Fe")}}, tar_xz);
  pack(folder_ / "y.tar.xz", {{"g.cif", ""}}, tar_xz);

  EXPECT_THAT(
      read_all(index({folder_ / "in", folder_ / "x.tar.xz"})),
      ElementsAre(HasSubstr("a.cif.gz cannot be read"), HasSubstr("b!it must hold crystals, and is empty"),
                  "c:Cu1", HasSubstr("d.json: No such file"), HasSubstr("is empty"), "f:Fe1"));
  EXPECT_THAT(read_all(index({folder_ / "y.tar.xz"})),
              ElementsAre("g!it must hold crystals, and is empty. Fetch the file again."));
}

TEST_F(Sources, RefuseWhatTheyCannotBe) {
  fs::create_directory(folder_ / "empty");
  write(folder_ / "holder/cifs.tar.xz", "x");
  write(folder_ / "what.txt", "x");
  write(folder_ / "cut.tar.xz", "not an archive");
  pack(folder_ / "none.tar.xz", {{"readme", "x"}}, tar_xz);

  EXPECT_THAT(refusal({folder_ / "absent"}), HasSubstr("absent must exist"));
  EXPECT_THAT(refusal({folder_ / "empty"}),
              AllOf(HasSubstr("must hold crystals, and holds none"), HasSubstr("*.cif")));
  EXPECT_THAT(refusal({folder_ / "holder"}),
              AllOf(HasSubstr("archives only"), HasSubstr("holder/cifs.tar.xz")));
  EXPECT_THAT(refusal({folder_ / "what.txt"}), HasSubstr("of no known kind"));
  EXPECT_THAT(refusal({folder_ / "cut.tar.xz"}), HasSubstr("cut.tar.xz cannot be read as an archive"));
  EXPECT_THAT(refusal({folder_ / "none.tar.xz"}), HasSubstr("holds none"));
  write(folder_ / "cut.json", "{\"a\": ");
  EXPECT_THAT(refusal({folder_ / "cut.json"}), HasSubstr("cut.json:1: the JSON text ends early"));
}

TEST_F(Sources, RefuseAnArchiveThatWasCutOff) {
  std::vector<std::pair<std::string, std::string>> members;
  for (int i = 0; i < 200; ++i)
    members.emplace_back(fmt::format("{}.cif", i), cif_of("Cu") + fmt::format("# {}\n", i * 7919));
  pack(folder_ / "x.tar.xz", members, tar_xz);
  const std::string whole = core::read_file(folder_ / "x.tar.xz");
  write(folder_ / "cut.tar.xz", whole.substr(0, whole.size() / 2));

  EXPECT_THAT(refusal({folder_ / "cut.tar.xz"}),
              AllOf(HasSubstr("cut.tar.xz cannot be read"), HasSubstr("Fetch or pack it again")));
}

}  // namespace
}  // namespace tessera::crystal
