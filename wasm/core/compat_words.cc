#include "core/compat_words.h"

namespace sluice {
namespace {

std::string_view code_of(int status) {
  switch (status) {
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 429:
      return "queue_full";
    case 503:
      return "unavailable";
    default:
      return status < 500 ? "invalid" : "internal";
  }
}

// "/payload/target_url" of a job is "/target_url" of the document's request.
std::string_view document_path(std::string_view path) {
  constexpr std::string_view kPayload = "/payload";
  return path.substr(0, kPayload.size()) == kPayload ? path.substr(kPayload.size()) : path;
}

}  // namespace

void write_problem(json::Writer& writer, json::Value problem) {
  const int64_t status = problem.find("status").integer();
  writer.key("error").begin_object().key("code").string(code_of(static_cast<int>(status)));
  writer.key("message").string(problem.find("detail").text()).key("errors").begin_array();
  for (const json::Value fault : problem.find("errors")) {
    writer.begin_object().key("path").string(document_path(fault.find("path").text()));
    writer.key("code")
        .raw(fault.find("code").raw())
        .key("message")
        .raw(fault.find("message").raw())
        .end_object();
  }
  writer.end_array().end_object();
}

Reply in_its_words(const Reply& problem) {
  json::Document document;
  if (document.parse(problem.body)) return problem;
  Reply out{problem.status, problem.retry_after_seconds, ""};
  json::Writer writer(out.body);
  writer.begin_object().key("success").boolean(false);
  write_problem(writer, document.root());
  writer.end_object();
  return out;
}

Step refusal_of(const Reply& problem) {
  Step step;
  step.reply = in_its_words(problem);
  return step;
}

void write_text_or_null(json::Writer& writer, json::Value cell) {
  writer.raw(cell.is(json::Kind::string) ? cell.raw() : "null");
}

}  // namespace sluice
