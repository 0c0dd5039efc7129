// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crystal/readers/utf8.hpp"
#include "microstructure/files/image_file.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 7> kMaskWords = {"mask",         "label",      "gt",   "seg",
                                                        "segmentation", "annotation", "truth"};

bool is_mask_word(std::string_view word) {
  const auto among = [&](std::string_view it) {
    return std::find(kMaskWords.begin(), kMaskWords.end(), it) != kMaskWords.end();
  };
  return among(word) || (word.ends_with('s') && among(word.substr(0, word.size() - 1)));
}

// "a_mask" → "a"; nothing where there is no such suffix.
std::optional<std::string> without_suffix(const std::string& stem) {
  const auto at = stem.find_last_of("_-");
  if (at == std::string::npos || at == 0 || !is_mask_word(core::lower_case(stem.substr(at + 1))))
    return std::nullopt;
  return stem.substr(0, at);
}

struct Named {
  std::string path;
  bool as_images = false, as_masks = false;
  std::size_t input = 0;
};

// Every path that was named, with what it was named as.
std::vector<Named> named_inputs(std::span<const std::string> images, std::span<const std::string> masks) {
  std::map<std::string, Named> by_path;
  const auto add = [&](std::span<const std::string> paths, bool Named::*role) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      auto& named = by_path.try_emplace(paths[i], Named{.path = paths[i], .input = i}).first->second;
      named.*role = true;
    }
  };
  add(images, &Named::as_images);
  add(masks, &Named::as_masks);
  std::vector<Named> inputs;
  for (auto& [path, named] : by_path) inputs.push_back(std::move(named));
  return inputs;  // a folder stands before what is in it
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

std::vector<fs::path> files_of(const std::string& option, const fs::path& input) {
  std::error_code code;
  if (fs::is_regular_file(input, code)) {
    if (!microstructure::has_image_ending(input))
      throw core::InputError(
          fmt::format("{} {} must be an image: .png, .jpg, .tif or .npy", option, input.string()));
    return {input};
  }
  if (!fs::is_directory(input, code))
    throw core::InputError(fmt::format("{} {} must exist, and does not", option, input.string()));
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(input, code), end; !code && entry != end;
       entry.increment(code)) {
    std::error_code unknown;  // a link to nowhere is listed: reading it says what is wrong
    const bool is_folder = entry->is_directory(unknown);
    if (is_folder && is_hidden(entry->path())) entry.disable_recursion_pending();
    if (!is_folder && !is_hidden(entry->path()) && microstructure::has_image_ending(entry->path()))
      files.push_back(entry->path());
  }
  if (code)
    throw core::InputError(fmt::format("cannot list the folder {}: {}", input.string(), code.message()));
  if (files.empty())
    throw core::InputError(fmt::format("{} {} must hold images, and holds none: no .png, .jpg, .tif or .npy",
                                       option, input.string()));
  return files;
}

ImageFile described(const fs::path& path, const Named& named) {
  const fs::path input(named.path);
  const auto below = path == input ? fs::path() : path.lexically_relative(input);
  return {
      .path = path,
      .shown = crystal::valid_utf8((below.empty() ? input.filename() : input.filename() / below).string()),
      .stem = crystal::valid_utf8(path.stem().string()),
      .input = named.input,
      .folder = below.parent_path().string()};
}

bool is_in_order(const ImageFile& a, const ImageFile& b) {
  return std::tie(a.input, a.path) < std::tie(b.input, b.path);
}

}  // namespace

ImageFiles list_image_files(std::span<const std::string> images, std::span<const std::string> masks) {
  const auto inputs = named_inputs(images, masks);
  std::map<fs::path, const Named*> owners;  // the nearest above a file is the last that listed it
  for (const auto& input : inputs)
    for (const auto& file : files_of(input.as_images ? "--images" : "--masks", input.path))
      owners[file] = &input;
  ImageFiles files;
  for (const auto& [path, named] : owners) {
    const auto file = described(path, *named);
    const bool is_mask = named->as_masks && (!named->as_images || without_suffix(file.stem));
    (is_mask ? files.masks : files.images).push_back(file);
  }
  std::sort(files.images.begin(), files.images.end(), is_in_order);
  std::sort(files.masks.begin(), files.masks.end(), is_in_order);
  return files;
}

MaskFinder::MaskFinder(std::span<const ImageFile> masks) : masks_(masks) {
  for (std::size_t i = 0; i < masks.size(); ++i) {
    by_stem_.emplace_back(masks[i].stem, i);
    if (const auto bare = without_suffix(masks[i].stem)) by_stem_.emplace_back(*bare, i);
  }
  std::sort(by_stem_.begin(), by_stem_.end());
}

std::vector<const ImageFile*> MaskFinder::masks_of(const ImageFile& image) const {
  std::vector<const ImageFile*> all, beside;
  const std::pair<std::string, std::size_t> first(image.stem, 0);
  for (auto at = std::lower_bound(by_stem_.begin(), by_stem_.end(), first);
       at != by_stem_.end() && at->first == image.stem; ++at) {
    const auto& mask = masks_[at->second];
    all.push_back(&mask);
    if (mask.input == image.input && mask.folder == image.folder) beside.push_back(&mask);
  }
  return beside.empty() ? all : beside;
}

}  // namespace tessera::data_prep
