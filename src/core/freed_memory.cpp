// SPDX-License-Identifier: Apache-2.0
#include "core/freed_memory.hpp"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace tessera::core {

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);         // large blocks come from the heap too,
  mallopt(M_TRIM_THRESHOLD, -1);  // which is not given back
  mallopt(M_TOP_PAD, 256 << 20);  // and grows in large steps
#endif
}

}  // namespace tessera::core
