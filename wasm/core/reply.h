// Answers to callers: problem documents (RFC 9457) and the few that every flow shares.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "core/step.h"
#include "core/writer.h"

namespace sluice {

// `{type, title, status, detail, errors?}` with the title that belongs to `status`.
[[nodiscard]] Reply problem(int status, std::string_view detail, const std::vector<Fault>& faults = {});

// 503 with Retry-After: D1 could not be reached; nothing was recorded.
[[nodiscard]] Reply unavailable();

// For a failed batch: the same statements again, or unavailable() when `tries_max` tries are spent.
[[nodiscard]] Step failed_batch(const Input& input, int64_t tries_max = limits::kStoreTriesMax);

// Parses `body`: no reply (status 0), or 400.
[[nodiscard]] Reply read_json(std::string_view body, json::Document& out);

// Writes `errors: [{path, code, message}]` as the next member.
void write_faults(json::Writer& writer, const std::vector<Fault>& faults);

}  // namespace sluice
