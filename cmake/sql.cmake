# Embeds wasm/sql/*.sql, with the markers of guards where these can be cut. Sets SLUICE_SQL_DIR (the include
# folder of sql_ids.h) and SLUICE_SQL_SOURCES.
set(SLUICE_SQL_DIR "${PROJECT_BINARY_DIR}/generated")
set(SLUICE_SQL_SOURCES "${SLUICE_SQL_DIR}/sql_texts.cc" "${SLUICE_SQL_DIR}/sql_ids.h")
file(GLOB sql_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/wasm/sql/*.sql")
add_custom_command(
  OUTPUT ${SLUICE_SQL_SOURCES}
  COMMAND "${CMAKE_COMMAND}" "-DSQL_DIR=${PROJECT_SOURCE_DIR}/wasm/sql" "-DOUT_DIR=${SLUICE_SQL_DIR}"
          "-DMARKERS=${SLUICE_BREAKABLE}"
          -P "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
  DEPENDS ${sql_files} "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
  COMMENT "Embedding SQL"
  VERBATIM)
add_custom_target(sluice_sql DEPENDS ${SLUICE_SQL_SOURCES})
