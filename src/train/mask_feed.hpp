// SPDX-License-Identifier: Apache-2.0
// Micrographs with a class for every pixel, for networks that answer for every pixel.
#pragma once

#include <memory>

#include "data/store.hpp"
#include "train/dataset.hpp"

namespace tessera::train {

/// Pieces at random to train on, whole images otherwise, those of another size padded; each image
/// standardised by itself, as its boundaries are told by contrast. Keeps a reference to the store.
std::unique_ptr<Feed> make_mask_feed(const data::ImageStore& store, const PatchOptions& patch,
                                     torch::Device device);

}  // namespace tessera::train
