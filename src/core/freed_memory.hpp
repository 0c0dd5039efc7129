// SPDX-License-Identifier: Apache-2.0
// A training step frees and asks again for the same hundreds of megabytes. By default the C library hands
// large blocks back to the system at once, which then clears every page anew: up to a third of a step.
#pragma once

namespace tessera::core {

/// From now on the process keeps the memory it frees, so its size stays at its peak. Call once, before the
/// work starts; does nothing where the C library is not glibc.
void keep_freed_memory();

}  // namespace tessera::core
