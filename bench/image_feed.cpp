// SPDX-License-Identifier: Apache-2.0
// Pieces of micrographs a second, on one core, out of HDF5 shards as training takes them: crop, mirrored and
// turned by any angle, image and mask, in batches. Prints key=value figures, of the first epoch, which reads
// the shards, and of the later ones:
//   bench_image_feed DATASET SIDE [BATCH]
#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "core/freed_memory.hpp"
#include "timing.hpp"
#include "train/dataset.hpp"

namespace {

using namespace tessera;

constexpr std::int64_t kPieces = 4000;  // at least, in the epochs after the first

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_image_feed DATASET SIDE [BATCH]\n");
    return 2;
  }
  const std::int64_t side = std::stoll(argv[2]);
  const std::int64_t batch_size = argc > 3 ? std::stoll(argv[3]) : 8;
  at::set_num_threads(1);
  core::keep_freed_memory();

  const auto dataset = train::open_images(argv[1], std::size_t{2} << 30);
  const auto task = train::make_segmentation_task(2, "bce_dice");
  const train::PatchOptions patch{.side = side, .augmentation = {.dihedral = true, .rotate = true}};
  const auto feed = dataset->make_feed(*task, models::Features::Image, patch, torch::kCPU);

  std::vector<std::int64_t> records(dataset->index().rows().size());
  std::iota(records.begin(), records.end(), 0);
  const std::int64_t count = std::ssize(records), epochs = 1 + (kPieces + count - 1) / count;
  std::mt19937 order(0);
  double checksum = 0, first = 0;
  std::vector<double> later;
  std::int64_t step = 0;
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
    std::ranges::shuffle(records, order);
    const double seconds = bench::seconds_of([&] {
      for (std::int64_t begin = 0; begin < count; begin += batch_size) {
        const auto size = static_cast<std::size_t>(std::min(batch_size, count - begin));
        const auto batch =
            feed->training_batch(std::span(records).subspan(static_cast<std::size_t>(begin), size), step++);
        checksum += batch.images.grey[0][0][0][0].item<float>();
      }
    });
    if (epoch == 0)
      first = seconds;
    else
      later.push_back(seconds);
  }
  fmt::print(
      "images={} side={} batch={} first_epoch_images_per_second={:.0f} images_per_second={:.0f} "
      "checksum={:.3f}\n",
      count, side, batch_size, static_cast<double>(count) / first,
      static_cast<double>(count) / bench::median(later), checksum);
  return 0;
}
