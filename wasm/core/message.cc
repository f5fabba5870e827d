#include "core/message.h"

#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/writer.h"

namespace sluice {
namespace {

std::string_view priority_name(int64_t priority) {
  if (priority <= kPriorityUrgent) return "urgent";
  if (priority <= kPriorityHigh) return "high";
  return priority < 7 ? "normal" : "low";
}

Delivered invalid(size_t message, std::string_view raw, std::string_view code, std::string detail) {
  Delivered out;
  out.message = message;
  out.raw = raw;
  out.code = code;
  out.detail = std::move(detail);
  return out;
}

// Our own mark, {v: 1, fence?}, in the metadata; absent in foreign envelopes.
json::Value own_mark(json::Value envelope) {
  const json::Value mark = envelope.find("metadata").find("sluice");
  return holds(Guard::own_mark) && mark.is(json::Kind::object) && mark.find("v").integer() == 1
             ? mark
             : json::Value();
}

Delivered read_one(const Config& config, json::Value envelope, size_t message, int64_t now, unsigned place,
                   Entropy& entropy) {
  Delivered out;
  out.message = message;
  out.raw = envelope.raw();
  if (const json::Value mark = own_mark(envelope)) {
    out.id = envelope.find("id").text();
    if (!is_id(out.id))
      return invalid(message, out.raw, "bad_id", "The message is marked as ours but has no job id.");
    out.fence = mark.find("fence").integer(-1);
    out.kind = out.fence >= 0 ? MessageKind::dead : MessageKind::own;
    return out;
  }
  std::vector<Fault> faults;
  out.job = std::make_unique<NewJob>();
  if (read_envelope(config, envelope, now, place, entropy, *out.job, faults)) {
    out.kind = MessageKind::foreign;
    return out;
  }
  const Fault& first = faults.front();
  return invalid(message, out.raw, first.code, (first.path.empty() ? "" : first.path + ": ") + first.message);
}

std::string write_envelope(const Wake& wake, bool whole) {
  std::string out;
  out.reserve(wake.payload.size() + 320);
  json::Writer writer(out);
  writer.begin_object().key("id").string(wake.id).key("type").string(wake.type);
  writer.key("payload").raw(whole ? wake.payload : "null");
  if (!whole) writer.key("payloadRef").string("d1");
  writer.key("metadata").begin_object();
  writer.key("priority").string(priority_name(wake.priority));
  writer.key("scheduledAt").integer(wake.scheduled_at);
  writer.key("maxRetries").integer(wake.max_attempts - 1);
  writer.key("timeoutMs").integer(wake.timeout_ms);
  writer.key("correlationId").string(wake.correlation_id.empty() ? wake.id : wake.correlation_id);
  if (!wake.user_id.empty()) writer.key("userId").string(wake.user_id);
  if (!wake.session_id.empty()) writer.key("sessionId").string(wake.session_id);
  writer.key("sluice").begin_object().key("v").integer(1);
  if (wake.dead_fence >= 0) writer.key("fence").integer(wake.dead_fence);
  writer.end_object().end_object().end_object();
  return out;
}

}  // namespace

std::string write_message(const Wake& wake) {
  const bool whole = !holds(Guard::message_bytes);
  const bool fits = !wake.payload.empty() && (whole || wake.payload.size() < limits::kMessageBytesMax);
  std::string out = write_envelope(wake, fits);
  return whole || out.size() <= limits::kMessageBytesMax ? out : write_envelope(wake, false);
}

void Packer::add(std::string envelope) {
  const Transport& transport = kTransports[transport_];
  if (!held_.empty() &&
      (held_.size() >= transport.pack_max || bytes_ + envelope.size() + 16 > limits::kMessageBytesMax)) {
    flush();
  }
  bytes_ += envelope.size() + 1;
  held_.push_back(std::move(envelope));
}

void Packer::flush() {
  if (held_.empty()) return;
  std::string body;
  if (held_.size() == 1) {
    body = std::move(held_.front());
  } else {
    body.reserve(bytes_ + 16);
    body = "{\"jobs\":[";
    for (size_t i = 0; i < held_.size(); ++i) body.append(i == 0 ? "" : ",").append(held_[i]);
    body.append("]}");
  }
  step_.sends.push_back({kTransports[transport_].binding, std::move(body), 0});
  held_.clear();
  bytes_ = 0;
}

std::vector<Delivered> read_messages(const Config& config, const std::vector<std::string_view>& bodies,
                                     std::vector<json::Document>& documents, int64_t now, Entropy& entropy) {
  std::vector<Delivered> out;
  out.reserve(bodies.size());
  unsigned place = 0;
  for (size_t i = 0; i < bodies.size(); ++i) {
    const json::Error error = documents[i].parse(bodies[i]);
    if (error) {
      out.push_back(
          invalid(i, bodies[i], json::name(error.code), "Byte " + std::to_string(error.offset) + "."));
      continue;
    }
    const json::Value root = documents[i].root();
    const json::Value jobs = root.find("jobs");
    if (!jobs.is(json::Kind::array) || jobs.size() == 0) {
      out.push_back(read_one(config, root, i, now, place++, entropy));
      continue;
    }
    size_t inside = 0;
    for (const json::Value envelope : jobs) {
      out.push_back(read_one(config, envelope, i, now, place++, entropy));
      out.back().place = inside++;
      out.back().sole = jobs.size() == 1;
    }
  }
  return out;
}

}  // namespace sluice
