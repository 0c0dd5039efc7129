// SPDX-License-Identifier: Apache-2.0
// Megapixels a second of measuring boundary masks, on one core, of masks held in memory.
//   bench_measure MOSAIC.png [MASK…]   draws a Voronoi mosaic of 1024² px there, for others to measure too;
//   further
//                                      masks: boundaries are pixels above 0
// Prints key=value figures, a line for each mask and stage: of five rounds the middle one by the processor's
// time. Of the mosaic, whose length is known, also the error of the length measured.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <string>

#include "microstructure/boundary_length.hpp"
#include "microstructure/boundary_measurement.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/png_writer.hpp"
#include "microstructure/mask_agreement.hpp"
#include "microstructure/mask_rule.hpp"
#include "microstructure/shapes.hpp"
#include "microstructure/skeleton.hpp"
#include "timing.hpp"

namespace {

using namespace tessera::microstructure;

struct Stage {
  const char* name;
  std::function<double(const Mask&)> work;  // its result, so that nothing is left out
};

const std::array kStages = {
    Stage{"skeleton", [](const Mask& mask) { return static_cast<double>(boundary_skeleton(mask).size()); }},
    Stage{"skeleton_length",
          [](const Mask& mask) {
            auto graph = make_skeleton_graph(boundary_skeleton(mask));
            prune_spurs(graph, mask);
            return boundary_length(graph);
          }},
    Stage{"measure",
          [](const Mask& mask) { return measure_boundaries(mask, trace_boundaries(mask)).length_px; }},
    Stage{"agreement", [](const Mask& mask) { return compare_masks(mask, mask).true_length; }},
};

void measure(const std::string& set, const Mask& mask, double true_length) {
  const double megapixels = 1e-6 * static_cast<double>(mask.size());
  const double share =
      static_cast<double>(std::ranges::count(mask.values(), 1)) / static_cast<double>(mask.size());
  for (const Stage& stage : kStages) {
    double result = 0;
    const double seconds = tessera::bench::median_seconds(5, [&] { result = stage.work(mask); });
    fmt::print("set={} stage={} share={:.3f} mpx={:.3f} mpx_per_second={:.1f}", set, stage.name, share,
               megapixels, megapixels / seconds);
    if (stage.name != std::string("skeleton")) fmt::print(" length_px={:.1f}", result);
    if (true_length > 0 && stage.name != std::string("skeleton"))
      fmt::print(" length_error_percent={:.2f}", 100 * (result / true_length - 1));
    fmt::print("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_measure MOSAIC.png [MASK…]\n");
    return 2;
  }
  const auto mosaic = tessera::test::draw_mosaic(1024, 600, 4, 1);
  fmt::print("mosaic={} true_length_px={:.1f}\n", argv[1], mosaic.length);
  Mask shown = mosaic.mask;
  for (auto& pixel : shown.values()) pixel = pixel ? 255 : 0;
  write_png(argv[1], shown);
  measure("mosaic", mosaic.mask, mosaic.length);
  for (int i = 2; i < argc; ++i)
    measure(std::filesystem::path(argv[i]).stem().string(),
            mask_of(read_image(argv[i]).grey, {.rule = MaskRule::Bright, .threshold = 1}), 0);
}
