# SPDX-License-Identifier: Apache-2.0
# Every third party, found once. Nothing is downloaded here: `./dev build` installs what is missing.
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")

# tessera_require(PACKAGE debian-package [find_package arguments…])
macro(tessera_require package debian)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} was not found. Install it with: apt-get install ${debian}")
  endif()
endmacro()

tessera_require(MPI libopenmpi-dev COMPONENTS CXX)
tessera_require(HDF5 libhdf5-dev COMPONENTS C)
tessera_require(fmt libfmt-dev)
tessera_require(spdlog libspdlog-dev)
tessera_require(tomlplusplus libtomlplusplus-dev)
tessera_require(nlohmann_json nlohmann-json3-dev)
tessera_require(CLI11 libcli11-dev)
tessera_require(Eigen3 libeigen3-dev)
tessera_require(OpenSSL libssl-dev COMPONENTS Crypto)
tessera_require(Threads libc6-dev)
tessera_require(OpenCV "libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev")
tessera_require(TIFF libtiff-dev)

if(TESSERA_WITH_GENERATORS)
  tessera_require(CGAL libcgal-dev)
  tessera_require(LibArchive libarchive-dev)
  tessera_require(Gemmi "gemmi-dev tao-pegtl-dev libstb-dev")
  tessera_require(Spglib libsymspg-dev)
endif()

if(TESSERA_BUILD_TESTS)
  tessera_require(GTest "libgtest-dev libgmock-dev")
endif()

if(TESSERA_WITH_TORCH)
  include("${CMAKE_CURRENT_LIST_DIR}/LibTorch.cmake")
endif()
