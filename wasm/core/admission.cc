#include "core/admission.h"

#include "core/depend.h"
#include "core/guard.h"
#include "core/reply.h"

namespace sluice {

void read_item(const Input& input, json::Value request, std::string_view base, unsigned place,
               Entropy& entropy, Admission& out) {
  NewJob job;
  Admission::Item item;
  if (read_request(input.config, request, base, input.now, place, entropy, job, item.faults)) {
    item.job = out.jobs.size();
    out.jobs.push_back(std::move(job));
  }
  out.items.push_back(std::move(item));
}

bool parse_body(const Input& input, size_t bytes_max, Admission& out) {
  const std::string_view body = input.frames.empty() ? std::string_view() : input.frames[0];
  if (body.size() > bytes_max) {
    out.refusal = problem(413, "The body is too large.");
    return false;
  }
  out.refusal = read_json(body, out.document);
  return out.refusal.status == 0;
}

Reply queue_full() { return problem(429, "The queue has reached its maximum depth."); }

Step admission_failed(const Input& input, size_t jobs) {
  Step step;
  if (try_again(input, step)) return step;
  step.bisect = holds(Guard::bisect) && !is_transient(input.failure) && jobs > 1;
  step.reply = unavailable();
  return step;
}

Step admission_statements(const Input& input, const Admission& admission) {
  Step step;
  if (too_many_dependencies(admission.jobs)) {
    step.bisect = true;
    step.reply = unavailable();
    return step;
  }
  add_admission(input, admission.op, admission.jobs, true, step);
  return step;
}

json::Value admission_state(const Input& input) {
  const json::Value stage = input.rows[0];
  return stage.at(stage.size() - 1).at(0);
}

}  // namespace sluice
