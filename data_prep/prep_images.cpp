// SPDX-License-Identifier: Apache-2.0
// `tessera prep images`: micrographs, their masks and labels to a dataset.
#include <fmt/core.h>

#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "data_prep/image_preparation.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"

using namespace tessera;

namespace {

struct Arguments {
  std::vector<std::string> images, masks;
  std::string labels, out, group, mask_rule = "dark";
  std::int64_t threshold = 128, tile = 0, overlap = 0, shard_records = 256;
  double um_per_px = 0;
  bool strict = false, fresh = false;
};

void declare(core::CommandLine& line, Arguments& arguments) {
  line.list("--images", arguments.images,
            "folders of PNG, JPEG, TIFF (8 or 16 bit, several pages) and NPY, or files");
  line.list("--masks", arguments.masks,
            "folders of masks: that of the image of the same name, or of the name and _mask, _label, …");
  line.option("--labels", arguments.labels,
              "CSV with a header: the image's name in the column id, image or the first; each other numeric "
              "column is "
              "a target");
  line.option("--out", arguments.out, "the dataset's folder; started again, only what is missing is made",
              true);
  line.choice("--mask-rule", arguments.mask_rule, {"dark", "bright", "values"},
              "dark: boundary where the mask is below the threshold; bright: where it is not; values: each "
              "grey level "
              "is a class");
  line.option("--threshold", arguments.threshold, "grey level as stored");
  line.option(
      "--group", arguments.group,
      "regular expression whose first group in an image's name names the parent that a split keeps together, "
      "such as '^([^_]+)'");
  line.option("--tile", arguments.tile, "cut images into squares of so many pixels; 0: whole images");
  line.option("--overlap", arguments.overlap, "of neighbouring tiles, px");
  line.option("--um-per-px", arguments.um_per_px,
              "micrometres a pixel, in place of what the files tell; 0: as they tell");
  line.option("--shard-records", arguments.shard_records, "images or tiles a shard is made from");
  line.flag("--strict", arguments.strict, "the first image that cannot be used ends everything (exit 1)");
  line.flag("--fresh", arguments.fresh, "remove another preparation that is in the folder");
}

std::vector<std::string> absolute(const std::vector<std::string>& paths) {
  std::vector<std::string> all;
  for (const auto& path : paths) {
    auto normal = std::filesystem::absolute(path).lexically_normal();
    if (!normal.has_filename() && normal.has_relative_path()) normal = normal.parent_path();
    all.push_back(normal.string());
  }
  return all;
}

data_prep::ImagePreparation settings_from(const Arguments& arguments) {
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) throw core::InputError(message);
  };
  require(!arguments.images.empty(), "--images must name at least one folder or file of images");
  require(arguments.shard_records >= 1,
          fmt::format("--shard-records must be at least 1, got {}", arguments.shard_records));
  require(arguments.threshold >= 0 && arguments.threshold <= 65535,
          fmt::format("--threshold must be a grey level, 0 to 65535, got {}", arguments.threshold));
  require(arguments.tile == 0 || (arguments.tile >= 16 && arguments.tile <= 16384),
          fmt::format("--tile must be 16 to 16384 pixels, or 0 for whole images, got {}", arguments.tile));
  require(arguments.overlap >= 0 && (arguments.overlap == 0 || arguments.overlap < arguments.tile),
          fmt::format("--overlap must be 0 to --tile - 1, got {}", arguments.overlap));
  require(arguments.um_per_px >= 0, fmt::format("--um-per-px must be above 0, got {}", arguments.um_per_px));
  data_prep::ImagePreparation settings;
  auto& sources = settings.sources;
  sources.images = absolute(arguments.images);
  sources.masks = absolute(arguments.masks);
  if (!arguments.labels.empty()) sources.labels = absolute({arguments.labels}).front();
  sources.group = arguments.group;
  sources.mask_rule = microstructure::mask_rule_from_name(arguments.mask_rule);
  sources.threshold = static_cast<int>(arguments.threshold);
  if (arguments.um_per_px > 0) sources.um_per_px = arguments.um_per_px;
  sources.tile = static_cast<int>(arguments.tile);
  sources.overlap = static_cast<int>(arguments.overlap);
  settings.shard_records = arguments.shard_records;
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "prep images", "Micrographs, their masks and labels to a dataset in HDF5 shards.",
      "mpirun -n 2 tessera prep images --images scans --masks scans_masks --group '^([^_]+)' --out "
      "dataset");
  Arguments arguments;
  declare(line, arguments);
  return dist::run_job(argc, argv, line, [&](dist::Communicator& comm) {
    const core::Stopwatch watch;
    dist::watch_stop_signals();
    const auto settings = comm.together("reading the arguments", [&] { return settings_from(arguments); });
    const auto summary = data_prep::prepare_images(comm, settings, arguments.out,
                                                   {.strict = arguments.strict,
                                                    .overwrite = arguments.fresh,
                                                    .progress = !line.quiet(),
                                                    .stops_in_time = true});
    return data_prep::report_summary(comm, summary, arguments.out, "image", watch.seconds());
  });
}
