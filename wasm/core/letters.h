// A dead letter as callers see it, and its place among the others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/writer.h"

namespace sluice {

// Columns of wasm/sql/_letter_columns.sql.
namespace letter {
enum Column : uint32_t {
  id,
  job_id,
  fence,
  type,
  queue,
  attempts,
  max_attempts,
  last_error,
  failed_at,
  buried_at,
  body,
  body_size,
  kCount,
  payload = kCount,  // of letters_page.sql and letters_one.sql only
  payload_size
};
}  // namespace letter

// Writes {id, jobId, type, queue, attempts, maxAttempts, lastError, failedAt, archivedAt, payload,
// payloadSize, body, bodySize}; `first` is the row's column that letter::id is in. jobId is null for a
// message that was never a job, body (its raw text) for a job. A list leaves long payloads and bodies out
// (null).
void write_letter(json::Writer& writer, json::Value row, uint32_t first = 0);

// Rows of several databases, each list newest first: all of them so. Columns `at` and `id` tell when a dead
// letter failed, and which.
[[nodiscard]] std::vector<json::Value> newest_first(json::Value rows, uint32_t at, uint32_t id);

// A place among the dead letters: that of `id`, which failed at `at`. As text it is a cursor.
struct LetterPlace {
  int64_t at = 0;
  std::string id;
};
[[nodiscard]] std::string write_place(const LetterPlace& place);
// False for anything that write_place() has not written.
[[nodiscard]] bool read_place(std::string_view text, LetterPlace& out);

}  // namespace sluice
