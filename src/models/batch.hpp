// SPDX-License-Identifier: Apache-2.0
// What a network is fed: samples of different size one behind the other, with an index telling which sample
// each row belongs to; no padding. A network reads the parts it says it needs.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tessera::models {

/// CGCNN's graph of a batch.
struct GraphBatch {
  torch::Tensor element;   // (atoms) int64, atomic number
  torch::Tensor neighbor;  // (atoms, neighbors) int64, row of this batch's atoms
  torch::Tensor distance;  // (atoms, neighbors) float32, Å
  torch::Tensor sample;    // (atoms) int64, rising
};

/// Triangular faces of a batch of meshes.
struct MeshBatch {
  torch::Tensor center;   // (faces, 3) float32, Å, from the mean of the crystal's face centres; periodic: 0
  torch::Tensor edge;     // (faces, 3) float32, Å, edge lengths, ascending
  torch::Tensor normal;   // (faces, 3) float32, unit
  torch::Tensor corner;   // (faces, 9) float32, Å, corner minus face centre
  torch::Tensor element;  // (faces, 3) int64, atomic numbers of the corners
  torch::Tensor sample;   // (faces) int64, rising
};

/// Atoms as points, for PointNet.
struct PointBatch {
  torch::Tensor position;  // (points, 3) float32, Å, from the crystal's centroid
  torch::Tensor element;   // (points) int64
  torch::Tensor sample;    // (points) int64, rising
};

/// Micrographs of one size, those of another padded.
struct ImageBatch {
  // (samples, 1, height, width) float32, of mean 0 and deviation 1: each image for itself where its pixels
  // are learnt, all of them together where a number of each is
  torch::Tensor grey;
  torch::Tensor extent;  // (samples, 2) int64, height and width without padding, which is below and right
};

/// The class of a pixel that is padding: no loss, no metric counts it.
inline constexpr std::int64_t kOutside = 255;

struct Batch {
  std::int64_t num_samples = 0;
  std::vector<std::int64_t> records;  // (samples) record numbers in the dataset
  // (samples) float32 standardised, or int64 classes; of pixels (samples, height, width) int64 classes,
  // kOutside where there is no image; undefined at prediction
  torch::Tensor target;
  GraphBatch graph;
  MeshBatch mesh;
  PointBatch points;
  ImageBatch images;

  Batch to(torch::Device device) const;
};

/// Which parts of a record a network reads.
enum class Features { Graph, Mesh, Points, Image };

/// Every network is one of these: `forward` gives (samples, outputs); where it answers for every pixel of
/// images (samples, outputs, height, width). A parameter that asks for no gradient is not trained.
class Network : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const Batch& batch) = 0;
  virtual Features features() const = 0;
  /// Whether it answers for every pixel of an image, and not once for all of it.
  virtual bool is_of_pixels() const { return false; }
  /// What share of the learning rate the parameter of this name learns at.
  virtual double learning_rate_factor(const std::string& /*parameter*/) const { return 1; }
};

}  // namespace tessera::models
