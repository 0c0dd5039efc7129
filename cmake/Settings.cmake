# SPDX-License-Identifier: Apache-2.0
# How everything is compiled: language level, warnings, sanitizers, linker, output folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(TESSERA_CCACHE ccache)
if(TESSERA_CCACHE)
  # pch_defines and time_macros: without them ccache refuses every file that uses the LibTorch header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${TESSERA_CCACHE})
endif()

add_library(tessera_settings INTERFACE)
# -Wno-restrict: g++ 12 warns falsely about std::string's operator+ (GCC bug 105651).
target_include_directories(tessera_settings INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(tessera_settings INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wno-restrict -fno-math-errno
  $<$<BOOL:${TESSERA_WERROR}>:-Werror> $<$<BOOL:${TESSERA_CCACHE}>:-fpch-preprocess>)
target_compile_definitions(tessera_settings INTERFACE $<$<BOOL:${TESSERA_ASSERTIONS}>:TESSERA_ASSERTIONS>)

if(TESSERA_SANITIZE)
  target_compile_options(tessera_settings INTERFACE -fsanitize=${TESSERA_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  target_link_options(tessera_settings INTERFACE -fsanitize=${TESSERA_SANITIZE})
endif()

find_program(TESSERA_MOLD mold)
if(TESSERA_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12.1)
  target_link_options(tessera_settings INTERFACE -fuse-ld=mold)
endif()
