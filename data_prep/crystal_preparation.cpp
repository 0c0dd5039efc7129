// SPDX-License-Identifier: Apache-2.0
#include "data_prep/crystal_preparation.hpp"

#include "core/file.hpp"
#include "data_prep/crystal_shard_maker.hpp"
#include "data_prep/crystal_sources.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

// What archives are unpacked into, where all nodes see it; gone when the preparation ends.
class Spool {
 public:
  Spool(const dist::Communicator& comm, const fs::path& folder)
      : path_(folder / ".spool"), is_owner_(comm.is_root()) {}
  ~Spool() {
    std::error_code ignored;
    if (!is_owner_) return;
    fs::remove(path_, ignored);
    fs::remove(path_.parent_path(), ignored);  // only if empty: nothing was begun
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool is_owner_;
};

}  // namespace

PreparationSummary prepare_crystals(const dist::Communicator& comm, const PreparationSettings& settings,
                                    const fs::path& folder, const PreparationOptions& options) {
  comm.together("making the folder", [&] { core::make_folder(folder); });
  const Spool spool(comm, folder);
  const auto sources = find_crystals(comm, settings, spool.path());
  // Refused before the folder is claimed for these settings.
  comm.together("looking at the sources", [&] {
    if (options.strict && !sources.refused.empty()) refuse_strictly(sources.refused.front());
    data::check_target_names(target_columns(sources.index));
  });
  CrystalShardMaker maker(sources.index, settings, options.strict);
  return prepare_dataset(comm, maker, sources.refused, settings_to_json(settings), folder, options);
}

}  // namespace tessera::data_prep
