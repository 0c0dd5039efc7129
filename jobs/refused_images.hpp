// SPDX-License-Identifier: Apache-2.0
// Images that could not be used, whoever met them: rows of quarantine.csv.
#pragma once

#include <string>
#include <vector>

#include "data/quarantine.hpp"
#include "dist/communicator.hpp"
#include "microstructure/files/mask_inputs.hpp"

namespace tessera::jobs {

/// Collective. Those of `found` were refused when the inputs were listed; `refused_here` are CSV lines
/// name,file,reason of what this rank could not read.
std::vector<data::QuarantineRow> gather_refused(const microstructure::MaskInputs& found,
                                                const std::string& refused_here,
                                                const dist::Communicator& world);

}  // namespace tessera::jobs
