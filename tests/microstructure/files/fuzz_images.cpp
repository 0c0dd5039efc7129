// SPDX-License-Identifier: Apache-2.0
// Feeds mutated PNG, JPEG, TIFF and NPY files to their readers: each must be read or refused with one of our
// errors, never crash or hang. `fuzz_images COUNT SEED`; the same SEED makes the same files.
#include <opencv2/core/utils/logger.hpp>

#include "core/file.hpp"
#include "core/random.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/made_images.hpp"
#include "support/fuzz_loop.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace tessera;

std::vector<std::string> make_seeds(const std::filesystem::path& path) {
  const auto levels = test::made_levels(24, 40, 255);
  cv::Mat grey(24, 40, CV_8UC1), colours(24, 40, CV_8UC3), deep(24, 40, CV_16UC1);
  cv::randu(grey, 0, 255);
  cv::randu(colours, 0, 255);
  cv::randu(deep, 0, 65535);
  std::vector<std::string> seeds = {test::encoded(".png", grey),
                                    test::encoded(".png", colours),
                                    test::encoded(".png", deep),
                                    test::encoded(".jpg", grey),
                                    test::encoded(".jpg", colours),
                                    test::npy_bytes("<f8", "(2, 4, 8)", std::string(512, '\0')),
                                    test::npy_bytes("|u1", "(8, 8)", std::string(64, 'a'), true)};
  const auto add = [&](const std::vector<std::vector<test::Grey>>& pages, const test::TiffOptions& options) {
    test::write_tiff(path, pages, options);
    seeds.push_back(core::read_file(path));
  };
  add({{levels}, {levels}}, {});
  add({{levels}}, {.bits = 16, .compression = COMPRESSION_LZW, .tile = 16, .mode = "wb"});
  add({{levels, levels, levels}},
      {.photometric = PHOTOMETRIC_RGB, .compression = COMPRESSION_ADOBE_DEFLATE, .in_planes = true});
  add({{levels, levels, levels}},
      {.photometric = PHOTOMETRIC_RGB, .compression = COMPRESSION_JPEG, .rows_per_strip = 8});
  add({{levels}},
      {.bits = 1, .photometric = PHOTOMETRIC_MINISWHITE, .compression = COMPRESSION_CCITTFAX4, .mode = "w8"});
  return seeds;
}

// Half of the changes fall into the first bytes or the last, where the headers stand.
std::size_t place(const std::string& bytes, core::RandomStream& random) {
  constexpr std::uint64_t kHeader = 160;
  const auto near = random.below(std::min<std::uint64_t>(kHeader, bytes.size()));
  switch (random.below(4)) {
    case 0: return near;
    case 1: return bytes.size() - 1 - near;
    default: return random.below(bytes.size());
  }
}

std::string mutate(std::string bytes, core::RandomStream& random) {
  constexpr unsigned char kWords[] = {0, 1, 2, 3, 4, 8, 127, 128, 254, 255};
  for (std::uint64_t changes = 1 + random.below(4); changes > 0 && !bytes.empty(); --changes) {
    const auto at = place(bytes, random);
    switch (random.below(7)) {
      case 0: bytes[at] = static_cast<char>(random.below(256)); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8))); break;
      case 2: bytes[at] = static_cast<char>(kWords[random.below(std::size(kWords))]); break;
      case 3: bytes.erase(at, random.below(20)); break;
      case 4: bytes.insert(at, bytes.substr(random.below(bytes.size()), random.below(40))); break;
      case 5: bytes.replace(at, std::min<std::size_t>(4, bytes.size() - at), std::string(4, '\xff')); break;
      default:
        if (random.below(4) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const test::FuzzArguments arguments(argc, argv);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const test::TemporaryFolder folder;
  const auto path = folder / "fuzz";
  const auto seeds = make_seeds(path);
  const auto read = [&](const std::string& bytes) {
    test::write_bytes(path, bytes);
    microstructure::ImageReader reader;
    for (std::size_t page = 0; page < reader.headers(path).size(); ++page) reader.read(path, page);
  };
  for (const auto& seed : seeds) read(seed);  // the seeds themselves are good
  return test::fuzz_loop(arguments.count, [&](std::uint64_t round) {
    core::RandomStream random(arguments.seed, "fuzz images", round);
    read(mutate(seeds[round % seeds.size()], random));
  });
}
