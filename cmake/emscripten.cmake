# Toolchain file: Emscripten's own, found beside the emcc on the PATH (a distribution's or an emsdk's).
find_program(SLUICE_EMCC emcc)
if(NOT SLUICE_EMCC)
  message(FATAL_ERROR "emcc is not on the PATH: run scripts/bootstrap, or activate an emsdk")
endif()
file(REAL_PATH "${SLUICE_EMCC}" emcc_file)
get_filename_component(emscripten_root "${emcc_file}" DIRECTORY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
