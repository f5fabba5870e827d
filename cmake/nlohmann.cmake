# Sets SLUICE_NLOHMANN_DIR to a folder that holds nothing but nlohmann's headers: a cross compiler must not
# be given the whole of /usr/include.
find_path(SLUICE_NLOHMANN_ROOT nlohmann/json.hpp REQUIRED NO_CMAKE_FIND_ROOT_PATH
  DOC "Folder that holds nlohmann/json.hpp" PATHS /usr/include /usr/local/include)
set(SLUICE_NLOHMANN_DIR "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${SLUICE_NLOHMANN_DIR}")
file(CREATE_LINK "${SLUICE_NLOHMANN_ROOT}/nlohmann" "${SLUICE_NLOHMANN_DIR}/nlohmann" SYMBOLIC)
