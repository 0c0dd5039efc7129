# SPDX-License-Identifier: Apache-2.0
# One test executable per room; the rank counts are part of the declaration. 3 finds what 2 and 4 hide.

# tessera_add_tests(crystal SOURCES a_test.cpp … [USES room …] [TORCH] [RANKS 1 2 3] [GPU_TESTS "*/Nccl"] [TIMEOUT 120])
# Without RANKS the tests run as one plain process (label unit); with RANKS under mpirun at each size (label mpi).
# GPU_TESTS is a gtest filter: what it names runs as entries of its own (label gpu), which ctest calls skipped where
# there are too few GPUs; among others, a skipped test would hide behind "Passed".
function(tessera_add_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 test "TORCH" "GPU_TESTS;TIMEOUT" "SOURCES;USES;RANKS;THIRD_PARTY")
  if(test_TORCH AND NOT TESSERA_WITH_TORCH)
    return()
  endif()
  set(target test_${name})
  add_executable(${target} ${test_SOURCES})
  list(TRANSFORM test_USES PREPEND tessera::)
  target_link_libraries(${target} PRIVATE ${test_USES} ${test_THIRD_PARTY} GTest::gtest GTest::gmock)
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  if(test_TORCH)
    tessera_use_torch(${target})
  endif()
  set(timeout 120)
  if(test_TIMEOUT)
    set(timeout ${test_TIMEOUT})
  endif()
  if(test_RANKS)
    target_link_libraries(${target} PRIVATE tessera_mpi_test_main)
    if(test_GPU_TESTS)
      set(without_gpu_tests "--gtest_filter=-${test_GPU_TESTS}")
    endif()
    foreach(ranks IN LISTS test_RANKS)
      tessera_add_mpi_command(${name}.n${ranks} RANKS ${ranks} TIMEOUT ${timeout}
                              COMMAND $<TARGET_FILE:${target}> ${without_gpu_tests})
      if(test_GPU_TESTS)
        tessera_add_mpi_command(${name}.gpu.n${ranks} RANKS ${ranks} TIMEOUT ${timeout}
                                COMMAND $<TARGET_FILE:${target}> "--gtest_filter=${test_GPU_TESTS}")
        # Only where none ran at all: one that fails beside a skipped one is a failure.
        set_tests_properties(${name}.gpu.n${ranks} PROPERTIES LABELS "gpu"
          SKIP_REGULAR_EXPRESSION "PASSED  \\] 0 tests\\.[\r\n]+\\[  SKIPPED \\]")
      endif()
    endforeach()
  else()
    target_link_libraries(${target} PRIVATE GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${target})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS "unit" ENVIRONMENT "${TESSERA_TEST_ENVIRONMENT}")
  endif()
endfunction()

# tessera_add_mpi_command(name RANKS n TIMEOUT s COMMAND program args…)
function(tessera_add_mpi_command name)
  cmake_parse_arguments(PARSE_ARGV 1 mpi "" "RANKS;TIMEOUT" "COMMAND")
  add_test(NAME ${name} COMMAND ${MPIEXEC_EXECUTABLE} -n ${mpi_RANKS} ${TESSERA_MPIEXEC_FLAGS} ${mpi_COMMAND})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${mpi_TIMEOUT} PROCESSORS ${mpi_RANKS} LABELS "mpi"
    ENVIRONMENT "${TESSERA_TEST_ENVIRONMENT}")
endfunction()

set(TESSERA_MPIEXEC_FLAGS --oversubscribe --bind-to none)
# Yielding while idle: several ranks share two cores here. No colour: its codes would stand between what is searched for.
set(TESSERA_TEST_ENVIRONMENT "GTEST_COLOR=no;OMP_NUM_THREADS=1;OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_mpi_yield_when_idle=1;TESSERA_BIN=${CMAKE_BINARY_DIR}/bin;TESSERA_SOURCE=${CMAKE_SOURCE_DIR}")
if(TESSERA_BUILD_TESTS)
  enable_testing()
  # Tests that read our files with other programs skip one by one where these are not there: said once, by name.
  add_test(NAME python_readers COMMAND bash -c "for python in \"\$TESSERA_PYTHON\" \"\$TESSERA_SOURCE/.deps/python/bin/python3\" python3
    do \"\$python\" -c 'import h5py, safetensors, tensorboard, optuna, optuna_dashboard' 2>/dev/null && exit 0
    done; echo SKIPPED: what reads our files from Python is not checked. ./dev test installs h5py, safetensors, tensorboard, optuna, optuna-dashboard")
  set_tests_properties(python_readers PROPERTIES LABELS "unit" SKIP_REGULAR_EXPRESSION "^SKIPPED"
    ENVIRONMENT "${TESSERA_TEST_ENVIRONMENT}")
endif()

# tessera_add_fuzz(shards USES data [TORCH]): `fuzz_shards COUNT SEED` out of fuzz_shards.cpp; ctest runs a few thousand.
function(tessera_add_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "TORCH" "" "USES")
  if(fuzz_TORCH AND NOT TESSERA_WITH_TORCH)
    return()
  endif()
  add_executable(fuzz_${name} fuzz_${name}.cpp)
  list(TRANSFORM fuzz_USES PREPEND tessera::)
  target_link_libraries(fuzz_${name} PRIVATE ${fuzz_USES} GTest::gtest)
  target_include_directories(fuzz_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  if(fuzz_TORCH)
    tessera_use_torch(fuzz_${name})
  endif()
  add_test(NAME fuzz_${name} COMMAND fuzz_${name} 4000 1)
  set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 120 LABELS "unit" ENVIRONMENT "${TESSERA_TEST_ENVIRONMENT}")
endfunction()
