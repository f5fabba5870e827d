#include "core/claim.h"

#include "core/admit.h"
#include "core/archive.h"
#include "core/gate.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/record.h"
#include "core/run.h"
#include "core/wake.h"

namespace sluice {
namespace {

// What the batch asks for: one head per job, whichever messages name it.
struct Claim {
  Batch batch;
  std::string op;
  std::vector<NewJob> foreign;
  std::vector<size_t> heads;  // indices into batch.delivered
  bool redelivered = false;
};

bool same_job(const Delivered& a, const Delivered& b) {
  if (a.kind != b.kind || !holds(Guard::one_head)) return false;
  return a.kind == MessageKind::foreign ? a.job.unique_key == b.job.unique_key : a.id == b.id;
}

bool is_head(const Delivered& entry) {
  return entry.kind == MessageKind::own || entry.kind == MessageKind::foreign;
}

// One head per job: a scan over at most a few hundred ids of equal length is cheap against a round trip.
void read_claim(const Input& input, Claim& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  read_batch(input, entropy, out.batch);
  for (size_t i = 0; i < out.batch.delivered.size(); ++i) {
    const Delivered& entry = out.batch.delivered[i];
    out.redelivered = out.redelivered || deliveries(input, entry.message) > 1;
    if (!is_head(entry)) continue;
    bool seen = false;
    for (const size_t head : out.heads) seen = seen || same_job(out.batch.delivered[head], entry);
    if (seen) continue;
    out.heads.push_back(i);
    if (entry.kind == MessageKind::foreign) out.foreign.push_back(entry.job);
  }
}

std::string write_heads(const Claim& claim) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const size_t head : claim.heads) {
    const Delivered& entry = claim.batch.delivered[head];
    writer.begin_array();
    if (entry.kind == MessageKind::own) {
      writer.string(entry.id).null();
    } else {
      writer.null().string(entry.job.unique_key);
    }
    writer.end_array();
  }
  writer.end_array();
  return out;
}

int64_t lease_end(const Input& input) { return input.now + input.config.settings.lease_ms; }

Step statements(const Input& input, const Claim& claim) {
  Step step;
  add_archive(input, claim.batch, claim.op, step);
  if (!claim.foreign.empty()) add_admission(input, claim.op, claim.foreign, false, step);
  if (claim.heads.empty()) return step;
  const uint32_t heads = step.text(write_heads(claim));
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("now").integer(input.now).key("op").string(claim.op);
  writer.key("skew").integer(clock_skew_ms()).key("lease").integer(lease_end(input));
  writer.key("worker").string(input.control.find("worker").text());
  const bool paced = input.config.paces(transport_index(input.control.find("queue").text()));
  write_limits(writer, input.config);
  writer.key("paced").integer(paced ? 1 : 0);
  writer.end_object();
  const uint32_t scalars = step.text(std::move(text));
  step.add(Sql::claim_park, {heads, scalars});
  step.add(Sql::claim_count, {heads, scalars});
  step.add(Sql::claim_places, {heads, scalars});
  step.add(Sql::claim_take, {heads, scalars});
  if (claim.redelivered) step.add(Sql::claim_defer, {heads, scalars});
  step.add(Sql::claim_payloads, {heads, scalars}, true);
  step.add(Sql::claim_state, {heads});
  return step;
}

// A job that is alive but not ready yet (its time has not come, or an earlier lease is not over) is sent
// again with the delay that is left: waiting is never a platform retry.
void wake_later(const Input& input, json::Value row, int64_t ready_at, Step& step) {
  const int transport = transport_index(row.at(record::transport).text());
  const int64_t delay = delay_seconds(input.now, ready_at);
  if (transport < 0 || transport == kPolledTransport || !can_be_sent(delay)) return;
  step.sends.push_back({kTransports[transport].binding, write_message(wake_of(row)), delay});
}

// Whether no head before the n-th led to the same job: one by our id and one by its foreign id may.
bool first_sight(const Input& input, const Claim& claim, size_t n, std::string_view id) {
  if (claim.foreign.empty() || !holds(Guard::one_run)) return true;
  const json::Value stage = input.rows[0];
  size_t other = 0;
  for (const json::Value row : stage.at(stage.size() - 1).at(0)) {
    if (other++ == n) return true;
    if (row.at(record::id).text() == id) return false;
  }
  return true;
}

void settle_head(const Input& input, const Claim& claim, size_t n, json::Value row, Step& step,
                 std::vector<bool>& held) {
  const Delivered& entry = claim.batch.delivered[claim.heads[n]];
  Status status = Status::completed;
  if (!parse_status(row.at(record::status).text(), status)) return;  // no such job any more
  if (status == Status::processing && (row.at(record::op).text() == claim.op || !holds(Guard::own_lease))) {
    if (!first_sight(input, claim, n, row.at(record::id).text())) return;  // one lease is one run
    step.runs.push_back(write_run(row, {entry.message, deliveries(input, entry.message), entry.sole}));
    held[entry.message] = true;
    return;
  }
  if (!row.at(record::held_by).text().empty()) return;  // in a line, nobody waits for a message
  const int64_t lease_over = time_of(row.at(record::lease_until)) + clock_skew_ms();
  if (status == Status::delayed) wake_later(input, row, time_of(row.at(record::run_at)), step);
  if (status == Status::pending && row.at(record::lease_until).is(json::Kind::number)) {
    wake_later(input, row, lease_over, step);
  }
}

Step outcome(const Input& input, const Claim& claim) {
  Step step;
  std::vector<bool> held(input.frames.size(), false);
  const json::Value stage = input.rows.empty() ? json::Value() : input.rows[0];
  size_t n = 0;
  if (stage && !claim.heads.empty()) {
    for (const json::Value row : stage.at(stage.size() - 1).at(0)) {
      if (n == claim.heads.size()) break;  // not what was asked for
      settle_head(input, claim, n++, row, step, held);
    }
  }
  for (size_t i = 0; i < held.size(); ++i) {
    if (!held[i]) step.marks.push_back({static_cast<int64_t>(i), false, 0});
  }
  log_archived(input, claim.batch, step);
  return step;
}

}  // namespace

Step claim(const Input& input) {
  Claim claim;
  read_claim(input, claim);
  if (input.failed) return return_batch(input);
  if (input.rows.empty()) {
    Step step = statements(input, claim);
    if (!step.plan.empty()) return step;
  }
  return outcome(input, claim);
}

}  // namespace sluice
