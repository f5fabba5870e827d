#include "core/compat.h"

#include <algorithm>

#include "core/admit.h"
#include "core/counts.h"
#include "core/limits.h"
#include "core/parameters.h"
#include "core/policy.h"
#include "core/present.h"
#include "core/record.h"
#include "core/redrive.h"
#include "core/reply.h"
#include "core/stats.h"
#include "core/writer.h"

namespace sluice {
namespace {

// Sluice's 1 is the document's 10.
int64_t flipped(int64_t priority) { return kPriorityLast + 1 - priority; }

std::string_view code_of(int status) {
  switch (status) {
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 429:
      return "queue_full";
    case 503:
      return "unavailable";
    default:
      return status < 500 ? "invalid" : "internal";
  }
}

// "/payload/target_url" of a job is "/target_url" of the document's request.
std::string_view document_path(std::string_view path) {
  constexpr std::string_view kPayload = "/payload";
  return path.substr(0, kPayload.size()) == kPayload ? path.substr(kPayload.size()) : path;
}

void write_error(json::Writer& writer, json::Value problem) {
  const int64_t status = problem.find("status").integer();
  writer.key("error").begin_object().key("code").string(code_of(static_cast<int>(status)));
  writer.key("message").string(problem.find("detail").text()).key("errors").begin_array();
  for (const json::Value fault : problem.find("errors")) {
    writer.begin_object().key("path").string(document_path(fault.find("path").text()));
    writer.key("code")
        .raw(fault.find("code").raw())
        .key("message")
        .raw(fault.find("message").raw())
        .end_object();
  }
  writer.end_array().end_object();
}

// A problem document in the words of this layer.
Reply in_its_words(const Reply& problem) {
  json::Document document;
  if (document.parse(problem.body)) return problem;
  Reply out{problem.status, problem.retry_after_seconds, ""};
  json::Writer writer(out.body);
  writer.begin_object().key("success").boolean(false);
  write_error(writer, document.root());
  writer.end_object();
  return out;
}

Step refuse(const Reply& problem) {
  Step step;
  step.reply = in_its_words(problem);
  return step;
}

std::string_view status_word(std::string_view status) {
  if (status == name(Status::processing)) return "running";
  const bool waits =
      status == name(Status::pending) || status == name(Status::delayed) || status == name(Status::blocked);
  return waits ? "queued" : status;
}

// The address that a job is about: where its payload has one under either name.
json::Value address_of(json::Value payload) {
  const json::Value target = payload.find("target_url");
  return target.is(json::Kind::string) ? target : payload.find("url");
}

void write_text(json::Writer& writer, json::Value cell) {
  writer.raw(cell.is(json::Kind::string) ? cell.raw() : "null");
}

// A row of query_job.sql.
void write_document_job(json::Writer& writer, json::Value row) {
  json::Document payload;
  (void)!payload.parse(row.at(column::payload).text());
  writer.begin_object().key("id").raw(row.at(column::id).raw()).key("type").raw(row.at(column::type).raw());
  writer.key("target_url");
  write_text(writer, address_of(payload.root()));
  writer.key("priority").integer(flipped(count_of(row.at(column::priority))));
  writer.key("status").string(status_word(row.at(column::status).text()));
  writer.key("attempts").raw(row.at(column::attempts).raw());
  writer.key("max_attempts").raw(row.at(column::max_attempts).raw());
  const json::Value metadata = payload.root().find("metadata");
  writer.key("metadata").raw(metadata ? metadata.raw() : "{}").end_object();
}

Step answer_job(json::Value row, int status) {
  Step step;
  step.reply.status = status;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("success").boolean(true).key("data");
  write_document_job(writer, row);
  writer.end_object();
  return step;
}

// Frame 0 as JSON that `schema` takes; a refusal (status not 0) where it is not.
Reply read_body(const Input& input, const Schema& schema, json::Document& out) {
  const std::string_view body = input.frames.empty() ? std::string_view() : input.frames[0];
  if (body.size() > limits::kBodyBytesMax) return problem(413, "The body is too large.");
  if (Reply refusal = read_json(body, out); refusal.status != 0) return refusal;
  std::vector<Fault> faults;
  if (!schema.validate(out.root(), "", faults)) return problem(422, "The request is not valid.", faults);
  return {};
}

// The request as POST /jobs would have it.
std::string native_request(json::Value request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").raw(request.find("type").raw());
  writer.key("payload").begin_object().key("target_url").raw(request.find("target_url").raw());
  if (const json::Value metadata = request.find("metadata")) writer.key("metadata").raw(metadata.raw());
  writer.end_object();
  if (const json::Value priority = request.find("priority")) {
    writer.key("priority").integer(flipped(whole(priority)));
  }
  writer.end_object();
  return out;
}

Step ask_job(std::string_view id) {
  Step step;
  step.add(Sql::query_job, {bind_id(id, step)});
  return step;
}

// What the request is answered with once it is recorded; a job that was there before is read first.
Step admitted_answer(const Input& input, Step step, json::Value request) {
  json::Document reply;
  (void)!reply.parse(step.reply.body);
  const std::string_view id = reply.root().find("jobId").text();
  if (step.reply.status == 200) {
    if (input.rows.size() == 1) return ask_job(id);
    return answer_job(input.row(1, 0), 200);
  }
  const JobType* type = input.config.type(request.find("type").text());
  if (type == nullptr) return step;
  const json::Value given = request.find("priority");
  const int64_t priority = given ? flipped(whole(given)) : type->priority;
  const bool urgent = priority == kPriorityUrgent;
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("success").boolean(true).key("data").begin_object();
  writer.key("id").string(id).key("type").raw(request.find("type").raw());
  writer.key("target_url").raw(request.find("target_url").raw()).key("priority").integer(flipped(priority));
  writer.key("status").string(status_word(reply.root().find("status").text())).key("attempts").integer(0);
  writer.key("max_attempts").integer(urgent ? type->urgent_max_attempts : type->max_attempts);
  const json::Value metadata = request.find("metadata");
  writer.key("metadata").raw(metadata ? metadata.raw() : "{}").end_object().end_object();
  step.reply.body = std::move(body);
  return step;
}

// Unhealthy without a database; otherwise like GET /health, which the sweep's age does not make unhealthy.
void write_stats_data(json::Writer& writer, const Input& input, bool connected) {
  const Counts all = connected ? sum_of(input.rows[0].at(0)) : Counts();
  const int64_t swept_at = connected ? time_of(input.row(0, 1).at(0)) : 0;
  writer.key("data").begin_object().key("queue").begin_object();
  writer.key("queued").integer(all.waiting()).key("running").integer(all.at(Status::processing));
  writer.key("completed").integer(all.at(Status::completed));
  writer.key("failed").integer(all.at(Status::failed)).end_object();
  writer.key("health").begin_object().key("isRunning").boolean(sweep_is_running(swept_at, input.now));
  writer.key("activeWorkers").integer(all.at(Status::processing)).key("databaseConnected").boolean(connected);
  writer.end_object().key("status").string(connected ? "healthy" : "unhealthy").end_object();
}

}  // namespace

Step compat_admit(const Input& input) {
  json::Document request;
  if (Reply refusal = read_body(input, input.config.compat, request); refusal.status != 0)
    return refuse(refusal);
  const std::string native = native_request(request.root());
  Input translated = input;
  translated.frames.assign(1, native);
  Step step = admit_one(translated);
  if (step.reply.status == 0) return step;
  if (step.reply.status < 400) return admitted_answer(input, std::move(step), request.root());
  step.reply = in_its_words(step.reply);
  return step;
}

Step compat_stats(const Input& input) {
  Step step;
  if (input.failed && try_again(input, step, 3)) return step;
  if (!input.failed && input.rows.empty()) {
    step.add(Sql::query_counters, {});
    step.add(Sql::query_ping, {});
    return step;
  }
  step.reply = input.failed ? unavailable() : Reply{200, 0, ""};
  json::Document document;
  if (input.failed) (void)!document.parse(step.reply.body);
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("success").boolean(!input.failed);
  if (input.failed) write_error(writer, document.root());
  write_stats_data(writer, input, !input.failed);
  writer.end_object();
  step.reply.body = std::move(body);
  return step;
}

Step compat_letters(const Input& input) {
  Step step;
  if (input.failed) {
    if (!try_again(input, step, 3)) step.reply = in_its_words(unavailable());
    return step;
  }
  std::vector<Fault> faults;
  int64_t limit = limits::kListLimitDefault;
  read_number(input.control, "limit", 1, limits::kListLimitMax, limit, faults);
  if (!faults.empty()) return refuse(problem(422, "The filter is not valid.", faults));
  if (input.rows.empty()) {
    std::string text;
    json::Writer(text).begin_object().key("limit").integer(limit).end_object();
    step.add(Sql::compat_letters, {step.text(std::move(text))});
    return step;
  }
  const json::Value rows = input.rows[0].at(0);
  step.reply.status = 200;
  json::Writer writer(step.reply.body);
  writer.begin_object().key("success").boolean(true).key("data").begin_array();
  for (const json::Value row : rows) {
    writer.begin_object().key("id").raw(row.at(0).raw()).key("type").raw(row.at(1).raw()).key("target_url");
    write_text(writer, row.at(2).is(json::Kind::string) ? row.at(2) : row.at(3));
    writer.key("attempts").raw(row.at(4).raw()).key("max_attempts").raw(row.at(5).raw());
    writer.key("last_error").string(row.at(6).find("message").text()).end_object();
  }
  writer.end_array().key("count").integer(rows.size()).end_object();
  return step;
}

Step compat_requeue(const Input& input) {
  Step step;
  json::Document request;
  if (Reply refusal = read_body(input, input.config.compat_requeue, request); refusal.status != 0) {
    return refuse(refusal);
  }
  const json::Value index = request.root().find("index");
  const json::Value id = request.root().find("id");
  if (!index == !id) {
    return refuse(problem(422, "The request is not valid.", {{"", "conflict", "Give either index or id."}}));
  }
  if (input.failed) {
    if (!try_again(input, step)) step.reply = in_its_words(unavailable());
    return step;
  }
  if (input.rows.empty()) {
    if (id) {
      step.add(Sql::letters_named, {bind_id(id.text(), step)});
      return step;
    }
    std::string text;
    json::Writer(text).begin_object().key("index").integer(whole(index)).end_object();
    step.add(Sql::letters_at, {step.text(std::move(text))});
    return step;
  }
  step = requeue_named(input);
  // The list has changed: another look at its place would find another job.
  if (index) step.more = false;
  if (step.reply.status >= 400) step.reply = in_its_words(step.reply);
  if (step.reply.status != 200) return step;
  const json::Value stage = input.rows[1];
  step.reply = answer_job(stage.at(stage.size() - 1).at(0), 200).reply;
  return step;
}

}  // namespace sluice
