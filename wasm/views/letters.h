// Dead letters as callers read them.
#pragma once

#include <vector>

#include "core/step.h"

namespace sluice {

// The first `limit` rows of the first statement, newest first, whichever database they come from. Columns
// `at` and `id` tell when a dead letter failed, and which.
[[nodiscard]] std::vector<json::Value> newest_letters(const Input& input, uint32_t at, uint32_t id,
                                                      int64_t limit);

// Control: {limit, cursor}, texts as in a URL's query. 200 {deadLetters, nextCursor?}, newest first; 422.
[[nodiscard]] Step list_letters(const Input& input);
// The same rows as a bare array: getDeadJobs().
[[nodiscard]] Step dead_jobs(const Input& input);
// Control: {id}. 200 the dead letter with payload and body however long they are, 404.
[[nodiscard]] Step one_letter(const Input& input);
// Control: {limit}. 200 [{type, error, code, count, lastAt}], most frequent first; type is null for messages
// that were never jobs. With several databases each tells of its kFailuresLook most frequent ones.
[[nodiscard]] Step list_failures(const Input& input);

}  // namespace sluice
