# SPDX-License-Identifier: Apache-2.0
# The very NCCL that LibTorch was built with (PyPI's nvidia-nccl-cu13) first, then the system's.
find_path(NCCL_INCLUDE_DIR nccl.h HINTS "${tessera_wheels}/nvidia/nccl/include")
find_library(NCCL_LIBRARY NAMES nccl libnccl.so.2 HINTS "${tessera_wheels}/nvidia/nccl/lib")
include(FindPackageHandleStandardArgs)
find_path(CUDA_RUNTIME_INCLUDE_DIR cuda_runtime.h HINTS "${tessera_cuda_wheel}/include" /usr/local/cuda/include)
find_package_handle_standard_args(NCCL DEFAULT_MSG NCCL_INCLUDE_DIR NCCL_LIBRARY CUDA_RUNTIME_INCLUDE_DIR)
if(NCCL_FOUND AND NOT TARGET NCCL::NCCL)
  add_library(NCCL::NCCL SHARED IMPORTED)
  set_target_properties(NCCL::NCCL PROPERTIES IMPORTED_LOCATION "${NCCL_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${NCCL_INCLUDE_DIR};${CUDA_RUNTIME_INCLUDE_DIR}")
endif()
