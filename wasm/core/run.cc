#include "core/run.h"

#include "core/clock.h"
#include "core/gate.h"
#include "core/guard.h"
#include "core/limits.h"
#include "core/writer.h"

namespace sluice {
namespace {

std::string write_job(json::Value row) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object()
      .key("jobId")
      .string(row.at(record::id).text())
      .key("type")
      .string(row.at(record::type).text());
  writer.key("queue")
      .string(row.at(record::queue).text())
      .key("priority")
      .integer(row.at(record::priority).integer());
  writer.key("attempt").integer(row.at(record::attempts).integer());
  writer.key("maxAttempts").integer(row.at(record::max_attempts).integer());
  writer.key("createdAt").string(rfc3339(row.at(record::created_at).integer()));
  const json::Value correlation = row.at(record::correlation_id);
  writer.key("correlationId")
      .raw(correlation.is(json::Kind::null) ? row.at(record::id).raw() : correlation.raw());
  writer.key("userId")
      .raw(row.at(record::user_id).raw())
      .key("sessionId")
      .raw(row.at(record::session_id).raw());
  writer.key("tags")
      .raw(row.at(leased::tags).is(json::Kind::null) ? "[]" : row.at(leased::tags).raw())
      .end_object();
  return out;
}

std::string write_token(json::Value row) {
  std::string out;
  json::Writer(out)
      .begin_array()
      .raw(row.at(record::id).raw())
      .integer(row.at(record::fence).integer())
      .raw(row.at(record::queue).raw())
      .raw(row.at(record::gates).raw())
      .end_array();
  return out;
}

std::string write_record(json::Value row, const Carrier& carrier) {
  std::string out;
  out.reserve(row.raw().size() + 16);
  json::Writer(out)
      .begin_array()
      .raw(row.raw())
      .integer(carrier.deliveries)
      .boolean(carrier.sole)
      .end_array();
  return out;
}

}  // namespace

void add_run(Step& step, json::Value row, const Carrier& carrier) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("id").string(row.at(record::id).text());
  writer.key("type").string(row.at(record::type).text());
  writer.key("message").integer(static_cast<int64_t>(carrier.message));
  writer.key("fence").integer(row.at(record::fence).integer());
  writer.key("leaseUntil").integer(time_of(row.at(record::lease_until)));
  writer.key("timeoutMs").integer(row.at(record::timeout_ms).integer());
  if (const int64_t turn = turn_of(row); turn > 0) {
    writer.key("startAt").integer(turn).key("startBy").integer(turn + limits::kStartLateMs);
  }
  const bool alone = holds(Guard::runs_alone) && count_of(row.at(record::losses)) >= limits::kLossesAlone;
  writer.key("alone").boolean(alone).end_object();
  step.runs.push_back(std::move(out));
  step.tokens.push_back(write_token(row));
  step.records.push_back(write_record(row, carrier));
}

Step describe(const Input& input) {
  Step step;
  json::Document document;
  const bool read = !input.frames.empty() && !document.parse(input.frames[0]);
  step.reply = read ? Reply{200, 0, write_job(document.root().at(0))} : Reply{400, 0, "{}"};
  return step;
}

}  // namespace sluice
