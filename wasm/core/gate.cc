#include "core/gate.h"

#include <algorithm>
#include <memory>

#include "core/gate_keys.h"
#include "core/guard.h"
#include "core/id.h"
#include "core/limits.h"
#include "core/message.h"
#include "core/record.h"
#include "core/reply.h"
#include "core/shards.h"

namespace sluice {
namespace {

constexpr std::string_view kQueueKind = "q:";
constexpr std::string_view kRateKind = "r:";
constexpr std::string_view kConcurrencyKind = "c:";
constexpr std::string_view kTenantKind = "t:";
constexpr std::string_view kUrlKind = "u:";
constexpr std::string_view kHostKind = "h:";
constexpr std::string_view kServiceKind = "s:";
constexpr std::string_view kReceiverKind = "s://";
// Lines from which the scraper takes its jobs itself.
constexpr std::string_view kPolledKind = "p:";

std::string gate_key(std::string_view kind, std::string_view name) { return std::string(kind).append(name); }

bool is_of(std::string_view key, std::string_view kind) { return key.substr(0, kind.size()) == kind; }

// Where there is a place or a spacing to tell of.
void write_cap(json::Writer& writer, std::string_view key, int64_t places, int64_t spacing_ms = 0) {
  if (places == 0 && spacing_ms == 0) return;
  writer.begin_array().string(key).integer_or_null(places);
  if (spacing_ms > 0) writer.integer(spacing_ms);
  writer.end_array();
}

// The key of a rate's gates in a queue, up to the tenant or concurrency key.
std::string rate_key(std::string_view queue) { return gate_key(kRateKind, queue).append(":"); }

void write_queue_caps(json::Writer& writer, const JobType& type, std::string_view queue) {
  const bool whole = type.rate.by == RateBy::queue;
  write_cap(writer, gate_key(kQueueKind, queue), type.concurrency, whole ? type.rate.spacing_ms() : 0);
  if (!whole) write_cap(writer, rate_key(queue), 0, type.rate.spacing_ms());
}

std::string write_scalars(const Input& input, const std::string& op, int64_t look) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("now").integer(input.now).key("op").string(op);
  writer.key("resend").integer(input.config.settings.resend_after_ms).key("look").integer(look);
  writer.key("skew").integer(clock_skew_ms());
  write_limits(writer, input.config);
  writer.end_object();
  return out;
}

}  // namespace

std::vector<std::string> gates_of(const NewJob& job, json::Value payload) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view kind, const std::string& name) {
    if (!name.empty()) out.push_back(gate_key(kind, name));
  };
  if (!job.concurrency_key.empty()) out.push_back(gate_key(kConcurrencyKind, job.concurrency_key));
  if (!job.tenant.empty()) out.push_back(gate_key(kTenantKind, job.tenant));
  if (job.type->rate.by == RateBy::tenant) out.push_back(rate_key(job.queue).append(job.tenant));
  if (job.type->rate.by == RateBy::concurrency_key) {
    out.push_back(rate_key(job.queue).append(job.concurrency_key));
  }
  const GatePolicy& policy = job.type->gates;
  if (!policy.url.empty()) add(kUrlKind, url_key(payload.find(policy.url).text()));
  if (!policy.host.empty()) add(kHostKind, host_key(payload.find(policy.host).text()));
  if (!policy.receiver.empty()) add(kReceiverKind, host_key(payload.find(policy.receiver).text()));
  add(kServiceKind, policy.service);
  return out;
}

void write_gates(json::Writer& writer, const NewJob& job) {
  std::string text;
  json::Writer list(text);
  list.begin_array();
  for (const std::string& key : job.gates) list.string(key);
  list.end_array();
  writer.string_or_null(job.gates.empty() ? std::string_view() : text);
}

void write_limits(json::Writer& writer, const Config& config) {
  writer.key("ahead").integer(limits::kStartAheadMs).key("caps").begin_array();
  write_cap(writer, kConcurrencyKind, 1);
  write_cap(writer, kTenantKind, config.settings.tenant_concurrency);
  write_cap(writer, kUrlKind, 1);
  write_cap(writer, kHostKind, config.settings.host_concurrency, config.settings.host_delay_ms);
  for (const JobType& type : config.types) {
    write_queue_caps(writer, type, type.queue);
    if (type.urgent_queue != type.queue) write_queue_caps(writer, type, type.urgent_queue);
  }
  writer.end_array().key("capped").begin_array();
  for (const std::string& queue : config.capped) writer.string(queue);
  writer.end_array();
}

int64_t turn_of(json::Value row) {
  const int64_t run_at = time_of(row.at(record::run_at));
  return run_at >= time_of(row.at(record::started_at)) ? run_at : 0;
}

int64_t GatePlaces::next(const std::string& key) {
  for (auto& [name, count] : counts_) {
    if (name == key) return ++count;
  }
  counts_.emplace_back(key, 1);
  return 1;
}

void GatePlaces::write_next(const Config& config, json::Writer& writer, const NewJob& job) {
  if (job.status != Status::pending || !job.line.empty()) {  // its claim asks, or its poll
    writer.null();
    return;
  }
  const std::string queue = gate_key(kQueueKind, job.queue);
  const int64_t place = next(queue);
  if (job.gates.empty() && !config.is_capped(job.queue)) {
    writer.null();
    return;
  }
  writer.begin_array().begin_array().string(queue).integer(place).end_array();
  for (const std::string& key : job.gates) writer.begin_array().string(key).integer(next(key)).end_array();
  writer.end_array();
}

void GatePlaces::write_keys(json::Writer& writer) const {
  writer.begin_array();
  for (const auto& [key, count] : counts_) writer.string(key);
  writer.end_array();
}

void Freed::add(std::string_view key, int64_t places) {
  for (auto& [name, count] : keys_) {
    if (name != key) continue;
    count += places;
    return;
  }
  keys_.emplace_back(key, places);
}

void Freed::add_all(const Freed& other) {
  for (const auto& [key, places] : other.keys_) add(key, places);
}

void Freed::add_places(const Config& config, std::string_view queue, json::Value gates) {
  const bool counted = config.is_capped(queue);
  if (!counted && gates.size() == 0) return;
  const std::string own = gate_key(kQueueKind, queue);
  if (counted) add(own, 1);
  for (const json::Value key : gates) {
    if (!counted || key.text() != own) add(key.text(), 1);
  }
}

int64_t Freed::most() const {
  int64_t out = 0;
  for (const auto& [key, places] : keys_) out = std::max(out, places);
  return std::min(out, limits::kReleaseRows);
}

std::string Freed::write() const {
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  for (const auto& [key, places] : keys_) {
    writer.begin_array().string(key).integer(std::min(places, limits::kReleaseRows)).end_array();
  }
  writer.end_array();
  return out;
}

void add_release(const Input& input, const std::string& op, const Freed& freed, Step& step) {
  if (freed.empty()) return;
  const uint32_t places = step.text(freed.write());
  // Not the step's own nonce: by that it knows the jobs that it moved, and one of those it could not may be
  // let out.
  const uint32_t scalars = step.text(write_scalars(input, op + "+", freed.most() + limits::kReleaseLook));
  step.add(Sql::gate_drop, {places, scalars});
  step.add(Sql::gate_release, {places, scalars});
}

void send_released(const Freed& freed, json::Value rows, Step& step) {
  if (freed.empty()) return;
  std::unique_ptr<Packer> packers[kTransportCount];
  unsigned shard = 0;
  for (const json::Value row : rows) {
    const int transport = transport_index(row.at(record::transport).text());
    if (transport < 0 || transport == kPolledTransport || !row.at(record::held_by).text().empty()) continue;
    const std::string_view id = row.at(record::id).text();
    if (is_id(id) && shard_of(id) != shard) {  // a message holds jobs of one shard
      shard = shard_of(id);
      for (auto& packer : packers) packer.reset();
    }
    auto& packer = packers[transport];
    if (!packer) packer = std::make_unique<Packer>(step, transport);
    packer->add(write_message(wake_of(row)));
  }
}

void add_line_walk(const Input& input, Step& step) {
  std::string walk;
  json::Writer(walk).begin_object().key("lines").integer(limits::kSweepLines).end_object();
  const uint32_t bound = step.text(std::move(walk));
  step.add(Sql::sweep_lines, {bound, step.text(write_scalars(input, "", 0))});
}

void add_gate_walk(const Input& input, Step& step) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("rows").integer(limits::kGateRows).key("now").integer(input.now);
  writer.key("skew").integer(clock_skew_ms()).key("fails").integer(limits::kFailsForMs).end_object();
  const uint32_t bound = step.text(std::move(text));
  step.add(Sql::sweep_gates, {bound});
  step.add(Sql::gate_prune, {bound});
}

LineWalk read_line_walk(json::Value rows) {
  LineWalk out;
  const std::string_view before = rows.at(0).at(2).text();
  int64_t sum = 0;
  int64_t lines = 0;
  for (const json::Value row : rows) {
    const std::string_view key = row.at(0).text();
    const bool limited = row.at(1).is(json::Kind::number);
    const int64_t room = limited ? std::min(row.at(1).integer(), limits::kReleaseRows) : limits::kReleaseRows;
    ++lines;
    if (room < 1 || is_of(key, kPolledKind)) continue;
    out.freed.add(key, room);
    sum += room;
    if (sum < limits::kReleaseRows && lines < limits::kSweepLines) continue;
    out.line = key;
    out.more = true;
    break;
  }
  if (!out.more && lines >= limits::kSweepLines) {
    out.line = rows.at(static_cast<uint32_t>(lines) - 1).at(0).text();
    out.more = true;
  }
  out.advances = out.line != before;
  out.writes = out.advances || !out.freed.empty();
  return out;
}

void add_line_advance(const LineWalk& walk, Step& step) {
  std::string text;
  json::Writer(text).begin_object().key("line").string(walk.line).end_object();
  step.add(Sql::sweep_lines_advance, {step.text(std::move(text))});
}

namespace {

// The queue as gate_queue.sql tells of it, a row for each shard.
std::string write_queue(const Input& input, std::string_view queue, json::Value rows) {
  const auto sum = [&](uint32_t n) {
    int64_t out = 0;
    for (const json::Value row : rows) out += count_of(row.at(2).at(n));
    return out;
  };
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("name").string(queue).key("paused").boolean(rows.at(0).at(0).integer() != 0);
  writer.key("concurrency").integer_or_null(input.config.queue_cap(queue));
  writer.key("pending").integer(sum(0)).key("delayed").integer(sum(1));
  writer.key("blocked").integer(sum(2)).key("processing").integer(sum(3));
  writer.end_object();
  return out;
}

Step pause_statements(const Input& input, std::string_view queue, bool paused, const Freed& freed) {
  Step step;
  on_all(input.config, step);
  Entropy entropy = input.entropy;
  const std::string op = make_nonce(entropy);
  std::string wish;
  json::Writer writer(wish);
  writer.begin_object().key("name").string(queue).key("paused").integer(paused ? 1 : 0);
  writer.key("known").integer(input.config.knows_queue(queue) ? 1 : 0).end_object();
  const uint32_t bound = step.text(std::move(wish));
  std::string scalars;
  json::Writer(scalars).begin_object().key("op").string(op).end_object();
  step.add(Sql::gate_pause, {bound, step.text(std::move(scalars))});
  step.add(Sql::gate_queue, {bound});
  add_release(input, op, freed, step);
  return step;
}

Step set_paused(const Input& input, bool paused) {
  if (input.failed) return failed_batch(input);
  Step step;
  const std::string_view queue = input.control.find("name").text();
  Freed freed;
  if (!paused) freed.add(gate_key(kQueueKind, queue), limits::kReleaseRows);
  const bool named = queue.size() <= limits::kGateNameMax && queue.find('\0') == std::string_view::npos;
  if (input.rows.empty() && named) return pause_statements(input, queue, paused, freed);
  if (!input.row(0, 1)) {
    step.reply = problem(404, "There is no such queue.");
    return step;
  }
  if (!paused) send_released(freed, input.rows[0].at(3), step);
  step.reply = Reply{200, 0, write_queue(input, queue, input.rows[0].at(1))};
  return step;
}

}  // namespace

Step pause_queue(const Input& input) { return set_paused(input, true); }

Step resume_queue(const Input& input) { return set_paused(input, false); }

}  // namespace sluice
