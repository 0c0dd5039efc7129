// SPDX-License-Identifier: Apache-2.0
// Folders in Xie and Grossman's layout: id_prop.csv without a header, id.cif for each of its rows. Their
// targets have no names: they are target, target_2, target_3 ….
#pragma once

#include <filesystem>

#include "crystal/readers/source_collector.hpp"

namespace tessera::crystal {

/// A row without a crystal and a crystal without a row are entries with a reason. Raises InputError where the
/// table cannot be read.
void add_cgcnn_folder(SourceCollector& collector, const std::filesystem::path& folder);

}  // namespace tessera::crystal
