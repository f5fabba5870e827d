// POST /chat: the pages that a message asks for become scrape_request jobs.
#include <memory>

#include "core/admission.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/reply.h"

namespace sluice {
namespace {

// The jobs of one chat message; `payloads` owns their text.
struct Conversation {
  Admission admission;
  json::Document reading;
  std::vector<std::string> payloads;
};

std::string scrape_payload(json::Value request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("url").string(request.find("url").text());
  writer.key("scrapeType").string(request.find("scrapeType").text());
  writer.key("options").begin_object().end_object().key("context").begin_object();
  for (const std::string_view key : {std::string_view("query"), std::string_view("place")}) {
    if (const std::string_view text = request.find(key).text(); !text.empty()) writer.key(key).string(text);
  }
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

// The reading is another module's, handed over by the caller: a wrong one must not become jobs.
bool read_reading(const Input& input, Conversation& out) {
  std::vector<Fault> faults;
  const std::string_view text = input.frames.size() > 1 ? input.frames[1] : std::string_view();
  const bool broken = static_cast<bool>(out.reading.parse(text));
  const bool valid = !broken && input.config.reading.validate(out.reading.root(), "", faults);
  if (!valid) out.admission.refusal = problem(500, "The message's reading is not valid.", faults);
  return valid;
}

std::string chat_answer(json::Value reading, size_t jobs) {
  if (!reading.find("wants").truth()) return "Tell me which page, hotel, flight or sight to look up.";
  if (jobs == 0 && reading.find("missing").text() == "site")
    return "I have no site configured for that; send me a link instead.";
  if (jobs == 0) return "Which place do you mean? Name it, or send me a link.";
  std::string out = reading.find("urgent").truth() ? "On it right away: " : "I am on it: ";
  out.append(std::to_string(jobs)).append(jobs == 1 ? " page" : " pages");
  return out.append(" queued; results follow as they come in.");
}

void read_chat(const Input& input, Conversation& out,
               std::vector<std::unique_ptr<json::Document>>& documents) {
  Entropy entropy = input.entropy;
  out.admission.op = make_nonce(entropy);
  if (!read_message_text(input, out) || !read_reading(input, out)) return;
  const json::Value reading = out.reading.root();
  const json::Value requests = reading.find("requests");
  const bool urgent = reading.find("urgent").truth();
  out.payloads.reserve(requests.size());
  unsigned place = 0;
  for (const json::Value request : requests) {
    out.payloads.push_back(scrape_request(scrape_payload(request), urgent, out.admission.document.root()));
    documents.push_back(std::make_unique<json::Document>());
    const json::Error error = documents.back()->parse(out.payloads.back());
    read_item(input, error ? json::Value() : documents.back()->root(), "", place++, entropy, out.admission);
  }
  // All of them have the same queue: they live on the shard of its judge, those without keys too.
  for (NewJob& job : out.admission.jobs) {
    out.admission.shard = input.config.judge_of(job.queue);
    set_shard(job.id, out.admission.shard);
  }
}

Reply chat_reply(const Conversation& talk, json::Value state) {
  Reply reply;
  reply.status = 200;
  std::string jobs;
  json::Writer list(jobs);
  list.begin_array();
  size_t count = 0;
  const Admission::Item* next = talk.admission.items.data();
  for (const json::Value request : talk.reading.root().find("requests")) {
    const Admission::Item& item = *next++;
    if (!item.faults.empty()) continue;
    const NewJob& job = talk.admission.jobs[item.job];
    const Admitted result = admitted(state, item.job, job);
    if (result.verdict == Admitted::Verdict::full) continue;
    list.begin_object().key("jobId").string(result.id);
    list.key("scrapeType").string(request.find("scrapeType").text());
    list.key("url").string(request.find("url").text());
    list.key("priority").integer(job.priority).end_object();
    ++count;
  }
  list.end_array();
  json::Writer writer(reply.body);
  writer.begin_object()
      .key("reply")
      .string(chat_answer(talk.reading.root(), count))
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
  if (input.failed) return admission_failed(input, 1);
  if (input.rows.empty()) return admission_statements(input, talk.admission);
  const json::Value state = admission_state(input);
  step.reply = chat_reply(talk, state);
  if (step.reply.body.find("\"jobs\":[]") != std::string::npos) step.reply = queue_full();
  send_created(input, talk.admission.jobs, state, step);
  return step;
}

}  // namespace sluice
