# SPDX-License-Identifier: Apache-2.0
# The patched one of `./dev build`, also where a folder was configured with the system's before; else the system's.
set(tessera_spglib "${CMAKE_SOURCE_DIR}/.deps/spglib")
if(EXISTS "${tessera_spglib}/.complete")
  set(SPGLIB_INCLUDE_DIR "${tessera_spglib}/include" CACHE PATH "" FORCE)
  set(SPGLIB_LIBRARY "${tessera_spglib}/lib/libsymspg.a" CACHE FILEPATH "" FORCE)
else()
  find_path(SPGLIB_INCLUDE_DIR spglib.h PATH_SUFFIXES spglib)
  find_library(SPGLIB_LIBRARY symspg)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Spglib DEFAULT_MSG SPGLIB_INCLUDE_DIR SPGLIB_LIBRARY)
if(Spglib_FOUND AND NOT TARGET Spglib::symspg)
  add_library(Spglib::symspg UNKNOWN IMPORTED)
  set_target_properties(Spglib::symspg PROPERTIES IMPORTED_LOCATION "${SPGLIB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SPGLIB_INCLUDE_DIR}")
endif()
