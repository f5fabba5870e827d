#include "abi/probe.h"

#include "abi/codec.h"
#include "core/backoff.h"
#include "core/id.h"
#include "core/job.h"
#include "core/reply.h"

namespace sluice::abi {
namespace {

using Frames = std::vector<std::string_view>;

void probe_json(std::string_view text, json::Writer& writer) {
  json::Document document;
  const json::Error error = document.parse(text);
  writer.begin_object().key("code").string(json::name(error.code));
  writer.key("offset").integer(static_cast<int64_t>(error.offset)).end_object();
}

void probe_schema(std::string_view source, std::string_view text, json::Writer& writer) {
  Schema schema;
  json::Document document;
  std::vector<Fault> faults;
  json::Document parsed;
  const bool broken = static_cast<bool>(parsed.parse(source));
  const std::string why = broken ? "not JSON" : schema.compile(parsed.root());
  const bool valid = why.empty() && !document.parse(text) && schema.validate(document.root(), "", faults);
  writer.begin_object().key("refused").string(why).key("valid").boolean(valid);
  write_faults(writer, faults);
  writer.end_object();
}

void probe_backoff(json::Value control, Entropy entropy, json::Writer& writer) {
  const Backoff policy = backoff_of(control.find("policy"), nullptr);
  writer.begin_array();
  for (const json::Value n : control.find("attempts"))
    writer.integer(backoff_ms(policy, n.integer(), entropy));
  writer.end_array();
}

}  // namespace

bool probe(const Frames& frames, std::string& output) {
  json::Document document;
  if (frames.empty() || document.parse(frames[0])) return false;
  const json::Value control = document.root();
  const std::string_view what = control.find("probe").text();
  Entropy entropy(0, 0);
  (void)entropy_from_hex(control.find("seed").text(), entropy);
  std::string out;
  json::Writer writer(out);
  if (what == "json" && frames.size() == 2) {
    probe_json(frames[1], writer);
  } else if (what == "schema" && frames.size() == 3) {
    probe_schema(frames[1], frames[2], writer);
  } else if (what == "backoff") {
    probe_backoff(control, entropy, writer);
  } else if (what == "id") {
    const auto place = static_cast<unsigned>(control.find("place").integer());
    const auto shard = static_cast<unsigned>(control.find("shard").integer());
    writer.string(make_id(control.find("now").integer(), place, shard, entropy));
  } else {
    return false;
  }
  write_frames({out}, output);
  return true;
}

}  // namespace sluice::abi
