# The modules without JavaScript glue. Exports are marked in the code with export_name; the imports that
# remain are env.emscripten_notify_memory_growth and wasi_snapshot_preview1.proc_exit.

# Emscripten's own linker calls it, but once for the whole; a second pass finds 1.5 % more.
find_program(SLUICE_WASM_OPT wasm-opt REQUIRED HINTS "${EMSCRIPTEN_ROOT_PATH}/../bin")

# Adds the module ${name}.wasm of these libraries; each has answers to calls among its objects.
function(sluice_add_module name)
  add_executable(${name}_wasm)
  target_link_libraries(${name}_wasm PRIVATE ${ARGN})
  if(SLUICE_BREAKABLE)
    target_sources(${name}_wasm PRIVATE "${PROJECT_SOURCE_DIR}/tests/sim/break.cc")
    target_link_options(${name}_wasm PRIVATE -O1)
  else()
    target_link_options(${name}_wasm PRIVATE -Os)
  endif()
  if(SLUICE_FUNCTION_NAMES)
    target_link_options(${name}_wasm PRIVATE --profiling-funcs)
  endif()
  target_link_options(${name}_wasm PRIVATE
    --no-entry -sSTANDALONE_WASM -sALLOW_MEMORY_GROWTH=1 -sMALLOC=emmalloc -fno-exceptions -fno-rtti)
  set_target_properties(${name}_wasm PROPERTIES
    OUTPUT_NAME ${name}
    SUFFIX .wasm
    LINKER_LANGUAGE CXX
    RUNTIME_OUTPUT_DIRECTORY "${SLUICE_DIST_DIR}")
  if(NOT SLUICE_BREAKABLE)
    set(module "$<TARGET_FILE:${name}_wasm>")
    add_custom_command(TARGET ${name}_wasm POST_BUILD VERBATIM COMMAND_EXPAND_LISTS
      COMMAND "${SLUICE_WASM_OPT}" -Oz "$<$<BOOL:${SLUICE_FUNCTION_NAMES}>:-g>"
              --enable-sign-ext --enable-bulk-memory "${module}" -o "${module}")
  endif()
endfunction()

sluice_add_module(sluice_core sluice_core_abi sluice_core)
# What writes nothing has no guards to take away.
if(NOT SLUICE_BREAKABLE)
  sluice_add_module(sluice_views sluice_views_abi sluice_views)
  sluice_add_module(sluice_chat sluice_chat_abi sluice_chat)
endif()
