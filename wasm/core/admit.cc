#include "core/admit.h"

#include <algorithm>
#include <memory>

#include "core/admission.h"
#include "core/depend.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/reply.h"
#include "core/wake.h"

namespace sluice {
namespace {

// The request's Idempotency-Key stands in for a unique key, one per item of a batch, by its place in the
// request.
void apply_idempotency_key(const Input& input, bool numbered, Admission& out) {
  const std::string_view key = input.control.find("idempotencyKey").text();
  if (key.empty()) return;
  if (key.size() > 200) {
    out.refusal = problem(422, "The Idempotency-Key is longer than 200 bytes.");
    return;
  }
  for (const Admission::Item& item : out.items) {
    if (!item.faults.empty()) continue;
    NewJob& job = out.jobs[item.job];
    if (!job.unique_key.empty()) continue;  // the body's own key is the more specific one
    job.unique_key.assign(kIdempotencyPrefix).append(key);
    if (numbered) job.unique_key.append("#").append(std::to_string(item.place));
  }
}

// The place of the first job of a batch in its caller's request.
unsigned first_place(const Input& input) {
  return static_cast<unsigned>(std::max<int64_t>(input.control.find("first").integer(), 0));
}

Reply item_problem(const std::vector<Fault>& faults) {
  const bool large = faults.front().code == "payload_too_large";
  return problem(large ? 413 : 422, large ? "The payload is too large." : "The job is not valid.", faults);
}

void write_admitted(json::Writer& writer, const Admitted& result) {
  writer.begin_object().key("jobId").string(result.id).key("status").string(result.status);
  if (result.verdict == Admitted::Verdict::duplicate) writer.key("duplicate").boolean(true);
  writer.end_object();
}

void read_one(const Input& input, Admission& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  if (!parse_body(input, limits::kBodyBytesMax, out)) return;
  read_item(input, out.document.root(), "", 0, entropy, out);
  apply_idempotency_key(input, false, out);
  give_homes(input, false, out);
  if (!out.items[0].faults.empty()) out.refusal = item_problem(out.items[0].faults);
}

void read_batch(const Input& input, Admission& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  if (!parse_body(input, limits::kBatchBodyBytesMax, out)) return;
  const json::Value jobs = out.document.root().find("jobs");
  if (!jobs.is(json::Kind::array)) {
    out.refusal =
        problem(422, "The batch is not valid.", {{"/jobs", "required", "Must be an array of jobs."}});
    return;
  }
  if (jobs.size() > limits::kBatchJobsMax) {
    out.refusal = problem(422, "The batch is not valid.", {{"/jobs", "max_items", "At most 1000 jobs."}});
    return;
  }
  const json::Value items = input.control.find("items");
  const unsigned first = first_place(input);
  uint32_t mine = 0;
  unsigned n = 0;
  for (const json::Value request : jobs) {
    const unsigned item = n++;
    if (items && items.at(mine).integer(-1) != item) continue;
    ++mine;
    read_item(input, request, batch_path(first + item), first + item, entropy, out);
  }
  apply_idempotency_key(input, true, out);
  give_homes(input, true, out);
}

// Why a job was not inserted: what it depends on does not exist, or its queue is full.
Reply not_taken(const Input& input, const NewJob& job, std::string_view base) {
  const std::vector<Fault> faults = unknown_parents(input, job, base);
  return faults.empty() ? queue_full() : item_problem(faults);
}

// Whether a job behind the n-th one of the same request has its unique key: then that one was refused.
bool passed_over(const Admission& admission, size_t n, const Admitted& result) {
  if (admission.jobs[n].depends_on.empty()) return false;
  for (size_t later = n + 1; later < admission.jobs.size(); ++later) {
    if (admission.jobs[later].id == result.id) return true;
  }
  return false;
}

Reply batch_reply(const Input& input, const Admission& admission, json::Value state) {
  Reply reply;
  reply.status = 201;
  json::Writer writer(reply.body);
  writer.begin_object().key("jobs").begin_array();
  for (const Admission::Item& item : admission.items) {
    const std::string base = batch_path(item.place);
    if (!item.faults.empty()) {
      writer.begin_object().key("error").raw(item_problem(item.faults).body).end_object();
      continue;
    }
    const Admitted result = admitted(state, item.job, admission.jobs[item.job]);
    if (result.verdict == Admitted::Verdict::full || passed_over(admission, item.job, result)) {
      writer.begin_object()
          .key("error")
          .raw(not_taken(input, admission.jobs[item.job], base).body)
          .end_object();
    } else {
      write_admitted(writer, result);
    }
  }
  writer.end_array().end_object();
  return reply;
}

Step outcome_of_one(const Input& input, const Admission& admission) {
  Step step;
  const json::Value state = admission_state(input);
  const Admitted result = admitted(state, 0, admission.jobs[0]);
  if (result.verdict == Admitted::Verdict::full) {
    step.reply = not_taken(input, admission.jobs[0], "");
    return step;
  }
  send_created(input, admission.jobs, state, step);
  step.reply.status = result.verdict == Admitted::Verdict::created ? 201 : 200;
  json::Writer writer(step.reply.body);
  write_admitted(writer, result);
  return step;
}

Step outcome_of_batch(const Input& input, const Admission& admission) {
  Step step;
  const json::Value state = admission_state(input);
  send_created(input, admission.jobs, state, step);
  step.reply = batch_reply(input, admission, state);
  return step;
}

// The rows of the plan where every job is inserted and waits for nothing but its time; empty where some are
// asked to wait for more.
std::string rows_if_taken(const Admission& admission, size_t statements) {
  std::string out = "[";
  for (size_t n = 1; n < statements; ++n) out.append("[],");
  json::Writer writer(out.append("["));
  writer.begin_array();
  for (const NewJob& job : admission.jobs) {
    if (!job.line.empty() || !job.depends_on.empty()) return {};
    writer.begin_array().string(job.id).string(name(job.status)).string(admission.op).null().end_array();
  }
  writer.end_array();
  return out.append("]]");
}

// The statements, and what follows where all goes as it mostly does.
Step plan_of(const Input& input, const Admission& admission,
             Step (*outcome)(const Input&, const Admission&)) {
  Step step = admission_statements(input, admission);
  json::Document rows;
  step.expect = step.plan.empty() ? "" : rows_if_taken(admission, step.plan.size());
  if (step.expect.empty() || rows.parse(step.expect)) return step;
  Input answered = input;
  answered.rows.assign(1, rows.root());
  step.expected = std::make_unique<Step>(outcome(answered, admission));
  return step;
}

}  // namespace

Admitted admitted(json::Value state, size_t n, const NewJob& job) {
  const json::Value row = state.at(static_cast<uint32_t>(n));
  Admitted out;
  out.id = row.at(0).text();
  out.status = row.at(1).text();
  if (out.id.empty()) return out;
  out.verdict = out.id == job.id ? Admitted::Verdict::created : Admitted::Verdict::duplicate;
  return out;
}

void send_created(const Input& input, const std::vector<NewJob>& jobs, json::Value state, Step& step) {
  std::unique_ptr<Packer> packers[kTransportCount];
  size_t n = 0;
  for (const json::Value row : state) {
    if (n == jobs.size()) break;  // not what was asked for
    const NewJob& job = jobs[n++];
    if (!job.line.empty()) continue;  // it is polled
    if (row.at(0).text() != job.id && holds(Guard::created_only)) continue;
    if (!row.at(3).text().empty()) continue;  // it stands in a line
    if (!job.depends_on.empty() && !is_ready(row.at(1).text())) continue;
    Wake wake{job.id, job.type->name, job.payload};
    wake.priority = job.priority;
    wake.scheduled_at = input.now;
    wake.max_attempts = job.max_attempts;
    wake.timeout_ms = job.timeout_ms;
    wake.correlation_id = job.correlation_id;
    wake.user_id = job.user_id;
    wake.session_id = job.session_id;
    if (job.run_at == 0) {
      auto& packer = packers[job.transport];
      if (!packer) packer = std::make_unique<Packer>(step, job.transport);
      packer->add(write_message(wake));
      continue;
    }
    const int64_t delay = delay_seconds(input.now, job.run_at);
    if (!can_be_sent(delay)) continue;
    step.sends.push_back({kTransports[job.transport].binding, write_message(wake), delay});
  }
}

Step admit_one(const Input& input) {
  Admission admission;
  read_one(input, admission);
  Step step;
  step.reply = admission.refusal;
  if (step.reply.status != 0) return step;
  if (input.failed) return admission_failed(input, 1);
  return input.rows.empty() ? plan_of(input, admission, outcome_of_one) : outcome_of_one(input, admission);
}

Step admit_batch(const Input& input) {
  Admission admission;
  read_batch(input, admission);
  Step step;
  step.reply = admission.refusal;
  if (step.reply.status != 0) return step;
  if (!admission.split.empty()) {
    step.split = std::move(admission.split);
    return step;
  }
  if (admission.jobs.empty()) {
    step.reply = batch_reply(input, admission, json::Value());
    return step;
  }
  if (input.failed) return admission_failed(input, admission.items.size());
  return input.rows.empty() ? plan_of(input, admission, outcome_of_batch)
                            : outcome_of_batch(input, admission);
}

}  // namespace sluice
