// SPDX-License-Identifier: Apache-2.0
#include "jobs/structure_inputs.hpp"

#include <fmt/core.h>

#include <utility>

#include "core/error.hpp"
#include "core/file.hpp"
#include "dist/work_queue.hpp"
#include "microstructure/files/file_checks.hpp"

namespace tessera::jobs {
namespace {

namespace ms = microstructure;

// The pages of one file are its slices.
std::vector<ms::MaskInput> one_of_each_file(std::vector<ms::MaskInput> pages) {
  std::vector<ms::MaskInput> files;
  for (auto& page : pages) {
    if (page.page != 0) continue;
    constexpr std::string_view kFirst = "-0000";
    if (page.name.ends_with(kFirst) && !page.file.string().ends_with(page.name))
      page.name.resize(page.name.size() - kFirst.size());
    files.push_back(std::move(page));
  }
  return files;
}

}  // namespace

Structures find_structures(const dist::Communicator& world, const std::vector<std::string>& images,
                           const std::filesystem::path& out) {
  Structures structures;
  const auto find_here = [&]() -> std::string {
    if (!world.is_root()) return "";
    if (out.has_parent_path()) core::make_folder(out.parent_path());
    auto found = ms::find_masks(images, "");
    structures.refused = std::move(found.refused);
    return ms::text_of(one_of_each_file(std::move(found.masks)));
  };
  const auto text = world.together("find the images", find_here, dist::Patience::Unlimited);
  structures.files = ms::masks_from_text(world.broadcast_text(text, "list of the images"));
  return structures;
}

void for_each_structure(const dist::Communicator& world, const Structures& structures, std::string_view what,
                        TableOfRanks& table,
                        const std::function<void(std::int64_t, const ms::MaskInput&)>& work) {
  dist::for_each_task(world, std::ssize(structures.files), what, [&](std::int64_t i) {
    const auto& input = structures.files[static_cast<std::size_t>(i)];
    try {
      work(i, input);
    } catch (const ms::ImageFileError& error) {
      table.refuse(input.name, input.file, error.reason());
    } catch (const core::DataError& error) {
      table.refuse(input.name, input.file, error.what());
    }
  });
}

GatheredTable gather_structures(const dist::Communicator& world, const Structures& structures,
                                const TableOfRanks& table) {
  auto gathered = table.gather(world);
  for (const auto& [name, reason, file] : structures.refused)
    gathered.refused.push_back({name, file.string(), 0, reason});
  return gathered;
}

void write_results(const std::filesystem::path& out, const std::string& header, const GatheredTable& table,
                   double seconds) {
  write_table(out, header, table);
  write_quarantine_beside(out, table);
  fmt::print("images={} quarantined={} seconds={:.2f}\n", table.lines.size(), table.refused.size(), seconds);
}

}  // namespace tessera::jobs
