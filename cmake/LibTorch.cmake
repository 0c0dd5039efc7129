# SPDX-License-Identifier: Apache-2.0
# LibTorch as PyPI's torch wheel carries it. find_package(Torch) would ask for a whole CUDA toolkit even for
# CPU use, so the targets are made here: tessera::torch for all, tessera::nccl with TESSERA_CUDA.
set(TESSERA_TORCH_VERSION 2.11.0)
if(NOT EXISTS "${TESSERA_TORCH_ROOT}/include/torch/csrc/api/include/torch/torch.h")
  message(FATAL_ERROR "LibTorch ${TESSERA_TORCH_VERSION} must stand in TESSERA_TORCH_ROOT, which is "
    "${TESSERA_TORCH_ROOT}. `./dev build` puts it there; a site's own serves by -DTESSERA_TORCH_ROOT=PATH.")
endif()
get_filename_component(tessera_wheels "${TESSERA_TORCH_ROOT}" DIRECTORY)
set(tessera_cuda_wheel "${tessera_wheels}/nvidia/cu13")

add_library(tessera_torch INTERFACE)
add_library(tessera::torch ALIAS tessera_torch)
# The wheel carries headers of its own fmt, without the library: ours must be found before them.
find_path(tessera_fmt_headers fmt/format.h REQUIRED)
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/fmt_first")
file(CREATE_LINK "${tessera_fmt_headers}/fmt" "${CMAKE_BINARY_DIR}/fmt_first/fmt" SYMBOLIC)
target_include_directories(tessera_torch SYSTEM INTERFACE "${CMAKE_BINARY_DIR}/fmt_first"
  "${TESSERA_TORCH_ROOT}/include" "${TESSERA_TORCH_ROOT}/include/torch/csrc/api/include")
# Never libtorch.so: it drags the CUDA half in.
target_link_libraries(tessera_torch INTERFACE
  "${TESSERA_TORCH_ROOT}/lib/libtorch_cpu.so" "${TESSERA_TORCH_ROOT}/lib/libc10.so")
target_link_options(tessera_torch INTERFACE
  "LINKER:--allow-shlib-undefined" "LINKER:-rpath,${TESSERA_TORCH_ROOT}/lib" "LINKER:-rpath,${tessera_cuda_wheel}/lib")

if(TESSERA_CUDA)
  # Only links: no torch source includes a CUDA header, so switching costs a few files and no more.
  tessera_require(NCCL "the nvidia-nccl-cu13 wheel (`./dev build --cuda`)")
  target_link_libraries(tessera_torch INTERFACE
    -Wl,--no-as-needed "${TESSERA_TORCH_ROOT}/lib/libtorch_cuda.so" "${TESSERA_TORCH_ROOT}/lib/libc10_cuda.so" -Wl,--as-needed)
endif()
