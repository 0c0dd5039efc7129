// SPDX-License-Identifier: Apache-2.0
// Images with a number each, for networks that answer once for an image. Pictures are of few grey levels
// where phases were told apart, and how much there is of each is what the number follows from: they all go
// by one scale, that of the records trained on, never by their own.
#pragma once

#include <memory>

#include "data/store.hpp"
#include "train/dataset.hpp"

namespace tessera::train {

/// Windows at random to train on, else the middle of each image, in one size. Keeps references to store and
/// task. Raises InputError where patch.size is 0 and the images differ in size.
std::unique_ptr<Feed> make_label_feed(const data::ImageStore& store, const Task& task,
                                      const PatchOptions& patch, torch::Device device);

/// What a network of labels is shown of an image but in training: its largest square in the middle, of
/// patch.size, or all of it where that is 0; on the scale patch.grey.
microstructure::Raster<float> label_picture(const microstructure::Image& image, const PatchOptions& patch);

}  // namespace tessera::train
