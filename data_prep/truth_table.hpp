// SPDX-License-Identifier: Apache-2.0
// What is known of things that ranks have made, each a block of them: one table.
#pragma once

#include <filesystem>
#include <string>

#include "dist/communicator.hpp"

namespace tessera::data_prep {

/// Collective. `header`, then the `rows` of each rank in their order, lines of CSV. Raises DataError where
/// the file cannot be written.
void write_truth_table(const dist::Communicator& comm, const std::filesystem::path& file,
                       const std::string& header, const std::string& rows);

}  // namespace tessera::data_prep
