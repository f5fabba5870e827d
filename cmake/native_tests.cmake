# Catch2 tests (core_tests, abi_tests …) and, with SLUICE_FUZZ, one libFuzzer executable for each
# tests/fuzz/*_fuzz.cc.
include(CTest)

find_path(CATCH2_INCLUDE_DIR catch2/catch.hpp REQUIRED)
find_path(SQLITE3_INCLUDE_DIR sqlite3.h REQUIRED)
find_library(SQLITE3_LIBRARY sqlite3 REQUIRED)
find_path(JSON_SCHEMA_SUITE_ROOT tests/draft7/ref.json REQUIRED
  DOC "The official JSON Schema test suite" PATHS /usr/share/json-schema-test-suite)

add_library(sluice_test_base INTERFACE)
target_link_libraries(sluice_test_base INTERFACE sluice_core ${SQLITE3_LIBRARY})
target_include_directories(sluice_test_base INTERFACE "${PROJECT_SOURCE_DIR}")
target_include_directories(sluice_test_base SYSTEM INTERFACE "${CATCH2_INCLUDE_DIR}" "${SQLITE3_INCLUDE_DIR}")
# GCC 12 sees writes out of bounds in its own std::string and std::filesystem::path at -O1 (its bug 105651).
target_compile_options(sluice_test_base INTERFACE -Wno-array-bounds -Wno-restrict)
target_compile_definitions(sluice_test_base INTERFACE
  SLUICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
  JSON_SCHEMA_SUITE_DIR="${JSON_SCHEMA_SUITE_ROOT}/tests/draft7")

add_library(sluice_test_main OBJECT tests/core/main.cc)
target_link_libraries(sluice_test_main PRIVATE sluice_test_base)

# Adds executable ${name}_tests of tests/${name}/*_test.cc, labelled ${name}, when there are any.
function(sluice_add_tests name)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cc")
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_tests ${sources})
  target_link_libraries(${name}_tests PRIVATE sluice_test_main sluice_test_base ${ARGN})
  target_precompile_headers(${name}_tests PRIVATE <catch2/catch.hpp>)
  add_test(NAME ${name} COMMAND ${name}_tests)
  set_tests_properties(${name} PROPERTIES LABELS "native;${name}")
endfunction()

sluice_add_tests(core)
if(TARGET sluice_abi)
  sluice_add_tests(abi sluice_abi)
  sluice_add_tests(regressions sluice_abi)
  sluice_add_tests(decisions sluice_abi)
endif()

# The explorer of small cases runs millions of steps: it is compiled for speed.
sluice_add_tests(exhaustive)
file(GLOB explorer_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/exhaustive/*.cc")
list(FILTER explorer_sources EXCLUDE REGEX "_test\\.cc$")
target_sources(exhaustive_tests PRIVATE ${explorer_sources})
target_compile_options(exhaustive_tests PRIVATE -O2)

if(SLUICE_FUZZ)
  file(GLOB fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cc")
  foreach(source IN LISTS fuzz_sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    target_link_libraries(${name} PRIVATE sluice_core)
    if(TARGET sluice_abi)
      target_link_libraries(${name} PRIVATE sluice_abi)
    endif()
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()
