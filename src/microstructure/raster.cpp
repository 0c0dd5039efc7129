// SPDX-License-Identifier: Apache-2.0
#include "microstructure/raster.hpp"
