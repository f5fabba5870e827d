#include "core/admission.h"

#include "core/depend.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/reply.h"
#include "core/shards.h"

namespace sluice {

void read_item(const Input& input, json::Value request, std::string_view base, unsigned place,
               Entropy& entropy, Admission& out) {
  NewJob job;
  Admission::Item item;
  item.place = place;
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

std::string batch_path(unsigned place) { return "/jobs/" + std::to_string(place); }

void give_homes(const Input& input, bool batch, Admission& out) {
  if (input.config.shards == 1) return;
  const unsigned lot = lot_of(input);
  std::vector<NewJob> kept;
  for (Admission::Item& item : out.items) {
    if (!item.faults.empty()) continue;
    NewJob& job = out.jobs[item.job];
    set_shard(job.id, home_of(input.config, job, lot, batch ? batch_path(item.place) : "", item.faults));
    if (!item.faults.empty()) continue;
    item.job = kept.size();
    kept.push_back(std::move(job));
  }
  out.jobs = std::move(kept);
  out.shard = input.shard() >= 0 || out.jobs.empty() ? lot : shard_of(out.jobs.front().id);
  if (input.shard() >= 0) return;
  std::vector<Part> parts;
  for (size_t i = 0; i < out.items.size(); ++i) {
    const Admission::Item& item = out.items[i];  // one with faults lives nowhere
    add_item(parts, item.faults.empty() ? shard_of(out.jobs[item.job].id) : out.shard, i);
  }
  if (parts.size() > 1) out.split = std::move(parts);
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
  step.shard = admission.shard;
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
