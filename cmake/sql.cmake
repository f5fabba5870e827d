# Embeds wasm/sql/*.sql. Sets SLUICE_SQL_DIR (the include folder of sql_ids.h) and SLUICE_SQL_SOURCES: with
# the markers of guards where these can be cut. SLUICE_MARKED_SQL is one more source of the same texts, always
# with markers, for a program that cuts them itself.
file(GLOB sql_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/wasm/sql/*.sql")

# Writes sql_ids.h and sql_texts.cc to the folder.
function(sluice_embed_sql folder markers)
  add_custom_command(
    OUTPUT "${folder}/sql_texts.cc" "${folder}/sql_ids.h"
    COMMAND "${CMAKE_COMMAND}" "-DSQL_DIR=${PROJECT_SOURCE_DIR}/wasm/sql" "-DOUT_DIR=${folder}"
            "-DMARKERS=${markers}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
    DEPENDS ${sql_files} "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
    COMMENT "Embedding SQL"
    VERBATIM)
endfunction()

set(SLUICE_SQL_DIR "${PROJECT_BINARY_DIR}/generated")
set(SLUICE_SQL_SOURCES "${SLUICE_SQL_DIR}/sql_texts.cc" "${SLUICE_SQL_DIR}/sql_ids.h")
set(SLUICE_MARKED_SQL "${SLUICE_SQL_DIR}/marked/sql_texts.cc")
sluice_embed_sql("${SLUICE_SQL_DIR}" "${SLUICE_BREAKABLE}")
sluice_embed_sql("${SLUICE_SQL_DIR}/marked" ON)
add_custom_target(sluice_sql DEPENDS ${SLUICE_SQL_SOURCES})
