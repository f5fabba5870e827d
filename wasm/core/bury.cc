#include "core/bury.h"

#include "core/admit.h"
#include "core/archive.h"
#include "core/clock.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/record.h"

namespace sluice {
namespace {

struct Burial {
  Batch batch;
  std::string op;
  std::vector<size_t> dead;  // indices into batch.delivered
  std::vector<size_t> living;
  std::vector<NewJob> foreign;
};

void read_burial(const Input& input, Burial& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  read_batch(input, entropy, out.batch);
  for (size_t i = 0; i < out.batch.delivered.size(); ++i) {
    const Delivered& entry = out.batch.delivered[i];
    if (entry.kind == MessageKind::dead) out.dead.push_back(i);
    if (entry.kind == MessageKind::own) out.living.push_back(i);
    if (entry.kind == MessageKind::foreign) out.foreign.push_back(*entry.job);
  }
}

std::string write_ids(const Burial& burial, const std::vector<size_t>& which) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const size_t n : which) {
    const Delivered& entry = burial.batch.delivered[n];
    writer.begin_array().string(entry.id).integer(entry.fence).end_array();
  }
  writer.end_array();
  return out;
}

Step statements(const Input& input, const Burial& burial) {
  Step step;
  add_archive(input, burial.batch, burial.op, step);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("now").integer(input.now).key("op").string(burial.op);
  writer.key("skew").integer(clock_skew_ms()).end_object();
  const uint32_t scalars = step.text(std::move(text));
  if (!burial.foreign.empty()) add_admission(input, burial.op, burial.foreign, false, step);
  if (!burial.living.empty())
    step.add(Sql::bury_wake, {step.text(write_ids(burial, burial.living)), scalars});
  if (!burial.dead.empty()) {
    const uint32_t dead = step.text(write_ids(burial, burial.dead));
    step.add(Sql::bury_mark, {dead, scalars});
    step.add(Sql::bury_settle, {dead});
    step.add(Sql::bury_state, {dead});
  }
  return step;
}

// bury_state's row: [id, fence, op, type, queue, attempts, last error, failed at, buried at].
std::string write_alert(json::Value row) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("jobId").string(row.at(0).text()).key("type").string(row.at(3).text());
  writer.key("queue").string(row.at(4).text()).key("attempts").integer(row.at(5).integer());
  writer.key("lastError").raw(row.at(6).raw()).key("failedAt").string(rfc3339(time_of(row.at(7))));
  writer.end_object();
  return out;
}

bool same_letter(const Burial& burial, size_t a, size_t b) {
  const Delivered& one = burial.batch.delivered[burial.dead[a]];
  const Delivered& other = burial.batch.delivered[burial.dead[b]];
  return one.id == other.id && one.fence == other.fence;
}

// Whether the n-th dead letter is the same as one before it: the sweep sends them until one is archived.
bool repeated(const Burial& burial, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    if (same_letter(burial, i, n)) return true;
  }
  return false;
}

// Whether the n-th dead letter, or another copy of it in the batch, has been delivered before.
bool came_again(const Input& input, const Burial& burial, size_t n) {
  for (size_t i = 0; i < burial.dead.size(); ++i) {
    const size_t message = burial.batch.delivered[burial.dead[i]].message;
    if (same_letter(burial, i, n) && deliveries(input, message) > 1) return true;
  }
  return false;
}

Step outcome(const Input& input, const Burial& burial) {
  Step step;
  const json::Value stage = input.rows.empty() ? json::Value() : input.rows[0];
  if (!burial.dead.empty()) {
    size_t n = 0;
    for (const json::Value row : stage.at(stage.size() - 1).at(0)) {
      if (n == burial.dead.size()) break;  // not what was asked for
      const Delivered& entry = burial.batch.delivered[burial.dead[n++]];
      const bool same = row.at(1).integer(-1) == entry.fence || !holds(Guard::alert_fence);
      if (!same) continue;  // failed anew, or revived, since
      if (holds(Guard::alert_in_batch) && repeated(burial, n - 1)) continue;
      const bool first = row.at(2).text() == burial.op || !holds(Guard::alert_first);
      const bool again = came_again(input, burial, n - 1);
      const int64_t age = input.now - time_of(row.at(8));
      if (!first && (!again || age > limits::kAlertForMs)) continue;
      if (step.alerts.size() < limits::kAlertJobsMax) {
        step.alerts.push_back(write_alert(row));
      } else {
        ++step.alerts_cut;
      }
    }
  }
  for (size_t i = 0; i < input.frames.size(); ++i) step.marks.push_back({static_cast<int64_t>(i), false, 0});
  log_archived(input, burial.batch, step);
  return step;
}

}  // namespace

Step bury(const Input& input) {
  Burial burial;
  read_burial(input, burial);
  if (input.failed) return return_batch(input);
  if (!input.rows.empty()) return outcome(input, burial);
  Step step;
  if (!burial.batch.split.empty()) {
    step.split = std::move(burial.batch.split);
    return step;
  }
  step = statements(input, burial);
  if (step.plan.empty()) return outcome(input, burial);
  step.shard = burial.batch.shard;
  return step;
}

}  // namespace sluice
