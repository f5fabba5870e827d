#include "core/compat.h"

#include "core/admit.h"
#include "core/compat_words.h"
#include "core/letters.h"
#include "core/limits.h"
#include "core/policy.h"
#include "core/present.h"
#include "core/record.h"
#include "core/redrive.h"
#include "core/reply.h"
#include "core/shards.h"
#include "core/writer.h"

namespace sluice {
namespace {

// Sluice's 1 is the document's 10.
int64_t flipped(int64_t priority) { return kPriorityLast + 1 - priority; }

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

// A row of query_job.sql.
void write_document_job(json::Writer& writer, json::Value row) {
  json::Document payload;
  (void)!payload.parse(row.at(column::payload).text());
  writer.begin_object().key("id").raw(row.at(column::id).raw()).key("type").raw(row.at(column::type).raw());
  writer.key("target_url");
  write_text_or_null(writer, address_of(payload.root()));
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

Step ask_job(const Input& input, std::string_view id) {
  Step step;
  step.shard = home_of_job(input.config, id);
  step.add(Sql::query_job, {bind_id(id, step)});
  return step;
}

// What the request is answered with once it is recorded; a job that was there before is read first.
Step admitted_answer(const Input& input, Step step, json::Value request) {
  json::Document reply;
  (void)!reply.parse(step.reply.body);
  const std::string_view id = reply.root().find("jobId").text();
  if (step.reply.status == 200) {
    if (input.rows.size() == 1) return ask_job(input, id);
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

// The dead letter at a place of the list of one database.
Step requeue_at_one(const Input& input, int64_t index) {
  if (!input.rows.empty()) return requeue_found(input, {{}, input.row(0, 0), 0, 1});
  Step step;
  std::string text;
  json::Writer(text).begin_object().key("index").integer(index).end_object();
  step.add(Sql::letters_at, {step.text(std::move(text))});
  return step;
}

// The same of the list of all: each database tells the first of its own, and then that one is read.
Step requeue_at(const Input& input, int64_t index) {
  if (input.config.shards == 1) return requeue_at_one(input, index);
  Step step;
  if (input.rows.empty()) {
    on_all(input.config, step);
    std::string text;
    json::Writer(text).begin_object().key("rows").integer(index + 1).end_object();
    step.add(Sql::letters_places, {step.text(std::move(text))});
    return step;
  }
  const std::vector<json::Value> list = newest_first(input.rows[0].at(0), 0, 1);
  if (index >= static_cast<int64_t>(list.size())) return requeue_found(input, {});
  const std::string_view id = list[static_cast<size_t>(index)].at(1).text();
  const unsigned shard = home_of_job(input.config, id);
  if (input.rows.size() > 1) return requeue_found(input, {{}, input.row(1, 0), shard, 2});
  step.shard = shard;
  step.add(Sql::letters_named, {bind_id(id, step)});
  return step;
}

}  // namespace

Step compat_admit(const Input& input) {
  json::Document request;
  if (Reply refusal = read_body(input, input.config.compat, request); refusal.status != 0)
    return refusal_of(refusal);
  const std::string native = native_request(request.root());
  Input translated = input;
  translated.frames.assign(1, native);
  Step step = admit_one(translated);
  step.expected.reset();  // it is told in other words
  if (step.reply.status == 0) return step;
  if (step.reply.status < 400) return admitted_answer(input, std::move(step), request.root());
  step.reply = in_its_words(step.reply);
  return step;
}

Step compat_requeue(const Input& input) {
  Step step;
  json::Document request;
  if (Reply refusal = read_body(input, input.config.compat_requeue, request); refusal.status != 0) {
    return refusal_of(refusal);
  }
  const json::Value index = request.root().find("index");
  const json::Value id = request.root().find("id");
  if (!index == !id) {
    return refusal_of(
        problem(422, "The request is not valid.", {{"", "conflict", "Give either index or id."}}));
  }
  if (input.failed) {
    if (!try_again(input, step)) step.reply = in_its_words(unavailable());
    return step;
  }
  step = id ? requeue_named(input, id.text()) : requeue_at(input, whole(index));
  if (!step.plan.empty()) return step;
  // The list has changed: another look at its place would find another job.
  if (index) step.more = false;
  if (step.reply.status >= 400) step.reply = in_its_words(step.reply);
  if (step.reply.status != 200) return step;
  const json::Value stage = input.rows.back();
  step.reply = answer_job(stage.at(stage.size() - 1).at(0), 200).reply;
  return step;
}

}  // namespace sluice
