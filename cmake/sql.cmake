# Embeds wasm/sql/**/*.sql. Sets SLUICE_SQL_DIR (the include folder of sql_ids.h), SLUICE_SQL_IDS (that
# header) and, of the statements' texts, one source each: SLUICE_CORE_SQL and SLUICE_VIEWS_SQL with what that
# module may use, SLUICE_EVERY_SQL with all of them. The markers of guards are in them where they can be cut;
# SLUICE_MARKED_SQL is all texts once more, always with markers, for a program that cuts them itself.
file(GLOB_RECURSE sql_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/wasm/sql/*.sql")

# Writes sql_ids.h and the sources to the folder.
function(sluice_embed_sql folder markers)
  add_custom_command(
    OUTPUT "${folder}/sql_ids.h" "${folder}/core/sql_texts.cc" "${folder}/views/sql_texts.cc"
           "${folder}/every/sql_texts.cc"
    COMMAND "${CMAKE_COMMAND}" "-DSQL_DIR=${PROJECT_SOURCE_DIR}/wasm/sql" "-DOUT_DIR=${folder}"
            "-DMARKERS=${markers}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
    DEPENDS ${sql_files} "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
    COMMENT "Embedding SQL"
    VERBATIM)
endfunction()

set(SLUICE_SQL_DIR "${PROJECT_BINARY_DIR}/generated")
set(SLUICE_SQL_IDS "${SLUICE_SQL_DIR}/sql_ids.h")
set(SLUICE_CORE_SQL "${SLUICE_SQL_DIR}/core/sql_texts.cc")
set(SLUICE_VIEWS_SQL "${SLUICE_SQL_DIR}/views/sql_texts.cc")
set(SLUICE_EVERY_SQL "${SLUICE_SQL_DIR}/every/sql_texts.cc")
set(SLUICE_MARKED_SQL "${SLUICE_SQL_DIR}/marked/every/sql_texts.cc")
sluice_embed_sql("${SLUICE_SQL_DIR}" "${SLUICE_BREAKABLE}")
sluice_embed_sql("${SLUICE_SQL_DIR}/marked" ON)
add_custom_target(sluice_sql DEPENDS "${SLUICE_SQL_IDS}")
