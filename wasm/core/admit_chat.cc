// POST /chat: the pages that a message asks for become scrape_request jobs.
#include <memory>

#include "core/admission.h"
#include "core/chat.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/reply.h"

namespace sluice {
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
  if (input.failed) return admission_failed(input, 1);
  if (input.rows.empty()) return admission_statements(input, talk.admission);
  const json::Value state = admission_state(input);
  step.reply = chat_reply(talk, state);
  if (step.reply.body.find("\"jobs\":[]") != std::string::npos) step.reply = queue_full();
  send_created(input, talk.admission.jobs, state, step);
  return step;
}

}  // namespace sluice
