#include "core/admit.h"

#include <memory>

#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/reply.h"

namespace sluice {
namespace {

// What a request came to: jobs to insert, and per item either its job or its faults.
struct Admission {
  struct Item {
    size_t job = 0;  // index in `jobs` where there is no fault
    std::vector<Fault> faults;
  };
  json::Document document;
  std::string op;
  std::vector<NewJob> jobs;
  std::vector<Item> items;
  Reply refusal;  // status 0: none
};

void read_item(const Input& input, json::Value request, std::string_view base, unsigned place,
               Entropy& entropy, Admission& out) {
  NewJob job;
  Admission::Item item;
  if (read_request(input.config, request, base, input.now, place, entropy, job, item.faults)) {
    item.job = out.jobs.size();
    out.jobs.push_back(std::move(job));
  }
  out.items.push_back(std::move(item));
}

bool parse_body(const Input& input, size_t bytes_max, Admission& out) {
  const std::string_view body = input.frames.empty() ? std::string_view() : input.frames[0];
  if (body.size() > bytes_max) {
    out.refusal = problem(413, "The body is too large.");
    return false;
  }
  const json::Error error = out.document.parse(body);
  if (!error) return true;
  const std::string where = "Byte " + std::to_string(error.offset) + ".";
  out.refusal =
      problem(400, "The body is not valid JSON.", {{"", std::string(json::name(error.code)), where}});
  return false;
}

// The request's Idempotency-Key stands in for a unique key, one per item of a batch.
void apply_idempotency_key(const Input& input, bool numbered, Admission& out) {
  const std::string_view key = input.control.find("idempotencyKey").text();
  if (key.empty()) return;
  if (key.size() > 200) {
    out.refusal = problem(422, "The Idempotency-Key is longer than 200 bytes.");
    return;
  }
  for (size_t i = 0; i < out.items.size(); ++i) {
    Admission::Item& item = out.items[i];
    if (!item.faults.empty()) continue;
    NewJob& job = out.jobs[item.job];
    if (!job.unique_key.empty()) continue;  // the body's own key is the more specific one
    job.unique_key.assign(kIdempotencyPrefix).append(key);
    if (numbered) job.unique_key.append("#").append(std::to_string(i));
  }
}

Reply item_problem(const std::vector<Fault>& faults) {
  const bool large = faults.front().code == "payload_too_large";
  return problem(large ? 413 : 422, large ? "The payload is too large." : "The job is not valid.", faults);
}

Reply full() { return problem(429, "The queue has reached its maximum depth."); }

Step failed(const Input& input, size_t jobs) {
  Step step;
  if (try_again(input, step)) return step;
  step.bisect = !is_transient(input.failure) && jobs > 1;
  step.reply = unavailable();
  return step;
}

Step statements(const Input& input, const Admission& admission) {
  Step step;
  add_admission(input, admission.op, admission.jobs, true, step);
  return step;
}

json::Value state_of(const Input& input) {
  const json::Value stage = input.rows[0];
  return stage.at(stage.size() - 1).at(0);
}

void write_admitted(json::Writer& writer, const Admitted& result) {
  writer.begin_object().key("jobId").string(result.id).key("status").string(result.status);
  if (result.verdict == Admitted::Verdict::duplicate) writer.key("duplicate").boolean(true);
  writer.end_object();
}

void read_one(const Input& input, Admission& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  if (!parse_body(input, limits::kBodyBytesMax, out)) return;
  read_item(input, out.document.root(), "", 0, entropy, out);
  if (!out.items[0].faults.empty()) {
    out.refusal = item_problem(out.items[0].faults);
    return;
  }
  apply_idempotency_key(input, false, out);
}

void read_batch(const Input& input, Admission& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  if (!parse_body(input, limits::kBatchBodyBytesMax, out)) return;
  const json::Value jobs = out.document.root().find("jobs");
  if (!jobs.is(json::Kind::array)) {
    out.refusal =
        problem(422, "The batch is not valid.", {{"/jobs", "required", "Must be an array of jobs."}});
    return;
  }
  if (jobs.size() > limits::kBatchJobsMax) {
    out.refusal = problem(422, "The batch is not valid.", {{"/jobs", "max_items", "At most 1000 jobs."}});
    return;
  }
  unsigned place = 0;
  for (const json::Value request : jobs) {
    const std::string base = "/jobs/" + std::to_string(place);
    read_item(input, request, base, place++, entropy, out);
  }
  apply_idempotency_key(input, true, out);
}

Reply batch_reply(const Admission& admission, json::Value state) {
  Reply reply;
  reply.status = 201;
  json::Writer writer(reply.body);
  writer.begin_object().key("jobs").begin_array();
  for (const Admission::Item& item : admission.items) {
    if (!item.faults.empty()) {
      writer.begin_object().key("error").raw(item_problem(item.faults).body).end_object();
      continue;
    }
    const Admitted result = admitted(state, item.job, admission.jobs[item.job]);
    if (result.verdict == Admitted::Verdict::full) {
      writer.begin_object().key("error").raw(full().body).end_object();
    } else {
      write_admitted(writer, result);
    }
  }
  writer.end_array().end_object();
  return reply;
}

}  // namespace

Admitted admitted(json::Value state, size_t n, const NewJob& job) {
  const json::Value row = state.at(static_cast<uint32_t>(n));
  Admitted out;
  out.id = row.at(0).text();
  out.status = row.at(1).text();
  if (out.id.empty()) return out;
  out.verdict = out.id == job.id ? Admitted::Verdict::created : Admitted::Verdict::duplicate;
  return out;
}

void send_created(const Input& input, const std::vector<NewJob>& jobs, json::Value state, Step& step) {
  std::unique_ptr<Packer> packers[kTransportCount];
  size_t n = 0;
  for (const json::Value row : state) {
    const NewJob& job = jobs[n++];
    if (row.at(0).text() != job.id) continue;
    Wake wake{job.id, job.type->name, job.payload};
    wake.priority = job.priority;
    wake.scheduled_at = input.now;
    wake.max_attempts = job.max_attempts;
    wake.timeout_ms = job.timeout_ms;
    wake.correlation_id = job.correlation_id;
    wake.user_id = job.user_id;
    wake.session_id = job.session_id;
    if (job.run_at == 0) {
      auto& packer = packers[job.transport];
      if (!packer) packer = std::make_unique<Packer>(step, job.transport);
      packer->add(write_message(wake));
      continue;
    }
    const int64_t delay = (job.run_at - input.now + 999) / 1000;
    if (delay > limits::kDelaySecondsMax) continue;
    step.sends.push_back({kTransports[job.transport].binding, write_message(wake), delay});
  }
}

Step admit_one(const Input& input) {
  Admission admission;
  read_one(input, admission);
  Step step;
  step.reply = admission.refusal;
  if (step.reply.status != 0) return step;
  if (input.failed) return failed(input, 1);
  if (input.rows.empty()) return statements(input, admission);
  const json::Value state = state_of(input);
  const Admitted result = admitted(state, 0, admission.jobs[0]);
  if (result.verdict == Admitted::Verdict::full) {
    step.reply = full();
    return step;
  }
  send_created(input, admission.jobs, state, step);
  step.reply.status = result.verdict == Admitted::Verdict::created ? 201 : 200;
  json::Writer writer(step.reply.body);
  write_admitted(writer, result);
  return step;
}

Step admit_batch(const Input& input) {
  Admission admission;
  read_batch(input, admission);
  Step step;
  step.reply = admission.refusal;
  if (step.reply.status != 0) return step;
  if (admission.jobs.empty()) {
    step.reply = batch_reply(admission, json::Value());
    return step;
  }
  if (input.failed) return failed(input, admission.jobs.size());
  if (input.rows.empty()) return statements(input, admission);
  const json::Value state = state_of(input);
  send_created(input, admission.jobs, state, step);
  step.reply = batch_reply(admission, state);
  return step;
}

namespace {

// The jobs of one chat message; `payloads` owns their text.
struct Conversation {
  Admission admission;
  chat::Reading reading;
  std::vector<std::string> payloads;
};

std::string scrape_payload(const chat::Request& request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("url").string(request.url);
  writer.key("scrapeType").string(chat::name(request.type)).key("options").begin_object().end_object();
  writer.key("context").begin_object();
  if (!request.query.empty()) writer.key("query").string(request.query);
  if (!request.place.empty()) writer.key("place").string(request.place);
  writer.end_object().end_object();
  return out;
}

std::string scrape_request(const std::string& payload, bool urgent, json::Value chat) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("scrape_request").key("payload").raw(payload);
  if (urgent) writer.key("priority").string("urgent");
  for (const std::string_view key : {std::string_view("userId"), std::string_view("sessionId")}) {
    if (const std::string_view text = chat.find(key).text(); !text.empty()) writer.key(key).string(text);
  }
  writer.end_object();
  return out;
}

bool read_message_text(const Input& input, Conversation& out) {
  if (!parse_body(input, limits::kBodyBytesMax, out.admission)) return false;
  const json::Value root = out.admission.document.root();
  std::vector<Fault> faults;
  if (!root.is(json::Kind::object)) faults.push_back({"", "type", "Must be an object."});
  const json::Value message = root.find("message");
  if (!message.is(json::Kind::string) || message.text().empty()) {
    faults.push_back({"/message", "required", "Must be a text that is not empty."});
  } else if (message.text().size() > limits::kChatBytesMax) {
    faults.push_back({"/message", "max_length", "At most 8000 bytes."});
  }
  for (const char* key : {"userId", "sessionId"}) {
    const json::Value value = root.find(key);
    const bool empty = !value || value.is(json::Kind::null);
    if (empty || (value.is(json::Kind::string) && value.text().size() <= 200)) continue;
    faults.push_back({pointer("", key), "type", "Must be a text of at most 200 bytes."});
  }
  if (!faults.empty()) out.admission.refusal = problem(422, "The message is not valid.", faults);
  return faults.empty();
}

std::string chat_answer(const chat::Reading& reading, size_t jobs) {
  if (!reading.wants_scraping) return "Tell me which page, hotel, flight or sight to look up.";
  if (jobs == 0 && reading.missing == "site")
    return "I have no site configured for that; send me a link instead.";
  if (jobs == 0) return "Which place do you mean? Name it, or send me a link.";
  std::string out = reading.urgent ? "On it right away: " : "I am on it: ";
  out.append(std::to_string(jobs)).append(jobs == 1 ? " page" : " pages");
  return out.append(" queued; results follow as they come in.");
}

void read_chat(const Input& input, Conversation& out,
               std::vector<std::unique_ptr<json::Document>>& documents) {
  Entropy entropy = input.entropy;
  out.admission.op = make_nonce(entropy);
  if (!read_message_text(input, out)) return;
  const json::Value root = out.admission.document.root();
  out.reading = chat::read(root.find("message").text(), input.config.sites);
  out.payloads.reserve(out.reading.requests.size());
  unsigned place = 0;
  for (const chat::Request& request : out.reading.requests) {
    out.payloads.push_back(scrape_request(scrape_payload(request), out.reading.urgent, root));
    documents.push_back(std::make_unique<json::Document>());
    const json::Error error = documents.back()->parse(out.payloads.back());
    read_item(input, error ? json::Value() : documents.back()->root(), "", place++, entropy, out.admission);
  }
}

Reply chat_reply(const Conversation& talk, json::Value state) {
  Reply reply;
  reply.status = 200;
  std::string jobs;
  json::Writer list(jobs);
  list.begin_array();
  size_t count = 0;
  for (size_t i = 0; i < talk.admission.items.size(); ++i) {
    const Admission::Item& item = talk.admission.items[i];
    if (!item.faults.empty()) continue;
    const NewJob& job = talk.admission.jobs[item.job];
    const Admitted result = admitted(state, item.job, job);
    if (result.verdict == Admitted::Verdict::full) continue;
    const chat::Request& request = talk.reading.requests[i];
    list.begin_object().key("jobId").string(result.id).key("scrapeType").string(chat::name(request.type));
    list.key("url").string(request.url).key("priority").integer(job.priority).end_object();
    ++count;
  }
  list.end_array();
  json::Writer writer(reply.body);
  writer.begin_object()
      .key("reply")
      .string(chat_answer(talk.reading, count))
      .key("jobs")
      .raw(jobs)
      .end_object();
  return reply;
}

}  // namespace

Step admit_chat(const Input& input) {
  Conversation talk;
  std::vector<std::unique_ptr<json::Document>> documents;
  read_chat(input, talk, documents);
  Step step;
  step.reply = talk.admission.refusal;
  if (step.reply.status != 0) return step;
  if (talk.admission.jobs.empty()) {
    step.reply = chat_reply(talk, json::Value());
    return step;
  }
  if (input.failed) return failed(input, 1);
  if (input.rows.empty()) return statements(input, talk.admission);
  const json::Value state = state_of(input);
  step.reply = chat_reply(talk, state);
  if (step.reply.body.find("\"jobs\":[]") != std::string::npos) step.reply = full();
  send_created(input, talk.admission.jobs, state, step);
  return step;
}

}  // namespace sluice
