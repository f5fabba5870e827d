#include "core/claim.h"

#include <algorithm>

#include "core/admit.h"
#include "core/archive.h"
#include "core/gate.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/order.h"
#include "core/record.h"
#include "core/run.h"
#include "core/wake.h"

namespace sluice {
namespace {

// A message that names a job.
struct Head {
  size_t message = 0;
  bool sole = true;
};

// What the batch asks for: one head per job, whichever messages name it.
struct Claim {
  Batch batch;
  std::string op;
  size_t messages = 0;
  std::vector<Head> heads;
  std::vector<size_t> delivered;  // of each head, its index in batch.delivered
  std::vector<NewJob> foreign;
  bool redelivered = false;
};

bool is_head(const Delivered& entry) {
  return entry.kind == MessageKind::own || entry.kind == MessageKind::foreign;
}

std::string_view key_of(const Delivered& entry) {
  return entry.kind == MessageKind::foreign ? std::string_view(entry.job->unique_key) : entry.id;
}

// Orders envelopes by the job that they name; an id of ours is never another's unique key.
int compare(const Delivered& a, const Delivered& b) { return key_of(a).compare(key_of(b)); }

// Which envelopes name a job that none before them names. Ids that come as they were made are in order.
std::vector<uint8_t> first_names(const std::vector<Delivered>& delivered,
                                 const std::vector<uint32_t>& named) {
  std::vector<uint8_t> out(delivered.size(), 1);
  bool ascends = true;
  for (size_t n = 1; n < named.size() && ascends; ++n) {
    ascends = compare(delivered[named[n - 1]], delivered[named[n]]) < 0;
  }
  if (ascends || !holds(Guard::one_head)) return out;
  std::vector<uint32_t> sorted = named;
  sort_indices(sorted, &delivered, [](const void* context, uint32_t a, uint32_t b) {
    const auto& list = *static_cast<const std::vector<Delivered>*>(context);
    const int order = compare(list[a], list[b]);
    return order != 0 ? order < 0 : a < b;
  });
  for (size_t n = 1; n < sorted.size(); ++n) {
    out[sorted[n]] = compare(delivered[sorted[n - 1]], delivered[sorted[n]]) != 0;
  }
  return out;
}

void read_heads(Claim& out) {
  const std::vector<Delivered>& delivered = out.batch.delivered;
  std::vector<uint32_t> named;
  for (uint32_t i = 0; i < delivered.size(); ++i) {
    if (is_head(delivered[i])) named.push_back(i);
  }
  const std::vector<uint8_t> first = first_names(delivered, named);
  for (const uint32_t i : named) {
    if (!first[i]) continue;
    out.heads.push_back({delivered[i].message, delivered[i].sole});
    out.delivered.push_back(i);
    if (delivered[i].kind == MessageKind::foreign) out.foreign.push_back(*delivered[i].job);
  }
}

void read_claim(const Input& input, Claim& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  out.messages = input.frames.size();
  read_batch(input, entropy, out.batch);
  read_heads(out);
  for (size_t i = 0; i < out.messages; ++i) out.redelivered = out.redelivered || deliveries(input, i) > 1;
}

// What the outcome needs of a batch in which every envelope is ours: [messages, message, sole, message, …].
std::string write_carry(const Claim& claim) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array().integer(static_cast<int64_t>(claim.messages));
  for (const Head& head : claim.heads) {
    writer.integer(static_cast<int64_t>(head.message)).integer(head.sole ? 1 : 0);
  }
  writer.end_array();
  return out;
}

// Counts and places are bounded: an index is one of a message that there is.
void read_carry(const Input& input, Claim& out) {
  Entropy entropy = input.entropy;
  out.op = make_nonce(entropy);
  json::Document document;
  if (input.frames.empty() || document.parse(input.frames[0])) return;
  const json::Value list = document.root();
  out.messages =
      std::min<size_t>(static_cast<size_t>(count_of(list.at(0))), input.control.find("messages").size());
  for (uint32_t n = 1; n + 1 < list.size(); n += 2) {
    const auto message = static_cast<size_t>(count_of(list.at(n)));
    if (message < out.messages) out.heads.push_back({message, list.at(n + 1).integer() == 1});
  }
}

bool all_ours(const Claim& claim) {
  return claim.batch.astray.empty() &&
         std::all_of(claim.batch.delivered.begin(), claim.batch.delivered.end(),
                     [](const Delivered& entry) { return entry.kind == MessageKind::own; });
}

std::string write_heads(const Claim& claim) {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const size_t n : claim.delivered) {
    const Delivered& entry = claim.batch.delivered[n];
    if (entry.kind == MessageKind::own) {
      writer.string(entry.id);
    } else {
      writer.begin_array().string(entry.job->unique_key).end_array();
    }
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
  if (all_ours(claim)) step.carry.push_back(write_carry(claim));
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
                 std::vector<uint8_t>& held) {
  const Head& head = claim.heads[n];
  Status status = Status::completed;
  if (!parse_status(row.at(record::status).text(), status)) return;  // no such job any more
  if (status == Status::processing && (row.at(record::op).text() == claim.op || !holds(Guard::own_lease))) {
    if (!first_sight(input, claim, n, row.at(record::id).text())) return;  // one lease is one run
    add_run(step, row, {head.message, deliveries(input, head.message), head.sole});
    held[head.message] = 1;
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
  std::vector<uint8_t> held(claim.messages, 0);
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
  if (input.carried) {
    read_carry(input, claim);
    return outcome(input, claim);
  }
  read_claim(input, claim);
  if (input.failed) return return_batch(input);
  Step step;
  if (!claim.batch.split.empty()) {
    step.split = std::move(claim.batch.split);
    return step;
  }
  if (input.rows.empty()) step = statements(input, claim);
  if (step.plan.empty()) return outcome(input, claim);
  step.shard = claim.batch.shard;
  return step;
}

}  // namespace sluice
