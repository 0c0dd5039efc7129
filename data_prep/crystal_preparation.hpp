// SPDX-License-Identifier: Apache-2.0
// Crystal files to a dataset.
#pragma once

#include <filesystem>

#include "data_prep/preparation.hpp"
#include "data_prep/preparation_settings.hpp"

namespace tessera::data_prep {

/// Collective. Raises InputError for inputs that cannot be read at all, else as prepare_dataset.
PreparationSummary prepare_crystals(const dist::Communicator& comm, const PreparationSettings& settings,
                                    const std::filesystem::path& folder, const PreparationOptions& options);

}  // namespace tessera::data_prep
