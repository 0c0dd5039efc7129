// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/mask_inputs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "microstructure/files/file_checks.hpp"

namespace tessera::microstructure {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& input) {
  if (fs::is_regular_file(input)) return {input};
  if (!fs::is_directory(input))
    throw core::InputError(
        fmt::format("{} must be an image or a folder of images, and is not there", input.string()));
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(input))
    if (entry.is_regular_file() && has_image_ending(entry.path())) files.push_back(entry.path());
  if (files.empty())
    throw core::InputError(
        fmt::format("{} must hold images, and holds none: no .png, .jpg, .tif or .npy", input.string()));
  std::ranges::sort(files);
  return files;
}

// "a_mask.png" and "a.tif" are both of "a".
std::string bare_stem(const fs::path& file) {
  static const std::array<std::string, 9> kWords = {"mask",  "label",        "labels",     "gt",        "seg",
                                                    "truth", "segmentation", "annotation", "prediction"};
  const std::string stem = file.stem().string();
  const auto at = stem.find_last_of("_-");
  if (at == std::string::npos || at == 0) return stem;
  const bool is_word = std::ranges::find(kWords, core::lower_case(stem.substr(at + 1))) != kWords.end();
  return is_word ? stem.substr(0, at) : stem;
}

std::map<std::string, fs::path> truths_by_stem(const std::string& truth) {
  std::map<std::string, fs::path> truths;
  for (const auto& file : files_of(truth))
    if (const auto [at, is_new] = truths.emplace(bare_stem(file), file); !is_new)
      throw core::InputError(
          fmt::format("--truth must hold one mask for each stem, got two for \"{}\": {} and {}", at->first,
                      at->second.string(), file.string()));
  return truths;
}

}  // namespace

MaskInputs find_masks(std::span<const std::string> inputs, const std::string& truth) {
  std::map<std::string, fs::path> truths;
  if (!truth.empty()) truths = truths_by_stem(truth);
  MaskInputs found;
  std::set<std::string> names;
  for (const std::string& input : inputs)
    for (const auto& file : files_of(input)) {
      std::string name =
          fs::is_directory(input) ? file.lexically_relative(input).string() : file.filename().string();
      if (!names.insert(name).second) name = file.string();
      try {
        const std::size_t pages = list_pages(file).size();
        const auto true_mask = truths.find(bare_stem(file));
        if (!truth.empty() && true_mask == truths.end())
          throw ImageFileError(file, fmt::format("--truth has no mask of the stem \"{}\"", bare_stem(file)));
        for (std::size_t page = 0; page < pages; ++page)
          found.masks.push_back({.name = pages == 1 ? name : fmt::format("{}-{:04}", name, page),
                                 .file = file,
                                 .page = page,
                                 .truth = truth.empty() ? fs::path() : true_mask->second});
      } catch (const ImageFileError& error) {
        found.refused.push_back({name, error.reason(), file});
      }
    }
  std::ranges::sort(found.masks, {}, &MaskInput::name);
  return found;
}

void add_levels(ImageReader& reader, const MaskInput& input, LevelSet& levels) {
  for (const fs::path& file : {input.file, input.truth}) {
    if (file.empty()) continue;
    LevelSet own;
    own.add(reader.read(file, input.page).grey);
    if (own.count() > kMaxMaskLevels) continue;
    for (const auto level : own.levels()) levels.add(level);
  }
}

ScaledMask read_mask(ImageReader& reader, const fs::path& file, std::size_t page,
                     const MaskReading& reading) {
  const Image& image = reader.read(file, page);
  LevelSet levels;
  if (reading.rule == MaskRule::Values) levels.add(image.grey);
  if (levels.count() > kMaxMaskLevels)
    throw ImageFileError(
        file, fmt::format("--mask-rule values takes masks of at most {} grey levels, and this has {}: give "
                          "--mask-rule dark or bright, or a mask that is neither JPEG nor smoothed",
                          kMaxMaskLevels, levels.count()));
  return {mask_of(image.grey, reading), image.um_per_px};
}

std::string text_of(std::span<const MaskInput> masks) {
  std::string text;
  for (const auto& mask : masks)
    text += core::csv_line({mask.name, mask.file.string(), std::to_string(mask.page), mask.truth.string()});
  return text;
}

std::vector<MaskInput> masks_from_text(const std::string& text) {
  std::vector<MaskInput> masks;
  for (const auto& row : core::parse_csv(text, "masks"))
    masks.push_back({row.fields[0], row.fields[1], std::stoul(row.fields[2]), row.fields[3]});
  return masks;
}

}  // namespace tessera::microstructure
