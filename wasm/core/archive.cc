#include "core/archive.h"

#include "core/guard.h"
#include "core/limits.h"
#include "core/move.h"
#include "core/writer.h"

namespace sluice {
namespace {

// Whether `text` can be kept as it is: UTF-8 without NUL. (The reader's verdict on its syntax is another.)
bool is_plain_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead == 0     ? 0
                          : lead < 0x80 ? 1
                          : lead < 0xc2 ? 0
                          : lead < 0xe0 ? 2
                          : lead < 0xf0 ? 3
                          : lead < 0xf5 ? 4
                                        : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
      return false;
    }
    i += length;
  }
  return true;
}

// The raw body as text; bytes that are no text are kept as "hex:" and their digits.
std::string keep_body(std::string_view raw) {
  if (is_plain_text(raw)) return std::string(raw);
  std::string out = "hex:";
  out.reserve(raw.size() * 2 + 4);
  for (const char c : raw) out.append(hex(static_cast<unsigned char>(c), 2));
  return out;
}

// The same message has the same id however often it is delivered: its transport's id and its place in it.
std::string archive_id(const Input& input, const Batch& batch, size_t n) {
  const Delivered& entry = batch.delivered[n];
  size_t place = 0;
  for (size_t i = n; i > 0 && batch.delivered[i - 1].message == entry.message; --i) ++place;
  std::string out = "message:";
  out.append(batch.queue).append(":").append(transport_id(input, entry.message));
  if (place > 0) out.append("#").append(std::to_string(place));
  return out;
}

}  // namespace

void read_batch(const Input& input, Entropy& entropy, Batch& out) {
  out.queue = input.control.find("queue").text();
  out.documents = std::vector<json::Document>(input.frames.size());
  out.delivered = read_messages(input.config, input.frames, out.documents, input.now, entropy);
}

std::string_view transport_id(const Input& input, size_t message) {
  return input.control.find("messages").at(static_cast<uint32_t>(message)).find("id").text();
}

int64_t deliveries(const Input& input, size_t message) {
  return input.control.find("messages").at(static_cast<uint32_t>(message)).find("attempts").integer(1);
}

void add_archive(const Input& input, const Batch& batch, const std::string& op, Step& step) {
  std::string rows;
  json::Writer writer(rows);
  writer.begin_array();
  bool any = false;
  for (size_t i = 0; i < batch.delivered.size(); ++i) {
    const Delivered& entry = batch.delivered[i];
    if (entry.kind != MessageKind::invalid) continue;
    any = true;
    writer.begin_array().string(archive_id(input, batch, i)).string(batch.queue);
    writer.integer(deliveries(input, entry.message));
    writer.raw(write_error({entry.code, entry.detail, false})).string(keep_body(entry.raw)).end_array();
  }
  writer.end_array();
  if (!any) return;
  std::string scalars;
  json::Writer(scalars).begin_object().key("now").integer(input.now).key("op").string(op).end_object();
  step.add(Sql::archive_messages, {step.text(std::move(rows)), step.text(std::move(scalars))});
}

void log_archived(const Input& input, const Batch& batch, Step& step) {
  for (size_t i = 0; i < batch.delivered.size(); ++i) {
    const Delivered& entry = batch.delivered[i];
    if (entry.kind != MessageKind::invalid) continue;
    std::string line;
    json::Writer writer(line);
    writer.begin_object().key("level").string("warn").key("event").string("message.invalid");
    writer.key("id").string(archive_id(input, batch, i)).key("queue").string(batch.queue);
    writer.key("code").string(entry.code).key("detail").string(entry.detail).end_object();
    step.logs.push_back(std::move(line));
  }
}

Step return_batch(const Input& input) {
  Step step;
  if (try_again(input, step)) return step;
  step.bisect = holds(Guard::bisect) && !is_transient(input.failure) && input.frames.size() > 1;
  for (size_t i = 0; i < input.frames.size(); ++i) {
    step.marks.push_back(
        {static_cast<int64_t>(i), holds(Guard::returned_batch), limits::kOutageRetrySeconds});
  }
  return step;
}

}  // namespace sluice
