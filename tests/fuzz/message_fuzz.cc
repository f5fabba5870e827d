// Messages: any bodies are told apart into ours, others' and invalid ones; what is written and packed is read
// back.
#include "core/config.h"
#include "core/entropy.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "tests/fuzz/abi.h"

using namespace sluice;
using namespace sluice::fuzz;

namespace {

constexpr int64_t kNow = 1'800'000'000'000;

const Config& config() {
  static const Config* const loaded = [] {
    auto* made = new Config;
    demand(made->load(kConfig).empty(), "the configuration is taken");
    return made;
  }();
  return *loaded;
}

struct Reading {
  std::vector<json::Document> documents;
  std::vector<Delivered> delivered;
};

Reading read(const std::vector<std::string_view>& bodies) {
  Reading out;
  out.documents = std::vector<json::Document>(bodies.size());
  Entropy entropy(1, 1);
  out.delivered = read_messages(config(), bodies, out.documents, kNow, entropy);
  return out;
}

void check_foreign(const Delivered& entry) {
  const NewJob& job = *entry.job;
  demand(job.type != nullptr && is_id(job.id), "an adopted job has a type and an id of ours");
  demand(job.priority >= 1 && job.priority <= 10, "a priority is from 1 to 10");
  demand(job.max_attempts >= 1 && job.max_attempts <= kAttemptsMax, "attempts are from 1 to 100");
  demand(job.timeout_ms >= kTimeoutMsMin && job.timeout_ms <= kTimeoutMsMax,
         "a timeout is within its bounds");
  demand(job.unique_key.rfind(kForeignPrefix, 0) == 0 && job.unique_key.size() > kForeignPrefix.size(),
         "an adopted job is unique under its id");
  demand(is_json(job.payload), "a payload is JSON");
  demand(job.run_at == 0 && job.status == Status::pending, "an adopted job is ready at once");
}

// Whatever was delivered, each message has an entry, in order, and each entry is of one kind.
void check_delivered(const std::vector<std::string_view>& bodies, const Reading& out) {
  size_t next = 0;
  for (const Delivered& entry : out.delivered) {
    demand(entry.message == next || entry.message + 1 == next, "entries are in the order of their messages");
    next = entry.message + 1;
    const std::string_view body = bodies[entry.message];
    demand(
        entry.raw.data() >= body.data() && entry.raw.data() + entry.raw.size() <= body.data() + body.size(),
        "an entry's text lies in its message");
    switch (entry.kind) {
      case MessageKind::own:
        demand(is_id(entry.id) && entry.fence < 0, "ours name a job");
        break;
      case MessageKind::dead:
        demand(is_id(entry.id) && entry.fence >= 0, "dead letters name a job and its fencing token");
        break;
      case MessageKind::foreign:
        check_foreign(entry);
        break;
      case MessageKind::invalid:
        demand(!entry.code.empty() && !entry.detail.empty(), "what is invalid says why");
    }
  }
  demand(next == bodies.size(), "each message has an entry");
}

// What a wake-up is made of; it owns the texts that a Wake views.
struct Letter {
  std::string id, type, payload, correlation, user, session;
  Wake wake;
};

void make_letter(Choices& in, Entropy& entropy, Letter& out) {
  out.id = make_id(kNow + static_cast<int64_t>(in.bits(2)), in.byte(), in.byte(), entropy);
  out.type = in.text(12);
  out.correlation = in.text(12);
  out.user = in.text(12);
  out.session = in.text(12);
  // Payloads of every size up to beyond what a message holds.
  if (in.one_in(2)) out.payload = fuzz::quoted(in.text(40));
  if (in.one_in(8)) out.payload = "\"" + std::string(in.bits(3) % 110'000, 'x') + "\"";
  out.wake = Wake{out.id, out.type, out.payload};
  out.wake.priority = in.integer();
  out.wake.scheduled_at = in.integer();
  out.wake.max_attempts = 1 + static_cast<int64_t>(in.below(100));
  out.wake.timeout_ms = in.integer();
  out.wake.correlation_id = out.correlation;
  out.wake.user_id = out.user;
  out.wake.session_id = out.session;
  if (in.one_in(4)) out.wake.dead_fence = static_cast<int64_t>(in.bits(3));
}

void check_envelope(const Wake& wake, const std::string& text) {
  demand(text.size() <= limits::kMessageBytesMax, "an envelope fits a message");
  json::Document document;
  demand(!document.parse(text), "an envelope is JSON");
  const json::Value root = document.root();
  const json::Value metadata = root.find("metadata");
  demand(root.find("id").text() == wake.id && root.find("type").text() == wake.type,
         "id and type are as given");
  const bool whole = root.find("payloadRef").text() != "d1";
  demand(root.find("payload").raw() == (whole ? wake.payload : "null"), "a payload is whole or referred to");
  demand(metadata.find("scheduledAt").integer() == wake.scheduled_at, "the time is as given");
  demand(metadata.find("maxRetries").integer() == wake.max_attempts - 1, "n retries are n + 1 attempts");
  demand(metadata.find("timeoutMs").integer() == wake.timeout_ms, "the timeout is as given");
  demand(
      metadata.find("correlationId").text() == (wake.correlation_id.empty() ? wake.id : wake.correlation_id),
      "the correlation is as given, or the job's id");
  demand(
      metadata.find("userId").text() == wake.user_id && metadata.find("sessionId").text() == wake.session_id,
      "user and session are as given");
  demand(priority_from_name(metadata.find("priority").text()) > 0, "the priority has a name");
}

void check_round_trip(Choices in) {
  Entropy entropy(2, 2);
  const int transport = static_cast<int>(in.below(kTransportCount));
  std::vector<std::unique_ptr<Letter>> letters;
  Step step;
  {
    Packer packer(step, transport);
    for (size_t n = in.below(12); n > 0; --n) {
      letters.push_back(std::make_unique<Letter>());
      make_letter(in, entropy, *letters.back());
      const std::string text = write_message(letters.back()->wake);
      check_envelope(letters.back()->wake, text);
      packer.add(text);
    }
  }
  std::vector<std::string_view> bodies;
  for (const Send& send : step.sends) {
    demand(send.body.size() <= limits::kMessageBytesMax, "a packed message fits a queue");
    demand(send.binding == kTransports[transport].binding, "a message goes to its transport");
    bodies.push_back(send.body);
  }
  const Reading out = read(bodies);
  check_delivered(bodies, out);
  demand(out.delivered.size() == letters.size(), "as many envelopes are read as were packed");
  std::vector<size_t> in_message(bodies.size());
  for (size_t i = 0; i < letters.size(); ++i) {
    const Delivered& entry = out.delivered[i];
    const Wake& wake = letters[i]->wake;
    const bool dead = wake.dead_fence >= 0;
    demand(entry.kind == (dead ? MessageKind::dead : MessageKind::own), "what is written is read as ours");
    demand(entry.id == wake.id && entry.fence == (dead ? wake.dead_fence : -1),
           "id and fencing token come back");
    ++in_message[entry.message];
  }
  for (const Delivered& entry : out.delivered) {
    demand(in_message[entry.message] <= kTransports[transport].pack_max, "a message holds so many at most");
    demand(entry.sole == (in_message[entry.message] == 1), "an envelope knows whether it is alone");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string_view> bodies = split(input, '\x1e');
  check_delivered(bodies, read(bodies));
  check_round_trip(Choices(input));
  return 0;
}
