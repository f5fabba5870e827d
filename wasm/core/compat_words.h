// The words of the compatibility layer (compat.h), for what writes there and for what only reads.
#pragma once

#include "core/json.h"
#include "core/reply.h"
#include "core/step.h"
#include "core/writer.h"

namespace sluice {

// Writes `error: {code, message, errors}` of a problem document as the next member.
void write_problem(json::Writer& writer, json::Value problem);

// A problem document in the words of this layer.
[[nodiscard]] Reply in_its_words(const Reply& problem);

// The same as the flow's outcome.
[[nodiscard]] Step refusal_of(const Reply& problem);

// Writes a text, null for anything else.
void write_text_or_null(json::Writer& writer, json::Value cell);

}  // namespace sluice
