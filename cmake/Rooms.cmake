# SPDX-License-Identifier: Apache-2.0
# A room is a folder under src, a namespace and a target. Its declaration says which rooms it may see.

# tessera_add_room(crystal SOURCES a.cpp b.cpp [USES core …] [THIRD_PARTY Eigen3::Eigen …] [PUBLIC_THIRD_PARTY …] [TORCH])
# THIRD_PARTY stays inside the room's sources; PUBLIC_THIRD_PARTY appears in its headers.
function(tessera_add_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "TORCH" "" "SOURCES;USES;THIRD_PARTY;PUBLIC_THIRD_PARTY")
  if(room_TORCH AND NOT TESSERA_WITH_TORCH)
    return()
  endif()
  add_library(tessera_${name} STATIC ${room_SOURCES})
  add_library(tessera::${name} ALIAS tessera_${name})
  list(TRANSFORM room_USES PREPEND tessera::)
  target_link_libraries(tessera_${name} PUBLIC tessera_settings ${room_USES} ${room_PUBLIC_THIRD_PARTY}
                                        PRIVATE ${room_THIRD_PARTY})
  if(room_TORCH)
    tessera_use_torch(tessera_${name})
  else()
    target_compile_options(tessera_${name} PRIVATE -Wconversion)
  endif()
endfunction()

# Links LibTorch and reuses the one precompiled torch/torch.h. No definitions of its own may be added to such
# a target, or the compiler refuses the shared header.
function(tessera_use_torch target)
  target_link_libraries(${target} PUBLIC tessera::torch)
  target_precompile_headers(${target} REUSE_FROM tessera_torch_pch)
  # CMake compiles programs with -fPIE; the compiler takes the shared header only with the library's -fPIC.
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

if(TESSERA_WITH_TORCH)
  file(WRITE "${CMAKE_BINARY_DIR}/torch_pch.cpp" "")
  add_library(tessera_torch_pch STATIC "${CMAKE_BINARY_DIR}/torch_pch.cpp")
  target_link_libraries(tessera_torch_pch PUBLIC tessera_settings tessera::torch)
  target_precompile_headers(tessera_torch_pch PRIVATE <torch/torch.h>)
endif()

# tessera_add_program(train SOURCES train.cpp USES train report) makes bin/tessera-train.
function(tessera_add_program verb)
  cmake_parse_arguments(PARSE_ARGV 1 program "TORCH" "" "SOURCES;USES;THIRD_PARTY")
  if(program_TORCH AND NOT TESSERA_WITH_TORCH)
    return()
  endif()
  add_executable(tessera-${verb} ${program_SOURCES})
  list(TRANSFORM program_USES PREPEND tessera::)
  target_link_libraries(tessera-${verb} PRIVATE ${program_USES} ${program_THIRD_PARTY})
  if(program_TORCH)
    tessera_use_torch(tessera-${verb})
  endif()
  set_target_properties(tessera-${verb} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS tessera-${verb} RUNTIME DESTINATION bin)
endfunction()

function(tessera_print_summary)
  message(STATUS "Tessera ${PROJECT_VERSION}: ${CMAKE_BUILD_TYPE}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  foreach(option TESSERA_CUDA TESSERA_WITH_TORCH TESSERA_WITH_GENERATORS TESSERA_BUILD_TESTS TESSERA_ASSERTIONS
                 TESSERA_SANITIZE TESSERA_TORCH_ROOT)
    message(STATUS "  ${option} = ${${option}}")
  endforeach()
endfunction()
