// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/json_reader.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crystal/readers/json_records.hpp"
#include "crystal/readers/read_error.hpp"
#include "support/expect_error.hpp"

namespace tessera::crystal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string structure_of(const std::string& sites) {
  return R"({"@class": "Structure", "lattice": {"matrix": [[4, 0, 0], [0, 5, 0], [0, 0, 6.5]]}, "sites": [)" +
         sites + "]}";
}
const std::string kSodium =
    R"({"species": [{"element": "Na", "occu": 1}], "abc": [0, 0.5, -0.25], "label": "Na"})";
const std::string kCrystal = structure_of(kSodium);

std::string refusal(const std::string& json) {
  return test::message_of<ReadError>([&] { read_structure_json(json, "s.json"); });
}

TEST(JsonReader, ReadsAPymatgenStructure) {
  const auto crystal = read_structure_json(
      structure_of(
          kSodium +
          R"(, {"species": [{"element": "Cl", "oxidation_state": -1, "occu": 1.0}], "xyz": [2, 2.5, 3.25]},
                               {"species": [{"element": "Fe3+"}], "abc": [0.1, 0.2, 0.3]})"),
      "s.json");

  EXPECT_EQ(formula(crystal), "Na1 Cl1 Fe1");
  EXPECT_EQ(crystal.fractional[0], Vector3(0, 0.5, -0.25));
  EXPECT_TRUE(crystal.fractional[1].isApprox(Vector3(0.5, 0.5, 0.5))) << "from Cartesian";
  EXPECT_NEAR(crystal.volume(), 130, 1e-12);
}

TEST(JsonReader, ReadsALatticeOfLengthsAndAngles) {
  const auto crystal = read_structure_json(
      R"({"lattice": {"a": 3, "b": 3, "c": 5, "alpha": 90, "beta": 90, "gamma": 120}, "sites": [)" + kSodium +
          "]}",
      "s.json");

  EXPECT_NEAR(crystal.volume(), 45 * std::sqrt(0.75), 1e-12);
}

TEST(JsonReader, NamesTheFault) {
  EXPECT_THAT(refusal("{"), AllOf(StartsWith("s.json: must be JSON"), HasSubstr("parse error")));
  EXPECT_THAT(refusal("[1]"), HasSubstr("lattice and sites"));
  EXPECT_THAT(refusal(structure_of("")), HasSubstr("empty list of sites"));
  EXPECT_THAT(refusal(structure_of(R"({"species": [{"element": "Fe", "occu": 0.5}], "abc": [0, 0, 0]})")),
              HasSubstr("disorder beyond the policy: site 0 has occupancy 0.5"));
  EXPECT_THAT(
      refusal(structure_of(
          R"({"species": [{"element": "Fe", "occu": 0.5}, {"element": "Ni", "occu": 0.5}], "abc": [0, 0, 0]})")),
      HasSubstr("site 0 has 2 species"));
  EXPECT_THAT(refusal(structure_of(R"({"species": [{"element": "Qq"}], "abc": [0, 0, 0]})")),
              HasSubstr(R"(sites[0] must name an element, got "Qq")"));
  EXPECT_THAT(refusal(structure_of(R"({"species": [{"element": "Fe"}], "abc": [0, null, 0]})")),
              HasSubstr("sites[0].abc must be a number, got null"));
  EXPECT_THAT(refusal(structure_of(R"({"species": [{"element": "Fe"}], "abc": [0, 1e999, 0]})")),
              HasSubstr("must be JSON"));
  EXPECT_THAT(
      refusal(R"({"lattice": {"matrix": [[1, 0, 0], [1, 0, 0], [0, 0, 1]]}, "sites": [)" + kSodium + "]}"),
      HasSubstr("must enclose a volume"));
  EXPECT_THAT(refusal(R"({"lattice": {}, "sites": [)" + kSodium + "]}"),
              HasSubstr("lattice.a must be a number, got null"));
}

TEST(JsonReader, SurvivesNestingAMillionDeep) {
  const std::string open(1'000'000, '['), close(1'000'000, ']');

  EXPECT_THAT(refusal(open), HasSubstr("at most 64 deep"));
  EXPECT_THAT(refusal(open + close), HasSubstr("at most 64 deep"));
  EXPECT_THAT(refusal(structure_of(R"({"species": [{"element": "Fe"}], "abc": )" + open + close + "}")),
              HasSubstr("at most 64 deep"));
  EXPECT_THAT(test::message_of<ReadError>([&] { list_json_records(open + close, "t.json", "t"); }),
              HasSubstr("must be a JSON object"));
}

TEST(JsonRecords, ReadsATableWhateverTheOrderOfItsParts) {
  const std::string index = R"("index": [7, 9])";
  const std::string columns = R"("columns": ["structure", "k_vrh", "name", "flag", "gap"])";
  const std::string data = R"("data": [[)" + kCrystal + R"(, 12.5, "a \"quoted\" ]} name", true, null], [)" +
                           kCrystal + R"(, NaN, null, false, -3e2]])";
  for (const auto& json : {"{" + index + "," + columns + "," + data + "}",
                           "{" + data + ",\n " + columns + ", " + index + "}\n"}) {
    const auto listed = list_json_records(json, "t.json", "t");

    EXPECT_THAT(listed.number_names, ElementsAre("k_vrh", "gap"));
    EXPECT_THAT(listed.skipped, ElementsAre("name", "flag"));
    ASSERT_EQ(listed.records.size(), 2u);
    EXPECT_EQ(listed.records[0].id, "7");
    EXPECT_EQ(listed.records[1].place, "data[1]");
    EXPECT_EQ(listed.records[0].numbers[0], 12.5);
    EXPECT_TRUE(std::isnan(listed.records[0].numbers[1]));
    EXPECT_TRUE(std::isnan(listed.records[1].numbers[0]));
    EXPECT_EQ(listed.records[1].numbers[1], -300.0);
    EXPECT_EQ(listed.records[0].structure, kCrystal);
  }
}

TEST(JsonRecords, PrefersDictToCifToPoscar) {
  const std::string cif = R"("data_x\n_cell_length_a 4\n")";
  const std::string poscar = R"("x\n1\n4 0 0\n0 4 0\n0 0 4\nSi\n1\nDirect\n0 0 0\n")";
  const auto format_of_row = [](const std::string& columns, const std::string& row) {
    const auto listed =
        list_json_records(R"({"columns": [)" + columns + R"(], "data": [[)" + row + "]]}", "t.json", "t");
    return listed.records.at(0).format;
  };

  EXPECT_EQ(format_of_row(R"("poscar", "cif", "structure")", poscar + "," + cif + "," + kCrystal),
            SourceFormat::StructureJson);
  EXPECT_EQ(format_of_row(R"("poscar", "cif")", poscar + "," + cif), SourceFormat::CifInJson);
  EXPECT_EQ(format_of_row(R"("note", "poscar")", R"("a\nb",)" + poscar), SourceFormat::PoscarInJson);
}

TEST(JsonRecords, ReadsDocumentsListedOrUnderData) {
  const std::string documents =
      R"([{"material_id": "mp-2", "structure": )" + kCrystal +
      R"(, "band_gap": 1.5, "symmetry": {"number": 225}}, {"material_id": "mp-1", "structure": null,
                                "band_gap": 0}, )" +
      kCrystal + "]";
  for (const auto& json : {documents, R"({"meta": {"total": 3}, "data": )" + documents + "}"}) {
    const auto listed = list_json_records(json, "d.json", "d");

    ASSERT_EQ(listed.records.size(), 3u);
    EXPECT_EQ(listed.records[0].id, "mp-2");
    EXPECT_EQ(listed.records[0].numbers, std::vector<double>{1.5});
    EXPECT_THAT(listed.records[1].reason, HasSubstr("must have a structure in 'structure'"));
    EXPECT_EQ(listed.records[2].id, "2") << "a document without an id goes by its position";
    EXPECT_THAT(listed.number_names, ElementsAre("band_gap"));
    EXPECT_THAT(listed.skipped, ElementsAre("symmetry"));
  }
}

TEST(JsonRecords, ReadsASingleStructure) {
  const std::string text = "\n " + kCrystal + "\n";

  const auto listed = list_json_records(text, "mp-3.json", "mp-3");

  ASSERT_EQ(listed.records.size(), 1u);
  EXPECT_EQ(listed.records[0].id, "mp-3");
  EXPECT_EQ(read_structure_json(listed.records[0].structure, "x").num_atoms(), 1u);
}

TEST(JsonRecords, ListDocumentsAndRowsThatAreNoneBesideTheGoodOnes) {
  const auto good = R"({"id": "a", "structure": )" + kCrystal + "}";
  const auto documents = list_json_records("[null, " + good + R"(, 7, {"id": "b" "c"}])", "d.json", "d");
  const auto table =
      list_json_records(R"({"columns": ["structure"], "data": [[)" + kCrystal + "], null]}", "t.json", "t");

  ASSERT_EQ(documents.records.size(), 4u);
  EXPECT_THAT(documents.records[0].reason, HasSubstr("must be a JSON object with a structure, got null"));
  EXPECT_EQ(documents.records[1].reason, "");
  EXPECT_EQ(documents.records[2].place, "[2]");
  EXPECT_THAT(documents.records[3].reason, HasSubstr("separated by commas"));
  ASSERT_EQ(table.records.size(), 2u);
  EXPECT_EQ(table.records[0].reason, "");
  EXPECT_THAT(table.records[1].reason, HasSubstr("a row must be a list of values, got null"));
}

TEST(JsonRecords, NamesTheFault) {
  const auto fault = [](const std::string& json) {
    return test::message_of<ReadError>([&] { list_json_records(json, "t.json", "t"); });
  };
  EXPECT_THAT(fault(""), HasSubstr("t.json:1: the JSON text ends early"));
  EXPECT_THAT(fault("{\n\"data\": [\n[1, 2"), AllOf(StartsWith("t.json:3: "), HasSubstr("never closed")));
  EXPECT_THAT(fault("{\"a\": \"b"), HasSubstr("a JSON string is never closed"));
  EXPECT_THAT(fault("{\"a\" 1}"), HasSubstr("must be followed by a colon"));
  EXPECT_THAT(fault("[1, null]"), HasSubstr("[0] must be a JSON object"));
  EXPECT_THAT(fault(kCrystal + "}"), HasSubstr("must end here"));
  EXPECT_THAT(fault("{\"a\": 1}"), HasSubstr("got a JSON object without any of these"));
  EXPECT_THAT(fault(R"({"columns": ["a", "b"], "data": [[1]]})"),
              HasSubstr("data[0] must have 2 values as columns has, got 1"));
}

}  // namespace
}  // namespace tessera::crystal
