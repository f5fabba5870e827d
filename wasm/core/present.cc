#include "core/present.h"

#include "core/clock.h"

namespace sluice {
namespace {

std::string_view raw_or(json::Value value, std::string_view fallback) {
  return !value || value.is(json::Kind::null) ? fallback : value.raw();
}

void write_unique_key(json::Writer& writer, json::Value value) {
  std::string_view key = value.text();
  if (key.substr(0, kUniqueKeyPrefix.size()) == kUniqueKeyPrefix) key.remove_prefix(kUniqueKeyPrefix.size());
  writer.string_or_null(key);
}

void write_times(json::Writer& writer, json::Value row, bool processing) {
  writer.key("createdAt");
  write_time(writer, row.at(column::created_at));
  writer.key("runAt");
  write_time(writer, row.at(column::run_at));
  writer.key("startedAt");
  write_time(writer, row.at(column::started_at));
  writer.key("completedAt");
  write_time(writer, row.at(column::completed_at));
  writer.key("updatedAt");
  write_time(writer, row.at(column::updated_at));
  writer.key("leasedBy").raw(processing ? row.at(column::leased_by).raw() : "null");
  writer.key("leaseUntil");
  write_time(writer, processing ? row.at(column::lease_until) : json::Value());
}

}  // namespace

void write_time(json::Writer& writer, json::Value cell) {
  if (cell.is(json::Kind::number)) {
    writer.string(rfc3339(cell.integer()));
  } else {
    writer.null();
  }
}

// A text in the row, so that neither its depth nor its values count against the row's.
void write_body(json::Writer& writer, json::Value cell) {
  json::Document document;
  writer.raw(document.parse(cell.text()) ? std::string_view() : cell.text());
}

void write_job(json::Writer& writer, json::Value row) {
  const bool processing = row.at(column::status).text() == name(Status::processing);
  writer.begin_object()
      .key("jobId")
      .raw(row.at(column::id).raw())
      .key("type")
      .raw(row.at(column::type).raw());
  writer.key("queue").raw(row.at(column::queue).raw()).key("status").raw(row.at(column::status).raw());
  writer.key("priority")
      .raw(row.at(column::priority).raw())
      .key("attempts")
      .raw(row.at(column::attempts).raw());
  writer.key("maxAttempts").raw(row.at(column::max_attempts).raw());
  writer.key("timeoutMs").raw(row.at(column::timeout_ms).raw());
  writer.key("progress").raw(row.at(column::progress).raw());
  writer.key("payload");
  write_body(writer, row.at(column::payload));
  writer.key("result");
  write_body(writer, row.at(column::result));
  writer.key("payloadSize").raw(row.at(column::payload_size).raw());
  writer.key("resultSize").raw(row.at(column::result_size).raw());
  writer.key("lastError").raw(row.at(column::last_error).raw());
  write_times(writer, row, processing);
  writer.key("uniqueKey");
  write_unique_key(writer, row.at(column::unique_key));
  writer.key("concurrencyKey").raw(row.at(column::concurrency_key).raw());
  writer.key("tenant").raw(row.at(column::tenant).raw());
  writer.key("dependsOn").raw(raw_or(row.at(column::depends_on), "null"));
  writer.key("tags").raw(raw_or(row.at(column::tags), "null"));
  writer.key("correlationId").raw(raw_or(row.at(column::correlation_id), row.at(column::id).raw()));
  writer.key("userId")
      .raw(row.at(column::user_id).raw())
      .key("sessionId")
      .raw(row.at(column::session_id).raw());
  writer.end_object();
}

}  // namespace sluice
