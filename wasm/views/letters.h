// Dead letters as callers read them.
#pragma once

#include "core/step.h"

namespace sluice {

// Control: {limit, cursor}, texts as in a URL's query. 200 {deadLetters, nextCursor?}, newest first; 422.
[[nodiscard]] Step list_letters(const Input& input);
// The same rows as a bare array: getDeadJobs().
[[nodiscard]] Step dead_jobs(const Input& input);
// Control: {id}. 200 the dead letter with payload and body however long they are, 404.
[[nodiscard]] Step one_letter(const Input& input);
// Control: {limit}. 200 [{type, error, code, count, lastAt}], most frequent first; type is null for messages
// that were never jobs.
[[nodiscard]] Step list_failures(const Input& input);

}  // namespace sluice
