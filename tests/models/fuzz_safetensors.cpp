// SPDX-License-Identifier: Apache-2.0
// Feeds damaged safetensors files to their reader. `fuzz_safetensors COUNT SEED`: the same SEED makes the
// same ones.
#include <string>

#include "core/file.hpp"
#include "core/random.hpp"
#include "models/safetensors.hpp"
#include "support/fuzz_loop.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace tessera;

std::string valid_file() {
  const test::TemporaryFolder folder;
  models::write_safetensors(folder / "w.safetensors",
                            {{"convs.0.weight", torch::arange(6, torch::kFloat32).reshape({2, 3})},
                             {"bias", torch::tensor({1.5, -2.5}, torch::kFloat64)},
                             {"step", torch::tensor(7, torch::kInt64)},
                             {"half", torch::tensor({0.5f, 3.0f}).to(torch::kBFloat16)},
                             {"empty", torch::empty({0, 4})}});
  return core::read_file(folder / "w.safetensors");
}

// Anything anywhere, or a digit for a digit, so that shapes and offsets lie while the header stays JSON; or a
// header of brackets within brackets; or the file's end cut off.
std::string mutated(std::string file, core::RandomStream& random) {
  const auto kind = random.below(16);
  if (kind == 0) return file.substr(0, random.below(file.size()));
  if (kind == 1) {
    const std::string header(random.below(100'000) + 1, random.below(2) ? '[' : '{');
    for (unsigned byte = 0; byte < 8; ++byte) file[byte] = static_cast<char>(header.size() >> (8 * byte));
    return file.substr(0, 8) + header;
  }
  for (std::uint64_t change = random.below(4) + 1; change > 0; --change) {
    char& byte = file[random.below(file.size())];
    const bool is_digit = byte >= '0' && byte <= '9';
    byte = static_cast<char>(is_digit && kind < 12 ? '0' + random.below(10) : random.below(256));
  }
  return file;
}

}  // namespace

int main(int argc, char** argv) {
  const test::FuzzArguments arguments(argc, argv);
  const std::string valid = valid_file();
  return test::fuzz_loop(arguments.count, [&](std::uint64_t round) {
    core::RandomStream random(arguments.seed, "mutate safetensors", round);
    models::parse_safetensors(mutated(valid, random), "fuzz.safetensors");
  });
}
