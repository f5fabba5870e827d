# Writes OUT_DIR/sql_ids.h and, of three sets of texts, OUT_DIR/{core,views,every}/sql_texts.cc
# (cmake -DSQL_DIR=… -DOUT_DIR=… -DMARKERS=ON|OFF -P this file).
#
# NAME.sql becomes Sql::NAME, in alphabetical order: a number is the same statement in each module. A module
# holds the texts of its own statements: SQL_DIR/*.sql are the core's, SQL_DIR/views/*.sql the views', and
# SQL_DIR/shared/*.sql both modules'. `every` is for native programs, which are all modules in one. In a text
#   - {{part}} stands for the content of _part.sql, which may name further parts one level down,
#   - a comment from `--` to the end of its line is dropped,
#   - the markers of guards, `/*+guard*/ … /*-guard*/`, stay with MARKERS and are dropped without,
#   - each run of white space becomes one space, inside string literals too.
cmake_minimum_required(VERSION 3.22)

function(read_sql file result)
  file(READ "${file}" text)
  # The text stays in one quoted string everywhere: as a list it would be cut at each semicolon.
  string(REGEX REPLACE "[ \t\r\n]--[^\n]*" "\n" text "\n${text}")
  if(NOT MARKERS)
    string(REGEX REPLACE "/[*][+-][a-z_]+[*]/" "" text "${text}")
  endif()
  string(REGEX REPLACE "[ \t\r\n]+" " " text "${text}")
  string(STRIP "${text}" text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Replaces every {{part}} in `text` once.
function(expand text result)
  foreach(part IN LISTS part_names)
    string(REPLACE "{{${part}}}" "${part_${part}}" text "${text}")
  endforeach()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

function(write_if_changed file content)
  if(EXISTS "${file}")
    file(READ "${file}" present)
    if("${present}" STREQUAL "${content}")
      return()
    endif()
  endif()
  file(WRITE "${file}" "${content}")
endfunction()

file(GLOB files "${SQL_DIR}/*.sql" "${SQL_DIR}/views/*.sql" "${SQL_DIR}/shared/*.sql")
set(part_names "")
set(statement_names "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WE)
  if(name MATCHES "^_([a-z][a-z0-9_]*)$")
    list(APPEND part_names "${CMAKE_MATCH_1}")
    read_sql("${file}" "part_${CMAKE_MATCH_1}")
  elseif(name MATCHES "^[a-z][a-z0-9_]*$")
    if(name IN_LIST statement_names)
      message(FATAL_ERROR "${file}: another statement has this name")
    endif()
    list(APPEND statement_names "${name}")
    set("file_${name}" "${file}")
  else()
    message(FATAL_ERROR "${file}: a statement's name is lower case, digits and _")
  endif()
endforeach()

set(ids "")
set(rows_core "")
set(rows_views "")
set(rows_every "")
list(SORT statement_names)
foreach(name IN LISTS statement_names)
  set(file "${file_${name}}")
  read_sql("${file}" text)
  expand("${text}" text)
  expand("${text}" text)
  expand("${text}" text)
  if(text MATCHES "{{([^}]*)}}")
    message(FATAL_ERROR "${file}: {{${CMAKE_MATCH_1}}}: no file _${CMAKE_MATCH_1}.sql, or nested too deep")
  endif()
  if(text MATCHES "\\)sql\"")
    message(FATAL_ERROR "${file}: the text `)sql\"` cannot be embedded")
  endif()
  string(APPEND ids "  ${name},\n")
  set(row "    {\"${name}\", R\"sql(${text})sql\"},\n")
  set(none "    {},\n")
  get_filename_component(folder "${file}" DIRECTORY)
  get_filename_component(folder "${folder}" NAME)
  string(APPEND rows_every "${row}")
  if(folder STREQUAL "views")
    string(APPEND rows_core "${none}")
    string(APPEND rows_views "${row}")
  elseif(folder STREQUAL "shared")
    string(APPEND rows_core "${row}")
    string(APPEND rows_views "${row}")
  else()
    string(APPEND rows_core "${row}")
    string(APPEND rows_views "${none}")
  endif()
endforeach()

write_if_changed("${OUT_DIR}/sql_ids.h" "// Generated from wasm/sql by cmake/embed_sql.cmake; do not edit.
#pragma once

#include <string_view>

namespace sluice {

// One value per statement file, in alphabetical order, whichever module it is in.
enum class Sql : unsigned char {
${ids}  kCount
};

// The statement's text, comments dropped and white space collapsed; empty for kCount and for a statement of
// another module.
[[nodiscard]] std::string_view sql_text(Sql id);
// The statement's file name without its ending; empty where its text is.
[[nodiscard]] std::string_view sql_name(Sql id);

}  // namespace sluice
")
foreach(set IN ITEMS core views every)
  write_if_changed("${OUT_DIR}/${set}/sql_texts.cc"
    "// Generated from wasm/sql by cmake/embed_sql.cmake; do not edit.
#include \"sql_ids.h\"

namespace sluice {
namespace {

struct Row {
  std::string_view name;
  std::string_view text;
};

constexpr Row kRows[] = {
${rows_${set}}    {},
};
static_assert(sizeof(kRows) / sizeof(Row) == static_cast<size_t>(Sql::kCount) + 1);

}  // namespace

std::string_view sql_text(Sql id) { return kRows[static_cast<unsigned char>(id)].text; }
std::string_view sql_name(Sql id) { return kRows[static_cast<unsigned char>(id)].name; }

}  // namespace sluice
")
endforeach()
