// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_sources.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data_prep/image_files.hpp"
#include "data_prep/image_labels.hpp"
#include "data_prep/mask_levels.hpp"
#include "microstructure/files/file_checks.hpp"

namespace tessera::data_prep {
namespace {

using microstructure::ImageFileError;
using microstructure::PageHeader;

void check(const ImageSettings& settings) {
  if (settings.images.empty()) throw core::InputError("--images must name at least one folder of images");
  if (settings.tile < 0)
    throw core::InputError(fmt::format("--tile must be at least 1, got {}", settings.tile));
  if (settings.overlap < 0 || (settings.overlap > 0 && settings.overlap >= settings.tile))
    throw core::InputError(fmt::format("--overlap must be from 0 to less than --tile, {}, got {}",
                                       settings.tile, settings.overlap));
  if (settings.threshold < 0 || settings.threshold > 65535)
    throw core::InputError(
        fmt::format("--threshold must be a grey level, 0 to 65535, got {}", settings.threshold));
  if (settings.um_per_px && !(*settings.um_per_px > 0 && std::isfinite(*settings.um_per_px)))
    throw core::InputError(fmt::format("--um-per-px must be above 0, got {}", *settings.um_per_px));
}

class Grouping {
 public:
  explicit Grouping(const std::string& expression) try
      : is_given_(!expression.empty()), expression_(expression) {
  } catch (const std::regex_error& error) {
    throw core::InputError(
        fmt::format("--group must be a regular expression, got '{}': {}", expression, error.what()));
  }

  // Nothing where the stem does not match.
  std::optional<std::string> operator()(const std::string& stem) const {
    if (!is_given_) return stem;
    std::smatch match;
    if (!std::regex_search(stem, match, expression_)) return std::nullopt;
    return match[match.size() > 1 ? 1 : 0].str();
  }

 private:
  bool is_given_;
  std::regex expression_;
};

// How many pages ask for a word in the log, and one of them.
struct Remarks {
  std::size_t num_coloured = 0, num_min_is_white = 0;
  std::string coloured, min_is_white;

  void add(const ImageFile& file, const std::vector<PageHeader>& pages) {
    for (const auto& page : pages) {
      if (page.has_colour && num_coloured++ == 0) coloured = file.shown;
      if (page.min_is_white && num_min_is_white++ == 0) min_is_white = file.shown;
    }
  }
  void log() const {
    if (num_coloured > 0)
      core::log::info(
          "{} pages are stored in colour, {} first: grey is 0.299 red + 0.587 green + 0.114 blue; equal "
          "channels keep their level",
          num_coloured, coloured);
    if (num_min_is_white > 0)
      core::log::warning(
          "{} pages are tagged MinIsWhite, {} first: read as stored, 0 stays 0. Programs that invert "
          "them show dark and bright the other way round",
          num_min_is_white, min_is_white);
  }
};

// Raised for one image, which then goes to the quarantine.
struct Refusal {
  std::string source, reason;
  int line = 0;
};

// The root's work: files to entries, one image after the other.
class Indexer {
 public:
  Indexer(const ImageSettings& settings, ImageSources& sources)
      : settings_(settings),
        sources_(sources),
        group_of_(settings.group),
        files_(list_image_files(settings.images, settings.masks)),
        masks_(files_.masks) {
    if (!settings.labels.empty()) labels_ = ImageLabels(settings.labels);
    sources.target_names = labels_.names();
    sources.refused = labels_.refused();
  }

  void run() {
    for (const auto& image : files_.images) try {
        add(image);
      } catch (const Refusal& refusal) {
        refuse(image.stem, refusal);
      }
    remarks_.log();
    if (used_masks_.size() < files_.masks.size())
      core::log::info("{} of {} masks have no image among the inputs",
                      files_.masks.size() - used_masks_.size(), files_.masks.size());
    if (!settings_.group.empty() && num_grouped_ == 0)
      throw core::InputError(
          fmt::format("--group '{}' must match the names of the images, and matches none of {}, '{}' first",
                      settings_.group, files_.images.size(), files_.images.front().stem));
    sort_entries();
  }

 private:
  void refuse(const std::string& id, const Refusal& refusal) {
    sources_.refused.push_back({id, refusal.source, refusal.line, refusal.reason});
  }

  std::vector<PageHeader> pages_of(const ImageFile& file) {
    try {
      auto pages = microstructure::list_pages(file.path);
      remarks_.add(file, pages);
      return pages;
    } catch (const ImageFileError& error) {
      throw Refusal{file.shown, error.reason()};
    }
  }

  const ImageFile* mask_of(const ImageFile& image) {
    if (settings_.masks.empty()) return nullptr;
    const auto masks = masks_.masks_of(image);
    for (const auto* mask : masks) used_masks_.insert(mask);
    if (masks.empty()) throw Refusal{image.shown, "image without mask: no mask has its stem"};
    if (masks.size() > 1)
      throw Refusal{image.shown, fmt::format("it must have one mask, and has {}: {}, {}. Remove one.",
                                             masks.size(), masks[0]->shown, masks[1]->shown)};
    return masks.front();
  }

  void add(const ImageFile& image) {
    const auto stands = used_stems_.find(image.stem);
    if (stands != used_stems_.end())
      throw Refusal{image.shown, fmt::format("duplicate id: {} stands", stands->second)};
    const auto group = group_of_(image.stem);
    num_grouped_ += group.has_value();
    if (!group)
      throw Refusal{
          image.shown,
          fmt::format("its group must be in its name, and --group '{}' does not match it", settings_.group)};
    const auto pages = pages_of(image);
    const auto* mask = mask_of(image);
    const auto mask_pages = mask ? pages_of(*mask) : pages;
    if (pages.size() != mask_pages.size())
      throw Refusal{image.shown, fmt::format("its mask must have as many pages, {}, and {} has {}",
                                             pages.size(), mask->shown, mask_pages.size())};
    for (std::size_t page = 0; page < pages.size(); ++page) {
      const bool is_single = pages.size() == 1;
      const auto id = is_single ? image.stem : fmt::format("{}-{:04}", image.stem, page);
      const auto source = is_single ? image.shown : fmt::format("{}:page[{}]", image.shown, page);
      const ImageEntry entry{.id = id,
                             .source = source,
                             .group = *group,
                             .image = image.path.string(),
                             .mask = mask ? mask->path.string() : "",
                             .image_page = static_cast<std::int64_t>(page),
                             .mask_page = static_cast<std::int64_t>(page),
                             .tile = {},
                             .targets = {}};
      try {
        add_page(entry, image.stem, pages[page], mask_pages[page]);
        used_stems_.emplace(image.stem, image.shown);
      } catch (const Refusal& refusal) {
        refuse(id, refusal);
      }
    }
  }

  void add_page(ImageEntry entry, const std::string& stem, const PageHeader& page, const PageHeader& mask) {
    if (page.height != mask.height || page.width != mask.width)
      throw Refusal{entry.source, fmt::format("sizes differ: the image has {} × {} pixels, its mask {} × {}",
                                              page.height, page.width, mask.height, mask.width)};
    if (!settings_.labels.empty()) {
      const auto label = labels_.find(entry.id, stem);
      if (!label.reason.empty()) throw Refusal{entry.source, label.reason, label.line};
      entry.targets = label.values;
    }
    const auto page_id = entry.id;
    const auto tiles = cut_tiles(page.height, page.width, settings_.tile, settings_.overlap);
    for (const auto& tile : tiles) {
      entry.tile = tile;
      if (tiles.size() > 1) entry.id = fmt::format("{}-{}-{}", page_id, tile.y, tile.x);
      sources_.entries.push_back(entry);
    }
  }

  // A page's or tile's id may be another file's name.
  void sort_entries() {
    auto& entries = sources_.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.id < b.id; });
    const auto is_repeated = [&](const ImageEntry& a, const ImageEntry& b) {
      if (a.id != b.id) return false;
      refuse(b.id, {b.source, fmt::format("duplicate id: {} stands", a.source)});
      return true;
    };
    entries.erase(std::unique(entries.begin(), entries.end(), is_repeated), entries.end());
  }

  const ImageSettings& settings_;
  ImageSources& sources_;
  Grouping group_of_;
  ImageFiles files_;
  MaskFinder masks_;
  ImageLabels labels_;
  Remarks remarks_;
  std::map<std::string, std::string> used_stems_;  // to the file that has it
  std::set<const ImageFile*> used_masks_;
  std::size_t num_grouped_ = 0;
};

// Collective. Takes out the entries whose mask cannot be read as classes.
void number_classes(const dist::Communicator& comm, ImageSources& sources) {
  std::set<std::string> masks;
  for (const auto& entry : sources.entries) masks.insert(entry.mask);
  auto found = find_mask_levels(comm, {masks.begin(), masks.end()});
  if (comm.is_root())
    for (const auto& entry : sources.entries)
      if (const auto refused = found.refused.find(entry.mask); refused != found.refused.end())
        sources.refused.push_back({entry.id, entry.source, 0, refused->second});
  std::erase_if(sources.entries, [&](const ImageEntry& entry) { return found.refused.contains(entry.mask); });
  std::vector<std::string> levels;
  for (const auto level : found.levels) levels.push_back(fmt::format("{}", level));
  if (!levels.empty())
    core::log::info("grey levels of the masks, as classes 0 to {}: {}", levels.size() - 1,
                    core::join(levels, ", "));
  sources.reading.masks.levels = std::move(found.levels);
}

}  // namespace

ImageSources find_images(const dist::Communicator& comm, const ImageSettings& settings) {
  ImageSources sources;
  comm.together(
      "finding the images",
      [&] {
        check(settings);
        if (comm.is_root()) Indexer(settings, sources).run();
      },
      dist::Patience::Unlimited);
  const auto names = comm.broadcast_text(core::csv_line(sources.target_names), "names of the labels");
  const auto text = comm.broadcast_text(entries_to_text(sources.entries), "list of the images");
  if (!comm.is_root()) {
    sources.entries = entries_from_text(text);
    for (auto& row : core::parse_csv(names, "names of the labels")) sources.target_names = row.fields;
  }
  sources.reading = {.masks = {.rule = settings.mask_rule, .threshold = settings.threshold},
                     .um_per_px = settings.um_per_px};
  if (!settings.masks.empty() && settings.mask_rule == microstructure::MaskRule::Values)
    number_classes(comm, sources);
  return sources;
}

}  // namespace tessera::data_prep
