// SPDX-License-Identifier: Apache-2.0
#include "models/safetensors.hpp"

#include <fmt/core.h>

#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"

namespace tessera::models {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

struct TypeName {
  torch::ScalarType type;
  const char* name;
};
constexpr std::array<TypeName, 7> kTypes{{{torch::kFloat64, "F64"},
                                          {torch::kFloat32, "F32"},
                                          {torch::kFloat16, "F16"},
                                          {torch::kBFloat16, "BF16"},
                                          {torch::kInt64, "I64"},
                                          {torch::kInt32, "I32"},
                                          {torch::kUInt8, "U8"}}};
constexpr std::size_t kHeaderLimit = 100'000'000;  // the format's own

const char* name_of(torch::ScalarType type) {
  for (const auto& entry : kTypes)
    if (entry.type == type) return entry.name;
  throw core::InternalError("a tensor type that safetensors does not hold");
}

std::optional<torch::ScalarType> type_of(const std::string& name) {
  for (const auto& entry : kTypes)
    if (entry.name == name) return entry.type;
  return std::nullopt;
}

torch::Tensor on_cpu(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU).contiguous();
}

std::string_view bytes_of(const torch::Tensor& plain) {
  return {static_cast<const char*>(plain.data_ptr()), plain.nbytes()};
}

torch::Tensor read_tensor(const nlohmann::json& entry, std::string_view data) {
  const auto type = type_of(entry.at("dtype").get<std::string>());
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto [begin, end] = entry.at("data_offsets").get<std::pair<std::uint64_t, std::uint64_t>>();
  if (!type) throw core::DataError("has an unknown dtype");
  std::uint64_t bytes = torch::elementSize(*type);
  for (const std::int64_t extent : shape) {
    if (extent < 0 || (extent > 0 && bytes > data.size() / static_cast<std::uint64_t>(extent)))
      throw core::DataError("has a shape larger than the file");
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (begin > end || end > data.size() || end - begin != bytes)
    throw core::DataError("has offsets that do not fit its shape");
  auto tensor = torch::empty(shape, torch::TensorOptions().dtype(*type));
  if (bytes > 0) std::memcpy(tensor.data_ptr(), data.data() + begin, bytes);
  return tensor;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}};
  std::vector<torch::Tensor> plain;  // on the CPU already: no copy
  std::vector<std::string_view> pieces(2);
  std::size_t begin = 0;
  for (const auto& [name, tensor] : tensors) {
    plain.push_back(on_cpu(tensor));
    pieces.push_back(bytes_of(plain.back()));
    const std::size_t end = begin + pieces.back().size();
    header[name] = {{"dtype", name_of(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // the data starts aligned, as the reference writer has it
  const std::uint64_t length = text.size();
  pieces[0] = {reinterpret_cast<const char*>(&length), sizeof length};
  pieces[1] = text;
  core::write_file_atomically(path, pieces);
}

NamedTensors parse_safetensors(std::string_view content, const std::string& source) {
  const auto damaged = [&](const std::string& why) {
    return core::DataError(
        fmt::format("{} is damaged: {}. Copy the file again, or use an older one.", source, why));
  };
  std::uint64_t length = 0;
  if (content.size() < sizeof length) throw damaged("shorter than its header");
  std::memcpy(&length, content.data(), sizeof length);
  content.remove_prefix(sizeof length);
  if (length > content.size() || length > kHeaderLimit) throw damaged("its header is longer than the file");
  const std::string_view data = content.substr(length);

  NamedTensors tensors;
  try {
    const auto header = nlohmann::json::parse(content.substr(0, length));
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") continue;
      try {
        tensors[name] = read_tensor(entry, data);
      } catch (const core::DataError& error) {
        throw damaged(fmt::format("tensor {} {}", name, error.what()));
      }
    }
  } catch (const nlohmann::json::exception& error) {
    throw damaged(error.what());
  }
  return tensors;
}

NamedTensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(core::read_file(path), path.string());
}

std::string sha256_of(const NamedTensors& tensors) {
  core::Sha256 hash;
  for (const auto& [name, tensor] : tensors) {
    const torch::Tensor plain = on_cpu(tensor);
    hash.update(bytes_of(plain));
  }
  return hash.hex();
}

}  // namespace tessera::models
