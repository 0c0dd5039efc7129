// SPDX-License-Identifier: Apache-2.0
// Feeds mutated CIF, POSCAR, JSON and TOML texts to their readers: each input must be read or refused with
// one of our errors, never crash or hang. `fuzz_readers COUNT SEED` runs COUNT inputs; the same SEED makes
// the same ones.
#include <fmt/core.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/config.hpp"
#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "crystal/readers/cif_reader.hpp"
#include "crystal/readers/json_reader.hpp"
#include "crystal/readers/json_records.hpp"
#include "crystal/readers/poscar_reader.hpp"
#include "crystal/readers/source.hpp"

namespace {

using namespace tessera;

const std::string kCif =
    "# made\ndata_rutile\n_symmetry_space_group_name_H-M   'P 42/m n m'\n_cell_length_a   "
    "4.594(1)\n_cell_length_b   4.594\n"
    "_cell_length_c   2.959\n_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma "
    "90\n_journal\n;\ntext\n;\n"
    "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n'-x, -y, z'\n'-y+1/2, x+1/2, z+1/2'\n'y+1/2, -x+1/2, "
    "z+1/2'\n"
    "'-x,-y,-z'\n'x,y,-z'\nloop_\n_atom_site_type_symbol\n_atom_site_label\n_atom_site_fract_x\n_atom_site_"
    "fract_y\n"
    "_atom_site_fract_z\n_atom_site_occupancy\nTi4+ Ti1 0 0 0 1\nO2- O1 0.3053 0.3053 0 1\nO2- O2 0.69470 "
    "0.69470 0.0 ?\n";
const std::string kNamedCif =
    "data_salt\n_space_group_name_H-M_alt 'F m -3 m'\n_space_group_IT_number 225\n_space_group_name_Hall '-F "
    "4 2 3'\n"
    "_cell_length_a 5.64\n_cell_length_b 5.64\n_cell_length_c 5.64\n_cell_angle_alpha 90\n_cell_angle_beta "
    "90\n"
    "_cell_angle_gamma "
    "90\nloop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
    "Na1 0 0 0\nCl1 0.5 0.5 0.5\n";
const std::string kPoscar =
    "cubic diamond\n-43.2\n0.0 0.5 0.5\n0.5 0.0 0.5\n0.5 0.5 0.0\nSi C\n1 2\nSelective dynamics\nDirect\n"
    "0.0 0.0 0.0 T T F\n0.25 0.25 0.25 F F F\n-0.1 1.5 0.75 T T T\n";
const std::string kStructure =
    R"({"@class": "Structure", "lattice": {"matrix": [[4.2, 0.0, 0.0], [0, 4.2, 1e-3], [0, 0, 4.2]], "a": 4.2}, "sites":
[{"species": [{"element": "Mg", "occu": 1}], "abc": [0, 0, 0], "xyz": [0, 0, 0], "label": "Mg"},
{"species": [{"element": "O2-", "occu": 1.0}], "abc": [0.5, 0.5, 0.5], "properties": {"magmom": -1.5}}]})";
const std::string kTable =
    R"({"index": [0, 1], "columns": ["material_id", "structure", "k", "poscar", "note"], "data":
[["mp-1", )" +
    kStructure +
    R"(, 12.5, "x\n1\n4 0 0\n0 4 0\n0 0 4\nSi\n1\nDirect\n0 0 0\n", "a \"b\" \u00e9"], ["mp-2", null, NaN, null, false]]})";
const std::string kToml =
    "# a run\n[data]\ndataset = \"made\"\nsplit = {by = \"random\", train = 0.6, seed = 0}\n[model]\nname = "
    "'cgcnn'\n"
    "num_convolutions = 3\nwidths = [64, 0x40, 1_000]\n[train]\nlearning_rate = 1e-3\nearly = true\nwhen = "
    "2026-11-22T17:11:55Z\n"
    "[[parameter]]\nkey = \"\"\"a\nb\"\"\"\nlow = -inf\n";

struct Target {
  std::string name;
  std::string seed;
  std::function<void(const std::string&)> read;
};

crystal::SourceEntry entry_of(crystal::SourceFormat format) {
  crystal::SourceEntry entry;
  entry.source = "fuzz";
  entry.format = format;
  return entry;
}

std::vector<Target> make_targets() {
  using crystal::SourceFormat;
  const auto crystal_of = [](SourceFormat format) {
    return [format](const std::string& text) { crystal::parse_entry(entry_of(format), text); };
  };
  return {
      {"cif", kCif, crystal_of(SourceFormat::Cif)},
      {"cif", kNamedCif, crystal_of(SourceFormat::Cif)},
      {"poscar", kPoscar, crystal_of(SourceFormat::Poscar)},
      {"json", kStructure, crystal_of(SourceFormat::StructureJson)},
      {"json table", kTable,
       [](const std::string& text) {
         for (const auto& record : crystal::list_json_records(text, "fuzz", "fuzz").records)
           if (record.reason.empty()) crystal::parse_entry(entry_of(record.format), record.structure);
       }},
      {"toml", kToml,
       [](const std::string& text) {
         core::Config config = core::Config::from_text(text, "fuzz.toml");
         config.table("train").number("learning_rate", 1.0);
         config.table("model").integer("num_convolutions", 3);
         config.table("data").text("dataset", "");
         try {
           config.refuse_unknown();
         } catch (const core::InputError&) {  // it has keys nobody reads
         }
       }},
      {"index", "1,1,0,2\n=,a.cif\n=,k\nmp-1,\"a,b\",,0,0,0,0,,1.5\nmp-2,x,why,3,2,0,10,20,\n",
       [](const std::string& text) { crystal::index_from_text(text); }},
  };
}

// What breaks readers: numbers out of range, nesting, quotes, counts, bytes that are no text.
constexpr std::array<const char*, 34> kWords = {
    "0",        "-1",         "1e308",   "1e-320", "-0.0",    "nan",     "inf",     "99999999999999999999",
    "1e99999",  "2147483648", "0.5(",    ")",      "'",       "\"",      ";",       "\n;",
    "\n",       "\r",         "\t",      "#",      "loop_\n", "data_",   "save_x ", "_cell_length_a ",
    "[[[[[[[[", "]]]]",       "{\"a\":", "}",      "\\",      "\\ud800", "? ",      "20000 20000",
    "x,y,z\n",  "[a.b.c]\n"};

std::string mutate(std::string text, const std::string& other, core::RandomStream& random) {
  const std::uint64_t changes = 1 + random.below(3);
  for (std::uint64_t change = 0; change < changes; ++change) {
    const std::size_t at = random.below(text.size() + 1);
    const std::size_t length = random.below(std::min<std::size_t>(40, text.size() - at) + 1);
    switch (random.below(9)) {
      case 0:  // another byte
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
        break;
      case 1:  // a bit flipped
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        break;
      case 2: text.erase(at, length); break;
      case 3: text.insert(at, kWords[random.below(kWords.size())]); break;
      case 4:  // a piece again, somewhere else
        text.insert(random.below(text.size() + 1), text.substr(at, length));
        break;
      case 5:  // a number replaced
        if (const std::size_t digit = text.find_first_of("0123456789", at); digit != text.npos)
          text.replace(digit, 1, kWords[random.below(11)]);
        break;
      case 6:  // cut off, or a piece many times over
        if (random.below(4) == 0) {
          text.resize(at);
        } else {
          const std::string piece = text.substr(at, 1 + random.below(4));
          std::string many;
          for (std::uint64_t i = random.below(2000); i > 0; --i) many += piece;
          text.insert(at, many);
        }
        break;
      case 7: {  // nested, sometimes deeper than any stack
        const std::size_t depth = random.below(20) == 0 ? 100'000 : 1 + random.below(100);
        const std::size_t digit = std::min(text.find_first_of("0123456789", at), text.size());
        text.insert(digit, std::string(depth, '['));
        text.insert(std::min(digit + depth + 1, text.size()), std::string(depth, ']'));
        break;
      }
      default: {  // a piece of another format
        const std::size_t from = random.below(other.size());
        text.insert(at, other.substr(from, 1 + random.below(60)));
      }
    }
  }
  return text;
}

constexpr unsigned kHangSeconds = 20;

int run(std::uint64_t count, std::uint64_t seed) {
  const std::vector<Target> targets = make_targets();
  for (const Target& target : targets) target.read(target.seed);  // the seeds themselves are good
  std::uint64_t read = 0, refused = 0;
  double slowest = 0.0;
  for (std::uint64_t i = 0; i < count; ++i) {
    core::RandomStream random(seed, "fuzz", i);
    const Target& target = targets[i % targets.size()];
    const std::string text = mutate(target.seed, targets[random.below(targets.size())].seed, random);
    ::alarm(kHangSeconds);  // a hang ends the program by SIGALRM
    const core::Stopwatch watch;
    try {
      target.read(text);
      ++read;
    } catch (const core::InternalError& error) {
      fmt::print(stderr, "input {} ({}): {}\n{}\n", i, target.name, error.what(), text);
      return 1;
    } catch (const core::Error&) {
      ++refused;
    } catch (const std::exception& error) {
      fmt::print(stderr, "input {} ({}) ended in an error that is not ours: {}\n{}\n", i, target.name,
                 error.what(), text);
      return 1;
    }
    if (watch.seconds() > slowest) slowest = watch.seconds();
  }
  fmt::print("inputs={} read={} refused={} slowest_seconds={:.3f}\n", count, read, refused, slowest);
  return read > 0 && refused > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  return run(count, seed);
}
