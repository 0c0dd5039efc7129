# SPDX-License-Identifier: Apache-2.0
find_path(SPGLIB_INCLUDE_DIR spglib.h PATH_SUFFIXES spglib)
find_library(SPGLIB_LIBRARY symspg)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Spglib DEFAULT_MSG SPGLIB_INCLUDE_DIR SPGLIB_LIBRARY)
if(Spglib_FOUND AND NOT TARGET Spglib::symspg)
  add_library(Spglib::symspg UNKNOWN IMPORTED)
  set_target_properties(Spglib::symspg PROPERTIES IMPORTED_LOCATION "${SPGLIB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SPGLIB_INCLUDE_DIR}")
endif()
