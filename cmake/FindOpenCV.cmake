# SPDX-License-Identifier: Apache-2.0
# The three modules that are used, as OpenCV::core, OpenCV::imgproc and OpenCV::imgcodecs. Debian ships OpenCV's own
# configuration only with all modules and their hundred packages.
find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
foreach(module core imgproc imgcodecs)
  find_library(OPENCV_${module}_LIBRARY opencv_${module})
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCV DEFAULT_MSG OPENCV_INCLUDE_DIR OPENCV_core_LIBRARY OPENCV_imgproc_LIBRARY
                                  OPENCV_imgcodecs_LIBRARY)
if(OpenCV_FOUND AND NOT TARGET OpenCV::core)
  foreach(module core imgproc imgcodecs)
    add_library(OpenCV::${module} UNKNOWN IMPORTED)
    set_target_properties(OpenCV::${module} PROPERTIES IMPORTED_LOCATION "${OPENCV_${module}_LIBRARY}")
    target_include_directories(OpenCV::${module} SYSTEM INTERFACE "${OPENCV_INCLUDE_DIR}")
  endforeach()
  target_link_libraries(OpenCV::imgproc INTERFACE OpenCV::core)
  target_link_libraries(OpenCV::imgcodecs INTERFACE OpenCV::imgproc)
endif()
