// SPDX-License-Identifier: Apache-2.0
// tessera predict: what a network has never seen, from the files it comes in: crystals to a table,
// micrographs to masks, or to a table where a number of each was learnt.
#include <fmt/core.h>

#include "core/error.hpp"
#include "dist/run_job.hpp"
#include "dist/tensor/device.hpp"
#include "jobs/grad_cam_pictures.hpp"
#include "jobs/predict_crystals.hpp"
#include "jobs/predict_image_labels.hpp"
#include "jobs/predict_images.hpp"
#include "train/trained_run.hpp"

namespace {

using namespace tessera;

int predict(dist::Communicator& world, const jobs::PredictArguments& arguments) {
  if (arguments.batch < 1)
    throw core::InputError(fmt::format("--batch must be 1 or more, got {}", arguments.batch));
  if (arguments.tile < 32 || arguments.overlap < 0 || arguments.overlap >= arguments.tile)
    throw core::InputError(fmt::format("--tile must be 32 or more and --overlap below it, got {} and {}",
                                       arguments.tile, arguments.overlap));
  const torch::Device device = dist::choose_device("auto", world);
  dist::prepare_threads(dist::threads_for_rank(world));
  const auto run = world.together(
      "open the run", [&] { return train::open_trained_run(arguments.run, arguments.checkpoint, device); });
  if (!arguments.grad_cam.empty() && !jobs::traceable_network(run))
    throw core::InputError(fmt::format(
        "--grad-cam must be of a run that has learnt a number of each image (rcfnet, vgg_regressor), and {} "
        "has learnt {}. Leave it out.",
        arguments.run, run.record.target.name));
  if (run.network->features() != models::Features::Image)
    jobs::predict_crystals(world, run, arguments, device);
  else if (run.network->is_of_pixels())
    jobs::predict_images(world, run, arguments, device);
  else
    jobs::predict_image_labels(world, run, arguments, device);
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  jobs::PredictArguments arguments;
  core::CommandLine line(
      "predict",
      "Predictions for new inputs. Crystals, and images of which a number was learnt: a table id,prediction "
      "in the target's own unit. Micrographs of which masks were learnt: a folder with a mask and an overlay "
      "of each, and what they measure in measure.csv. Inputs that cannot be used are listed in "
      "quarantine.csv "
      "beside them.",
      "tessera predict runs/k new_crystals/ more.tar.xz --out predictions.csv\n"
      "  tessera predict runs/grain_boundary micrographs/ --flips --out predicted/");
  line.positional("RUN", arguments.run, "run folder");
  line.positionals("INPUT", arguments.inputs,
                   "CIF, POSCAR or JSON files, folders or archives of them; or micrographs, folders of them");
  line.option("--out", arguments.out, "table to write; of masks the folder", true);
  line.choice("--checkpoint", arguments.checkpoint, {"best", "last"}, "which weights");
  line.option("--batch", arguments.batch, "crystals at a time");
  line.option("--tile", arguments.tile, "masks: edge of the tiles a large micrograph is cut into, px");
  line.option("--overlap", arguments.overlap, "masks: of neighbouring tiles, px");
  line.flag("--flips", arguments.flips, "images: the mean over the eight symmetries of the square");
  line.option("--grad-cam", arguments.grad_cam,
              "numbers of images: write here, as NAME_grad_cam.png, each image beside what its prediction "
              "hangs on: orange raises it, blue lowers it");
  line.flag("--probabilities", arguments.probabilities,
            "masks: write the boundary's probability too, 16-bit PNG");
  line.option("--um-per-px", arguments.um_per_px,
              "masks: width of a pixel in µm; 0: as the file says, if it does");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return predict(world, arguments); });
}
