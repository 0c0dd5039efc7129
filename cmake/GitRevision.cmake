# SPDX-License-Identifier: Apache-2.0
# Run at every build: writes git_revision.hpp, touching it only when the revision changed.
execute_process(COMMAND git -C "${SOURCE_DIR}" describe --always --dirty --abbrev=7 --exclude=*
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision "unknown")
endif()
set(content "#define TESSERA_VERSION \"${VERSION}\"\n#define TESSERA_GIT_REVISION \"${revision}\"\n")
set(old "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" old)
endif()
if(NOT old STREQUAL content)
  file(WRITE "${OUTPUT}" "${content}")
endif()
