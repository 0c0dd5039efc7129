// SPDX-License-Identifier: Apache-2.0
// measure.csv: a line for each mask, whoever made it.
#pragma once

#include <string>
#include <vector>

#include "core/mask_counts.hpp"
#include "microstructure/boundary_measurement.hpp"

namespace tessera::jobs {

/// The header's line.
std::string measure_header(bool with_truth);

/// `um_per_px`: NaN where it is not known. `has_classes`: the mask tells precipitates from boundaries.
/// `counts`: beside the truth; of no image where there is none, and then its columns are left out.
std::vector<std::string> measure_fields(const std::string& name,
                                        const microstructure::BoundaryMeasurement& measured, double um_per_px,
                                        bool has_classes, const core::MaskCounts& counts);

}  // namespace tessera::jobs
