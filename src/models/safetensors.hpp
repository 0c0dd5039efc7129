// SPDX-License-Identifier: Apache-2.0
// Named tensors in Hugging Face's safetensors format: an 8-byte length, a JSON header, the raw data. Any
// Python user reads them without Tessera. Tensors are laid in the order of their names.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

namespace tessera::models {

using NamedTensors = std::map<std::string, torch::Tensor>;

/// Writes atomically; tensors may lie on any device. Raises DataError where the file cannot be written.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors);

/// Tensors on the CPU. Raises InputError where the file is missing, DataError where its content is damaged:
/// every size and offset is checked before it is used.
NamedTensors read_safetensors(const std::filesystem::path& path);
NamedTensors parse_safetensors(std::string_view content, const std::string& source);

/// SHA-256 over the bytes of all tensors in the order of their names.
std::string sha256_of(const NamedTensors& tensors);

}  // namespace tessera::models
