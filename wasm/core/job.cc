#include "core/job.h"

#include <algorithm>

#include "core/clock.h"
#include "core/gate.h"
#include "core/id.h"
#include "core/limits.h"

namespace sluice {
namespace {

constexpr std::string_view kNames[] = {"pending",   "delayed", "blocked",  "processing",
                                       "completed", "failed",  "cancelled"};
static_assert(std::size(kNames) == static_cast<size_t>(Status::kCount));

int64_t read_priority(json::Value value, int64_t fallback) {
  return value.is(json::Kind::string) ? priority_from_name(value.text()) : whole(value, fallback);
}

// A validated number ≥ 0 in thousandths, rounded up: "1.5" seconds is 1500 ms.
int64_t thousandths(json::Value value) {
  if (value.node().truth) return value.integer() * 1000;
  const double scaled = value.number() * 1000;
  const auto whole = static_cast<int64_t>(scaled);
  return static_cast<double>(whole) < scaled ? whole + 1 : whole;
}

// The job's own backoff: the type's, with the members that the request names.
std::string own_backoff(json::Value value, Backoff policy) {
  if (!value) return "";
  if (const json::Value kind = value.find("type")) (void)backoff_kind(kind.text(), policy.kind);
  policy.delay_ms = whole(value.find("delay"), policy.delay_ms);
  policy.max_delay_ms = whole(value.find("maxDelay"), policy.max_delay_ms);
  if (const json::Value jitter = value.find("jitter")) {
    policy.jitter_permille = std::min<int64_t>(thousandths(jitter), 1000);
  }
  std::string out;
  json::Writer writer(out);
  writer.begin_array().string(name(policy.kind)).integer(policy.delay_ms);
  writer.integer(policy.max_delay_ms).integer(policy.jitter_permille).end_array();
  return out;
}

void read_when(json::Value request, std::string_view base, int64_t now, NewJob& out,
               std::vector<Fault>& faults) {
  const json::Value delay = request.find("delaySeconds");
  const json::Value at = request.find("runAt");
  if (delay && at) {
    faults.push_back({pointer(base, "runAt"), "conflict", "Give delaySeconds or runAt, not both."});
    return;
  }
  int64_t run_at = 0;
  if (delay) run_at = now + thousandths(delay);
  if (at) {
    run_at = parse_rfc3339(at.text());
    if (run_at < 0) {
      faults.push_back({pointer(base, "runAt"), "format", "Must be an RFC 3339 date-time after 1970."});
      return;
    }
  }
  if (run_at <= now) return;
  out.run_at = run_at;
  out.status = Status::delayed;
}

void read_unique(json::Value request, std::string_view base, int64_t now, NewJob& out,
                 std::vector<Fault>& faults) {
  const json::Value key = request.find("uniqueKey");
  const json::Value window = request.find("uniqueForSeconds");
  if (window && !key) {
    faults.push_back({pointer(base, "uniqueForSeconds"), "conflict", "Needs a uniqueKey."});
    return;
  }
  if (!key) return;
  out.unique_key.assign(kUniqueKeyPrefix).append(key.text());
  if (window) out.unique_until = now + whole(window, 0) * 1000;
}

// What the job waits for; its time, where it has one, may come before or after.
void read_dependencies(json::Value request, std::string_view base, NewJob& out, std::vector<Fault>& faults) {
  const json::Value parents = request.find("dependsOn");
  const json::Value policy = request.find("onDependencyFailure");
  if (policy && !parents) {
    faults.push_back({pointer(base, "onDependencyFailure"), "conflict", "Needs a dependsOn."});
    return;
  }
  if (parents.size() == 0) return;
  out.depends_on = parents.raw();
  out.proceeds = policy.text() == "proceed";
  out.status = Status::blocked;
}

// Queue, transport, attempts and timeout follow from the type and the priority.
void route(const JobType& type, NewJob& out) {
  const bool urgent = out.priority == kPriorityUrgent;
  out.type = &type;
  out.queue = urgent ? type.urgent_queue : type.queue;
  out.transport = urgent ? type.urgent_transport : type.transport;
  out.line = type.line;
  out.max_attempts = urgent ? type.urgent_max_attempts : type.max_attempts;
  out.timeout_ms = type.timeout_ms;
}

const JobType* find_type(const Config& config, json::Value name, std::string_view base,
                         std::vector<Fault>& faults) {
  if (!name.is(json::Kind::string)) return nullptr;  // the schema has said so already
  const JobType* type = config.type(name.text());
  if (type == nullptr) {
    faults.push_back({pointer(base, "type"), "unknown_type", "No job type has this name."});
  }
  return type;
}

// SQLite's texts end at U+0000, so two names that differ behind one would be the same name.
void refuse_nul(json::Value object, std::string_view base, std::vector<Fault>& faults) {
  for (const json::Value member : object) {
    bool found = member.text().find('\0') != std::string_view::npos;
    if (member.key() == "tags" || member.key() == "dependsOn") {
      for (const json::Value text : member) found = found || text.text().find('\0') != std::string_view::npos;
    }
    if (found) faults.push_back({pointer(base, member.key()), "format", "Must not hold U+0000."});
  }
}

bool read_payload(const JobType& type, json::Value payload, std::string_view base, NewJob& out,
                  std::vector<Fault>& faults) {
  if (!payload) return false;
  out.payload = payload.raw();
  if (out.payload.size() > limits::kPayloadBytesMax) {
    faults.assign(1, {pointer(base, "payload"), "payload_too_large", "A payload may hold 1 MiB."});
    return false;
  }
  return type.payload.validate(payload, pointer(base, "payload"), faults);
}

}  // namespace

int64_t whole(json::Value value, int64_t fallback) {
  if (!value.is(json::Kind::number)) return fallback;
  return value.node().truth ? value.integer() : static_cast<int64_t>(value.number());
}

std::string_view name(Status status) { return kNames[static_cast<size_t>(status)]; }

bool parse_status(std::string_view text, Status& out) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] != text) continue;
    out = static_cast<Status>(i);
    return true;
  }
  return false;
}

bool is_final(Status status) {
  return status == Status::completed || status == Status::failed || status == Status::cancelled;
}

bool read_request(const Config& config, json::Value request, std::string_view base, int64_t now,
                  unsigned place, Entropy& entropy, NewJob& out, std::vector<Fault>& faults) {
  out.id = make_id(now, place, 0, entropy);
  config.request.validate(request, base, faults);
  refuse_nul(request, base, faults);
  if (!request.is(json::Kind::object)) return false;
  const JobType* type = find_type(config, request.find("type"), base, faults);
  if (type == nullptr) return false;
  out.priority = read_priority(request.find("priority"), type->priority);
  route(*type, out);
  read_payload(*type, request.find("payload"), base, out, faults);
  if (!faults.empty()) return false;  // the rest reads values that the schema has vouched for
  out.max_attempts = whole(request.find("maxAttempts"), out.max_attempts);
  out.timeout_ms = whole(request.find("timeoutMs"), out.timeout_ms);
  out.backoff = own_backoff(request.find("backoff"), type->backoff);
  if (const json::Value tags = request.find("tags"); tags.size() > 0) out.tags = tags.raw();
  out.correlation_id = request.find("correlationId").text();
  out.user_id = request.find("userId").text();
  out.session_id = request.find("sessionId").text();
  out.tenant = request.find("tenant").text();
  out.concurrency_key = request.find("concurrencyKey").text();
  out.gates = gates_of(out, request.find("payload"));
  read_when(request, base, now, out, faults);
  read_unique(request, base, now, out, faults);
  read_dependencies(request, base, out, faults);
  return faults.empty();
}

bool read_envelope(const Config& config, json::Value envelope, int64_t now, unsigned place, Entropy& entropy,
                   NewJob& out, std::vector<Fault>& faults) {
  out.id = make_id(now, place, 0, entropy);
  config.envelope.validate(envelope, "", faults);
  refuse_nul(envelope, "", faults);
  refuse_nul(envelope.find("metadata"), "/metadata", faults);
  if (!envelope.is(json::Kind::object)) return false;
  const JobType* type = find_type(config, envelope.find("type"), "", faults);
  if (type == nullptr) return false;
  const json::Value metadata = envelope.find("metadata");
  out.priority = read_priority(metadata.find("priority"), type->priority);
  route(*type, out);
  read_payload(*type, envelope.find("payload"), "", out, faults);
  if (!faults.empty()) return false;
  out.max_attempts = whole(metadata.find("maxRetries"), out.max_attempts - 1) + 1;
  out.timeout_ms = whole(metadata.find("timeoutMs"), out.timeout_ms);
  out.correlation_id = metadata.find("correlationId").text();
  out.user_id = metadata.find("userId").text();
  out.session_id = metadata.find("sessionId").text();
  out.unique_key.assign(kForeignPrefix).append(envelope.find("id").text());
  out.gates = gates_of(out, envelope.find("payload"));
  return true;
}

Backoff backoff_of(json::Value own, const JobType* type) {
  Backoff out = type != nullptr ? type->backoff : Backoff{};
  if (!own.is(json::Kind::array) || own.size() != 4) return out;
  (void)backoff_kind(own.at(0).text(), out.kind);
  out.delay_ms = std::clamp<int64_t>(own.at(1).integer(), 0, kBackoffMsMax);
  out.max_delay_ms = std::clamp<int64_t>(own.at(2).integer(), 0, kBackoffMsMax);
  out.jitter_permille = std::clamp<int64_t>(own.at(3).integer(), 0, 1000);
  return out;
}

}  // namespace sluice
