#include "core/config.h"

#include <algorithm>

#include "core/limits.h"
#include "core/order.h"
#include "core/request_schema.h"
#include "core/shards.h"

namespace sluice {
namespace {

using json::Kind;
using json::Value;

std::string text_of(Value object, std::string_view key) { return std::string(object.find(key).text()); }

// Reads an optional integer member; false where it is present and not an integer in [low, high].
bool read_integer(Value object, std::string_view key, int64_t low, int64_t high, int64_t& out) {
  const Value member = object.find(key);
  if (!member) return true;
  const int64_t value = member.integer(low - 1);
  if (value < low || value > high) return false;
  out = value;
  return true;
}

std::string read_backoff(Value object, Backoff& out) {
  const Value backoff = object.find("backoff");
  if (!backoff) return "";
  if (!backoff.is(Kind::object)) return "backoff must be an object";
  const std::string kind = text_of(backoff, "type");
  if (!kind.empty() && !backoff_kind(kind, out.kind)) return "backoff.type is unknown";
  if (!read_integer(backoff, "delay", 0, kBackoffMsMax, out.delay_ms))
    return "backoff.delay is out of bounds";
  if (!read_integer(backoff, "maxDelay", 0, kBackoffMsMax, out.max_delay_ms)) {
    return "backoff.maxDelay is out of bounds";
  }
  const Value jitter = backoff.find("jitter");
  if (!jitter) return "";
  if (!jitter.is(Kind::number)) return "backoff.jitter must be a number";
  const double share = jitter.number();
  if (!(share >= 0 && share <= 1)) return "backoff.jitter must be from 0 to 1";
  out.jitter_permille = static_cast<int64_t>(share * 1000 + 0.5);
  return "";
}

std::string read_rate(Value object, RatePolicy& out) {
  const Value rate = object.find("rate");
  if (!rate) return "";
  if (!rate.is(Kind::object)) return "rate must be an object";
  if (!read_integer(rate, "count", 1, limits::kRateCountMax, out.count) || out.count == 0) {
    return "rate.count is out of bounds";
  }
  if (!read_integer(rate, "perMs", 1, limits::kRatePerMsMax, out.per_ms) || out.per_ms == 0) {
    return "rate.perMs is out of bounds";
  }
  const std::string by = text_of(rate, "by");
  if (by == "tenant") out.by = RateBy::tenant;
  if (by == "concurrencyKey") out.by = RateBy::concurrency_key;
  const bool known = out.by != RateBy::queue || by == "queue" || !rate.find("by");
  return known ? "" : "rate.by must be queue, tenant or concurrencyKey";
}

std::string read_gates(Value object, GatePolicy& out) {
  const Value gates = object.find("gates");
  if (!gates) return "";
  if (!gates.is(Kind::object)) return "gates must be an object";
  for (const auto& [key, member] :
       {std::pair("url", &GatePolicy::url), std::pair("host", &GatePolicy::host),
        std::pair("receiver", &GatePolicy::receiver), std::pair("service", &GatePolicy::service)}) {
    out.*member = text_of(gates, key);
    if ((out.*member).empty() && gates.find(key)) return std::string("gates.") + key + " must be a text";
  }
  return "";
}

// The transport of a logical queue: none where the type is polled, else itself where it is one, else the
// type's wish, else background-jobs.
int transport_of(const std::string& queue, const std::string& wish) {
  if (wish == kPolledName) return kPolledTransport;
  const int own = transport_index(queue);
  if (own >= 0) return own;
  return wish.empty() ? kBackgroundTransport : transport_index(wish);
}

// Whether a name is the same in JSON: statements look for it there.
bool is_plain(std::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; });
}

std::string read_route(Value source, JobType& out) {
  out.name = text_of(source, "type");
  out.queue = text_of(source, "queue");
  if (out.name.empty() || out.queue.empty()) return "needs a type and a queue";
  const std::string wish = text_of(source, "transport");
  out.urgent_queue = text_of(source, "urgentQueue");
  if (out.urgent_queue.empty()) out.urgent_queue = out.queue;
  if (!is_plain(out.queue + out.urgent_queue)) return "has a queue whose name is not plain text";
  out.transport = transport_of(out.queue, wish);
  out.urgent_transport = transport_of(out.urgent_queue, wish);
  if (out.transport < 0 || out.urgent_transport < 0) return "names an unknown transport";
  const std::string slot = text_of(source, "slot");
  if (out.transport == kPolledTransport) {
    out.line.append(kLinePrefix).append(slot.empty() ? out.queue : slot);
  } else if (!slot.empty()) {
    return "has a slot, but is not polled";
  }
  return "";
}

std::string read_type(Value source, int64_t default_attempts, JobType& out) {
  if (!source.is(Kind::object)) return "must be an object";
  if (const std::string why = read_route(source, out); !why.empty()) return why;
  out.max_attempts = default_attempts;
  if (!read_integer(source, "priority", kPriorityUrgent, kPriorityLast, out.priority)) {
    return "priority must be from 1 to 10";
  }
  if (!read_integer(source, "maxAttempts", 1, kAttemptsMax, out.max_attempts)) {
    return "maxAttempts is out of bounds";
  }
  out.urgent_max_attempts = out.max_attempts;
  if (!read_integer(source, "urgentMaxAttempts", 1, kAttemptsMax, out.urgent_max_attempts)) {
    return "urgentMaxAttempts is out of bounds";
  }
  if (!read_integer(source, "timeoutMs", kTimeoutMsMin, kTimeoutMsMax, out.timeout_ms)) {
    return "timeoutMs is out of bounds";
  }
  if (!read_integer(source, "concurrency", 1, limits::kConcurrencyMax, out.concurrency)) {
    return "concurrency is out of bounds";
  }
  if (const std::string why = read_backoff(source, out.backoff); !why.empty()) return why;
  if (const std::string why = read_rate(source, out.rate); !why.empty()) return why;
  out.main_database = source.find("mainDatabase").truth();
  if (out.rate.count > 0 && (out.queue + out.urgent_queue).find(':') != std::string::npos) {
    return "has a rate, so its queue's name may hold no colon";  // it ends the name in a gate's key
  }
  return read_gates(source, out.gates);
}

std::string read_payload(Value source, JobType& out) {
  const Value payload = source.find("payload");
  if (!payload) return "needs a payload schema";
  const std::string why = out.payload.compile(payload);
  return why.empty() ? "" : "payload schema: " + why;
}

// Reads an optional variable that holds an integer in [low, high].
std::string read_variable(Value vars, std::string_view key, int64_t low, int64_t high, int64_t& out) {
  const std::string text = text_of(vars, key);
  if (text.empty()) return "";
  int64_t value = 0;
  bool valid = text.size() <= 15;
  for (const char c : text) {
    valid = valid && c >= '0' && c <= '9';
    if (valid) value = value * 10 + (c - '0');
  }
  if (!valid || value < low || value > high) {
    return std::string(key) + " must be an integer from " + std::to_string(low) + " to " +
           std::to_string(high);
  }
  out = value;
  return "";
}

// Reads an optional variable that holds days, a decimal with up to 6 places, into milliseconds.
std::string read_days(Value vars, std::string_view key, int64_t& out) {
  constexpr int64_t kDayMs = 86400000;
  constexpr int64_t kMillionthsMax = int64_t{36500} * 1000000;
  const std::string text = text_of(vars, key);
  if (text.empty()) return "";
  int64_t millionths = 0;
  int places = -1;  // behind the point; -1: before it
  bool digits = false;
  bool valid = text.size() <= 12;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    valid = valid && (digit || (c == '.' && places < 0 && digits));
    if (places >= 0 || c == '.') ++places;
    digits = digit;
    if (digit && valid) millionths = millionths * 10 + (c - '0');
  }
  for (int n = std::max(places, 0); n < 6; ++n) millionths *= 10;
  if (!valid || !digits || places > 6 || millionths < 1 || millionths > kMillionthsMax) {
    return std::string(key) + " must be a number of days from 0.000001 to 36500, with up to 6 decimals";
  }
  out = millionths * (kDayMs / 100000) / 10;
  return "";
}

std::string read_variables(Value vars, Settings& out) {
  std::string why = read_variable(vars, "LEASE_MS", 1000, 43200000, out.lease_ms);
  if (why.empty()) why = read_variable(vars, "MAX_ATTEMPTS", 1, kAttemptsMax, out.max_attempts);
  if (why.empty()) why = read_variable(vars, "RESEND_AFTER_MS", 1000, 86400000, out.resend_after_ms);
  if (why.empty()) {
    why = read_variable(vars, "MAX_PENDING_PER_QUEUE", 1, 1000000000000, out.max_pending_per_queue);
  }
  if (why.empty()) {
    why = read_variable(vars, "TENANT_CONCURRENCY", 1, limits::kConcurrencyMax, out.tenant_concurrency);
  }
  if (why.empty()) {
    why = read_variable(vars, "SCRAPE_CONCURRENCY", 1, limits::kConcurrencyMax, out.host_concurrency);
  }
  if (why.empty()) {
    why = read_variable(vars, "HOST_DELAY_MS", 0, limits::kHostDelayMsMax, out.host_delay_ms);
  }
  if (why.empty()) why = read_variable(vars, "POLL_BATCH", 1, limits::kPollBatchMax, out.poll_batch);
  if (why.empty()) why = read_days(vars, "RETENTION_COMPLETED_DAYS", out.keep_completed_ms);
  if (why.empty()) why = read_days(vars, "RETENTION_FAILED_DAYS", out.keep_failed_ms);
  return why;
}

std::string compile(std::string_view text, Schema& out) {
  json::Document document;
  const bool broken = static_cast<bool>(document.parse(text));
  return broken ? "a built-in schema is not JSON" : out.compile(document.root());
}

bool uses_queue(const JobType& type, std::string_view queue) {
  return type.queue == queue || type.urgent_queue == queue;
}

// A job's turn is at one clock, so all types of a queue that have a rate must have the same.
std::string compare_rates(const std::vector<JobType>& types) {
  for (const JobType& type : types) {
    for (const JobType& other : types) {
      const bool shared = uses_queue(other, type.queue) || uses_queue(other, type.urgent_queue);
      if (!shared || type.rate.count == 0 || other.rate.count == 0 || type.rate == other.rate) continue;
      return "job types " + type.name + " and " + other.name + " share a queue and must have the same rate";
    }
  }
  return "";
}

std::string database_name(unsigned n) { return n == 0 ? "DB" : "DB_" + std::to_string(n); }

// The databases that are bound must be DB, DB_1, DB_2 and so on: an id's number stands for one for ever.
std::string read_databases(Value numbers, unsigned& out) {
  if (!numbers) return "";
  if (numbers.size() == 0 || numbers.size() > kShardsMax) return "there must be 1 to 256 databases";
  out = numbers.size();
  for (unsigned n = 0; n < out; ++n) {
    if (numbers.at(n).integer(-1) != n) return database_name(n) + " is not bound, but a later database is";
  }
  return "";
}

// {queue: shard} as a text.
std::string read_queue_shards(Value vars, Config& out) {
  const std::string text = text_of(vars, "QUEUE_SHARDS");
  if (text.empty()) return "";
  json::Document document;
  if (document.parse(text) || !document.root().is(Kind::object)) return "QUEUE_SHARDS must be a JSON object";
  for (const Value entry : document.root()) {
    const std::string queue(entry.key());
    if (!out.knows_queue(queue)) return "QUEUE_SHARDS: no job type has the queue " + queue;
    const int64_t shard = entry.integer(-1);
    if (shard < 0 || shard >= out.shards) {
      return "QUEUE_SHARDS: the shard of " + queue + " must be an integer from 0 to " +
             std::to_string(out.shards - 1);
    }
    out.queue_shards.emplace_back(queue, static_cast<unsigned>(shard));
  }
  return "";
}

// Whether some key can be the same for jobs of both types although their queues differ.
bool share_keys(const JobType& a, const JobType& b) {
  const GatePolicy& one = a.gates;
  const GatePolicy& other = b.gates;
  return (!one.url.empty() && !other.url.empty()) || (!one.host.empty() && !other.host.empty()) ||
         (!one.receiver.empty() && !other.receiver.empty()) ||
         (!one.service.empty() && one.service == other.service) || (!a.line.empty() && a.line == b.line);
}

// What jobs of several queues wait for together must have one judge.
std::string compare_judges(const Config& config) {
  const auto judge = [&](const JobType& type) { return config.judge_of(type.queue); };
  for (const JobType& type : config.types) {
    if (type.main_database && (judge(type) != 0 || config.judge_of(type.urgent_queue) != 0)) {
      return "QUEUE_SHARDS: job type " + type.name +
             " needs the main database, so its queue's shard must be 0";
    }
    for (const JobType& other : config.types) {
      if (!share_keys(type, other)) continue;
      if (judge(type) == judge(other) && judge(type) == config.judge_of(other.urgent_queue)) continue;
      return "QUEUE_SHARDS: job types " + type.name + " and " + other.name +
             " wait for the same, so their queues must have the same shard";
    }
  }
  return "";
}

void sort_by_name(std::vector<JobType>& types) {
  const std::vector<uint32_t> order =
      sorted_indices(types.size(), types.data(), [](const void* context, uint32_t a, uint32_t b) {
        const auto* all = static_cast<const JobType*>(context);
        return all[a].name < all[b].name;
      });
  std::vector<JobType> sorted;
  sorted.reserve(types.size());
  for (const uint32_t n : order) sorted.push_back(std::move(types[n]));
  types = std::move(sorted);
}

// Reads all but the schemas; `read_more` is asked of each type, where there is one.
void name_capped(Config& out) {
  const auto name = [&out](const std::string& queue) {
    if (!out.is_capped(queue)) out.capped.push_back(queue);
  };
  for (const JobType& type : out.types) {
    if (type.concurrency == 0 && (type.rate.count == 0 || type.rate.by != RateBy::queue)) continue;
    name(type.queue);
    name(type.urgent_queue);
  }
}

std::string read(std::string_view json, std::string (*read_more)(Value, JobType&), Config& out) {
  json::Document document;
  const bool broken = static_cast<bool>(document.parse(json));
  const Value source = document.root();
  if (broken || !source.is(Kind::object)) return "the configuration is not a JSON object";
  const Value vars = source.find("vars");
  if (std::string why = read_variables(vars, out.settings); !why.empty()) return why;
  for (const Value entry : source.find("types")) {
    JobType type;
    std::string why = read_type(entry, out.settings.max_attempts, type);
    if (why.empty() && read_more != nullptr) why = read_more(entry, type);
    if (!why.empty()) return "job type " + type.name + ": " + why;
    out.types.push_back(std::move(type));
  }
  sort_by_name(out.types);
  for (size_t i = 1; i < out.types.size(); ++i) {
    if (out.types[i].name == out.types[i - 1].name)
      return "job type " + out.types[i].name + " is defined twice";
  }
  name_capped(out);
  if (std::string why = read_databases(source.find("databases"), out.shards); !why.empty()) return why;
  if (std::string why = read_queue_shards(vars, out); !why.empty()) return why;
  if (std::string why = compare_judges(out); !why.empty()) return why;
  return compare_rates(out.types);
}

}  // namespace

std::string Config::load(std::string_view json) {
  if (std::string why = read(json, read_payload, *this); !why.empty()) return why;
  if (std::string why = compile(kRequestSchema, request); !why.empty()) return why;
  if (std::string why = compile(kReadingSchema, reading); !why.empty()) return why;
  if (std::string why = compile(kEnvelopeSchema, envelope); !why.empty()) return why;
  if (std::string why = compile(kScheduleSchema, schedule); !why.empty()) return why;
  if (std::string why = compile(kRedriveSchema, redrive); !why.empty()) return why;
  if (std::string why = compile(kCompatSchema, compat); !why.empty()) return why;
  return compile(kCompatRequeueSchema, compat_requeue);
}

std::string Config::load_figures(std::string_view json) { return read(json, nullptr, *this); }

bool Config::knows_queue(std::string_view queue) const {
  for (const JobType& type : types) {
    if (uses_queue(type, queue)) return true;
  }
  return false;
}

int64_t Config::queue_cap(std::string_view queue) const {
  int64_t out = 0;
  for (const JobType& type : types) {
    if (type.concurrency == 0 || !uses_queue(type, queue)) continue;
    if (out == 0 || type.concurrency < out) out = type.concurrency;
  }
  return out;
}

const RatePolicy* Config::queue_rate(std::string_view queue) const {
  for (const JobType& type : types) {
    if (type.rate.count > 0 && type.rate.by == RateBy::queue && uses_queue(type, queue)) return &type.rate;
  }
  return nullptr;
}

bool Config::is_capped(std::string_view queue) const {
  return std::find(capped.begin(), capped.end(), queue) != capped.end();
}

unsigned Config::judge_of(std::string_view queue) const {
  for (const auto& [name, shard] : queue_shards) {
    if (name == queue) return shard;
  }
  return 0;
}

std::vector<unsigned> Config::judges() const {
  std::vector<unsigned> out;
  for (unsigned shard = 0; shard < shards; ++shard) {
    bool judges = shard == 0;
    for (const auto& [name, judge] : queue_shards) judges = judges || judge == shard;
    if (judges) out.push_back(shard);
  }
  return out;
}

bool Config::paces(int transport) const {
  for (const JobType& type : types) {
    if (type.transport != transport && type.urgent_transport != transport) continue;
    if (type.rate.count > 0 || (!type.gates.host.empty() && settings.host_delay_ms > 0)) return true;
  }
  return false;
}

const JobType* Config::type(std::string_view name) const {
  const auto it = std::lower_bound(types.begin(), types.end(), name,
                                   [](const JobType& type, std::string_view key) { return type.name < key; });
  return it != types.end() && it->name == name ? &*it : nullptr;
}

}  // namespace sluice
