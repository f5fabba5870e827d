// Jobs as callers see them (contract, "A job").
#pragma once

#include "core/json.h"
#include "core/record.h"
#include "core/writer.h"

namespace sluice {

// Columns of query_job.sql and query_list.sql: the record's, and these. Payload and result are JSON in a
// string: a row is read under the same bounds on depth and values as they were, and there may be many rows.
namespace column {
using namespace record;
enum Column : uint32_t {
  progress = record::kCount,
  payload,
  result,
  last_error,
  completed_at,
  updated_at,
  leased_by,
  unique_key,
  tags,
  payload_size,
  result_size,
  tenant,
  concurrency_key,
  depends_on,
  history
};
}  // namespace column

// A time in ms as an RFC 3339 string; null for anything that is no number.
void write_time(json::Writer& writer, json::Value cell);

// A payload or result as the JSON that it is; null where there is none.
void write_body(json::Writer& writer, json::Value cell);

// Writes the job of one row. Times become RFC 3339 strings, what is not set becomes null. A list leaves long
// payloads and results out (null); payloadSize and resultSize tell their bytes.
void write_job(json::Writer& writer, json::Value row);

}  // namespace sluice
