// SPDX-License-Identifier: Apache-2.0
// Images as numbers that nobody trained: descriptors of microstructures, and what a fixed encoder answers on
// average. Every rank describes its share of the images.
#pragma once

#include <span>

#include "data/store.hpp"
#include "dist/communicator.hpp"
#include "models/encoders/encoder.hpp"
#include "train/ridge.hpp"

namespace tessera::jobs {

/// Collective. Row i is of records[i], by microstructure::ImageDescriptors of these images. A rank that is
/// asked to stop (dist::stop_asked) leaves the rest of its share out: the table is then of no use.
train::FeatureTable descriptor_features(const dist::Communicator& comm, const data::ImageStore& images,
                                        std::span<const std::int64_t> records);

/// Collective. Likewise, of each of the encoder's layers the mean over all places of each channel:
/// "conv4_4_17". Raises as make_encoder and Encoder::activations do.
train::FeatureTable encoder_features(const dist::Communicator& comm, const data::ImageStore& images,
                                     std::span<const std::int64_t> records,
                                     const models::EncoderOptions& options, torch::Device device);

/// Local. Raises what encoder_features of these images would raise, before hours are spent on other things.
void check_encoder(const models::EncoderOptions& options, const data::DatasetIndex& index);

}  // namespace tessera::jobs
