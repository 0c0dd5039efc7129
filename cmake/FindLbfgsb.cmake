# SPDX-License-Identifier: Apache-2.0
# L-BFGS-B 3.0 (Morales and Nocedal 2011), Fortran; its one routine is called by name, so there is no header.
find_library(LBFGSB_LIBRARY lbfgsb)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Lbfgsb DEFAULT_MSG LBFGSB_LIBRARY)
if(Lbfgsb_FOUND AND NOT TARGET Lbfgsb::lbfgsb)
  add_library(Lbfgsb::lbfgsb UNKNOWN IMPORTED)
  set_target_properties(Lbfgsb::lbfgsb PROPERTIES IMPORTED_LOCATION "${LBFGSB_LIBRARY}")
endif()
