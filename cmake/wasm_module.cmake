# The module without JavaScript glue. Exports are marked in the code with export_name; the imports that remain
# are env.emscripten_notify_memory_growth and wasi_snapshot_preview1.proc_exit.
if(NOT TARGET sluice_abi)
  message(FATAL_ERROR "wasm/abi holds no source file: the module would export nothing")
endif()
add_executable(sluice_core_wasm)
target_link_libraries(sluice_core_wasm PRIVATE sluice_abi sluice_core)
if(SLUICE_BREAKABLE)
  target_sources(sluice_core_wasm PRIVATE "${PROJECT_SOURCE_DIR}/tests/sim/break.cc")
  target_link_options(sluice_core_wasm PRIVATE -O1)
else()
  target_link_options(sluice_core_wasm PRIVATE -Os)
endif()
target_link_options(sluice_core_wasm PRIVATE
  --no-entry -sSTANDALONE_WASM -sALLOW_MEMORY_GROWTH=1 -sMALLOC=emmalloc -fno-exceptions -fno-rtti)
set_target_properties(sluice_core_wasm PROPERTIES
  OUTPUT_NAME sluice_core
  SUFFIX .wasm
  LINKER_LANGUAGE CXX
  RUNTIME_OUTPUT_DIRECTORY "${SLUICE_DIST_DIR}")
