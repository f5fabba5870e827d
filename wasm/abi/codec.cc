#include "abi/codec.h"

#include <memory>

#include "core/writer.h"

namespace sluice::abi {
namespace {

bool read_u32(std::string_view bytes, size_t at, uint32_t& out) {
  if (at > bytes.size() || bytes.size() - at < 4) return false;
  out = 0;
  for (size_t i = 4; i > 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return true;
}

void append_u32(std::string& out, size_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xff));
}

// Frames after the control, which refers to them by index.
class Frames {
 public:
  int64_t add(std::string_view text) {
    frames_.push_back(text);
    return static_cast<int64_t>(frames_.size());  // frame 0 is the control
  }
  // The same of a text that nobody else keeps.
  int64_t keep(std::string text) {
    kept_.push_back(std::make_unique<std::string>(std::move(text)));
    return add(*kept_.back());
  }
  void write(std::string_view control, std::string& out) {
    frames_.insert(frames_.begin(), control);
    write_frames(frames_, out);
  }

 private:
  std::vector<std::string_view> frames_;
  std::vector<std::unique_ptr<std::string>> kept_;
};

// JSON texts, a line each: none holds a line's end.
std::string lines(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : "\n").append(text);
  return out;
}

void write_outcome(json::Writer& writer, const Step& step, Frames& frames);

void write_plan(json::Writer& writer, const Step& step, Frames& frames) {
  std::vector<int64_t> index;
  for (const std::string& text : step.texts) index.push_back(frames.add(text));
  writer.key("plan").begin_array();
  for (const Statement& statement : step.plan) {
    writer.begin_array().integer(static_cast<int64_t>(statement.sql)).begin_array();
    for (const uint32_t param : statement.params) writer.integer(index[param]);
    writer.end_array().boolean(statement.for_host).end_array();
  }
  writer.end_array();
  if (step.shard > 0) writer.key("shard").integer(step.shard);
  if (!step.shards.empty()) {
    writer.key("shards").begin_array();
    for (const unsigned shard : step.shards) writer.integer(shard);
    writer.end_array();
  }
  if (step.expected) {
    writer.key("expect").integer(frames.add(step.expect)).key("expected").begin_object();
    write_outcome(writer, *step.expected, frames);
    writer.end_object();
  }
  if (step.carry.empty()) return;
  writer.key("carry").begin_array();
  for (const std::string& text : step.carry) writer.integer(frames.add(text));
  writer.end_array();
}

void write_split(json::Writer& writer, const std::vector<Part>& split) {
  writer.key("split").begin_array();
  for (const Part& part : split) {
    writer.begin_array().integer(part.shard).begin_array();
    for (const uint32_t item : part.items) writer.integer(item);
    writer.end_array().end_array();
  }
  writer.end_array();
}

void write_list(json::Writer& writer, std::string_view key, const std::vector<std::string>& items) {
  if (items.empty()) return;
  writer.key(key).begin_array();
  for (const std::string& item : items) writer.raw(item);
  writer.end_array();
}

void write_outcome(json::Writer& writer, const Step& step, Frames& frames) {
  if (!step.sends.empty()) {
    writer.key("sends").begin_array();
    for (const Send& send : step.sends) {
      writer.begin_array().string(send.binding).integer(frames.add(send.body));
      writer.integer(send.delay_seconds).end_array();
    }
    writer.end_array();
  }
  if (!step.marks.empty()) {
    writer.key("marks").begin_array();
    for (const Mark& mark : step.marks) {
      writer.begin_array().integer(mark.message).boolean(mark.retry).integer(mark.delay_seconds).end_array();
    }
    writer.end_array();
  }
  write_list(writer, "runs", step.runs);
  if (!step.runs.empty()) {
    writer.key("tokens").integer(frames.keep(lines(step.tokens)));
    writer.key("records").integer(frames.keep(lines(step.records)));
  }
  write_list(writer, "aborts", step.aborts);
  write_list(writer, "alerts", step.alerts);
  if (step.alerts_cut > 0) writer.key("alertsCut").integer(step.alerts_cut);
  write_list(writer, "logs", step.logs);
  if (step.reply.status != 0) {
    writer.key("reply").begin_object().key("status").integer(step.reply.status);
    if (step.reply.retry_after_seconds > 0) writer.key("retryAfter").integer(step.reply.retry_after_seconds);
    writer.key("frame").integer(frames.add(step.reply.body)).end_object();
  }
  if (!step.split.empty()) write_split(writer, step.split);
  if (step.again_ms >= 0) writer.key("againMs").integer(step.again_ms);
  if (step.bisect) writer.key("bisect").boolean(true);
  if (step.more) writer.key("more").boolean(true);
}

}  // namespace

bool read_frames(std::string_view bytes, std::vector<std::string_view>& out) {
  out.clear();
  uint32_t count = 0;
  if (!read_u32(bytes, 0, count)) return false;
  size_t at = 4;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t length = 0;
    if (!read_u32(bytes, at, length) || bytes.size() - at - 4 < length) return false;
    out.push_back(bytes.substr(at + 4, length));
    at += 4 + static_cast<size_t>(length);
  }
  return at == bytes.size();
}

void write_frames(const std::vector<std::string_view>& frames, std::string& out) {
  out.clear();
  size_t bytes = 4;
  for (const std::string_view frame : frames) bytes += 4 + frame.size();
  out.reserve(bytes);
  append_u32(out, frames.size());
  for (const std::string_view frame : frames) {
    append_u32(out, frame.size());
    out.append(frame);
  }
}

void write_step(const Step& step, std::string& out) {
  Frames frames;
  std::string control;
  json::Writer writer(control);
  writer.begin_object();
  if (step.plan.empty()) {
    write_outcome(writer, step, frames);
  } else {
    write_plan(writer, step, frames);
  }
  writer.end_object();
  frames.write(control, out);
}

}  // namespace sluice::abi
