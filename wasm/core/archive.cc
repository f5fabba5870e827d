#include "core/archive.h"

#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/move.h"
#include "core/shards.h"
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
  std::string out = "message:";
  out.append(batch.queue).append(":").append(transport_id(input, entry.message));
  if (entry.place > 0) out.append("#").append(std::to_string(entry.place));
  return out;
}

// Where the entry lives; -1: no database has it. Messages that are no jobs are kept on shard 0.
int shard_of_entry(const Config& config, const Delivered& entry) {
  switch (entry.kind) {
    case MessageKind::own:
    case MessageKind::dead:
      return shard_of_job(config, entry.id);
    case MessageKind::foreign:
      return static_cast<int>(shard_of(entry.job->id));
    default:
      return 0;
  }
}

// Gives each foreign envelope its home: it is unique under its own id, so it has a judge.
void settle_foreign(const Config& config, Batch& batch) {
  std::vector<Fault> faults;
  for (Delivered& entry : batch.delivered) {
    if (entry.kind == MessageKind::foreign)
      set_shard(entry.job->id, home_of(config, *entry.job, 0, "", faults));
  }
}

// Leaves what lives on the shard that this run is for, or else tells what concerns which.
void choose_shard(const Input& input, Batch& batch) {
  settle_foreign(input.config, batch);
  std::vector<Delivered> list;
  std::vector<Part> parts;
  std::vector<uint8_t> seen(input.frames.size(), 0);
  for (Delivered& entry : batch.delivered) {
    const int shard = shard_of_entry(input.config, entry);
    const bool elsewhere = input.shard() >= 0 && shard != input.shard();
    if (shard < 0) batch.astray.push_back(entry.id);
    if (shard < 0 || (elsewhere && holds(Guard::own_shard))) continue;
    add_item(parts, static_cast<unsigned>(shard), entry.message);
    seen[entry.message] = 1;
    list.push_back(std::move(entry));
  }
  batch.delivered = std::move(list);
  if (input.shard() >= 0) {
    batch.shard = shard_told(input);
    return;
  }
  if (!parts.empty()) batch.shard = parts.front().shard;
  if (parts.size() < 2) return;
  for (size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) add_item(parts, batch.shard, i);  // it names nothing: any of them may acknowledge it
  }
  batch.split = std::move(parts);
}

}  // namespace

void read_batch(const Input& input, Entropy& entropy, Batch& out) {
  out.queue = input.control.find("queue").text();
  out.documents = std::vector<json::Document>(input.frames.size());
  out.delivered = read_messages(input.config, input.frames, out.documents, input.now, entropy);
  if (input.config.shards > 1) choose_shard(input, out);
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
  for (const std::string_view id : batch.astray) {
    std::string line;
    json::Writer writer(line);
    writer.begin_object().key("level").string("warn").key("event").string("message.astray");
    writer.key("jobId").string(id).key("queue").string(batch.queue).end_object();
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
