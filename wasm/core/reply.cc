#include "core/reply.h"

namespace sluice {
namespace {

constexpr int64_t kRetryAfterSeconds = 5;

std::string_view title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

void write_faults(json::Writer& writer, const std::vector<Fault>& faults) {
  writer.key("errors").begin_array();
  for (const Fault& fault : faults) {
    writer.begin_object().key("path").string(fault.path).key("code").string(fault.code);
    writer.key("message").string(fault.message).end_object();
  }
  writer.end_array();
}

Reply problem(int status, std::string_view detail, const std::vector<Fault>& faults) {
  Reply out;
  out.status = status;
  json::Writer writer(out.body);
  writer.begin_object().key("type").string("about:blank").key("title").string(title(status));
  writer.key("status").integer(status).key("detail").string(detail);
  if (!faults.empty()) write_faults(writer, faults);
  writer.end_object();
  if (status == 429 || status == 503) out.retry_after_seconds = kRetryAfterSeconds;
  return out;
}

Reply unavailable() { return problem(503, "The database cannot be reached; nothing was recorded."); }

Step failed_batch(const Input& input, int64_t tries_max) {
  Step step;
  if (!try_again(input, step, tries_max)) step.reply = unavailable();
  return step;
}

Reply read_json(std::string_view body, json::Document& out) {
  const json::Error error = out.parse(body);
  if (!error) return {};
  const std::string where = "Byte " + std::to_string(error.offset) + ".";
  return problem(400, "The body is not valid JSON.", {{"", std::string(json::name(error.code)), where}});
}

}  // namespace sluice
