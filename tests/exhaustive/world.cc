#include <algorithm>

#include "core/writer.h"
#include "tests/exhaustive/model.h"

namespace sluice::exhaustive {
namespace {

constexpr char kConfig[] = R"({"types":[
  {"type":"plain","queue":"background-jobs","maxAttempts":2,
   "backoff":{"type":"fixed","delay":1000,"jitter":0},"payload":{}}
],"vars":{"LEASE_MS":"60000","RESEND_AFTER_MS":"60000"}})";

const Config& config() {
  static const Config* const loaded = [] {
    auto* out = new Config();
    if (const std::string why = out->load(kConfig); !why.empty()) throw std::runtime_error(why);
    return out;
  }();
  return *loaded;
}

void append(std::string& key, const Stored& message) {
  key += std::to_string(message.dead_letter) + ' ' + std::to_string(message.body) + ' ' +
         std::to_string(message.attempts) + ' ' + std::to_string(message.due) + ';';
}

std::string key_of(const Local& local) {
  std::string out = std::to_string(local.turn) + ' ' + std::to_string(local.races) + ' ' +
                    std::to_string(local.flow) + ' ' + std::to_string(local.settle) + ' ' +
                    std::to_string(local.pulse) + '|';
  for (const Held& held : local.held) {
    append(out, held.message);
    out += std::to_string(held.open) + ' ' + std::to_string(held.retry) + ' ' +
           std::to_string(held.delay_ms) + '|';
  }
  for (const Lease& lease : local.leases) {
    out += std::to_string(lease.run) + ' ' + std::to_string(lease.until) + ' ' +
           std::to_string(lease.message) + ' ' + std::to_string(lease.state) + ' ' +
           std::to_string(lease.aborted) + '|';
  }
  return out;
}

}  // namespace

std::string messages_control(bool dead_letters, const std::string& worker, const std::vector<Held>& held) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("queue").string(dead_letters ? "background-jobs-dlq" : "background-jobs");
  writer.key("worker").string(worker).key("messages").begin_array();
  for (size_t n = 0; n < held.size(); ++n) {
    writer.begin_object().key("id").string("m" + std::to_string(n));
    writer.key("attempts").integer(held[n].message.attempts).end_object();
  }
  writer.end_array().end_object();
  return out;
}

World::World(const Setup& wanted, Store::Cut cut)
    : setup(wanted), store(std::move(cut), wanted.plain), flows(config(), store) {
  keep(Queue());
  keep(Ghosts());
  keep(Local());
  start.content = store.empty();
  if (setup.packed) {
    admit(0, setup.job_count);
  } else {
    for (unsigned n = 0; n < setup.job_count; ++n) admit(n, 1);
  }
}

// Admits jobs as a producer does, and puts their messages into the queue.
void World::admit(unsigned first, unsigned count) {
  std::string body = R"({"jobs":[)";
  for (unsigned n = first; n < first + count; ++n) {
    std::string job = setup.jobs[n];
    if (const size_t at = job.find("$1"); at != std::string::npos) job.replace(at, 2, jobs[0]);
    body += (n > first ? "," : "") + job;
  }
  Id flow = flows.start(Kind::admit, kOutside * kSeedsPerActor + first, kStart + setup.clock[0], "{}",
                        {body + "]}"});
  while (flows[flow].batch != kNone) {
    const Commit& commit = store.run(start.content, flows[flow].batch);
    if (!commit.failure.empty()) throw std::runtime_error(commit.failure);
    start.content = commit.after;
    flow = flows.answered(flow, commit.rows);
  }
  Queue messages = queue(start.queue);
  for (const Sent& sent : flows[flow].outcome.sends) {
    for (unsigned n = 0; n < setup.copies; ++n) messages.push_back({false, 0, text(sent.body), 0});
  }
  start.queue = keep(messages);
  jobs.clear();
  for (const JobRow& job : store.content(start.content).jobs) jobs.push_back(job.id);
}

Id World::keep(const Queue& queue) {
  Queue sorted = queue;
  const auto order = [](const Stored& message) {
    return std::tuple(message.dead_letter, message.body, message.attempts, message.due);
  };
  std::sort(sorted.begin(), sorted.end(),
            [&](const Stored& a, const Stored& b) { return order(a) < order(b); });
  std::string key;
  for (const Stored& message : sorted) append(key, message);
  const auto [id, fresh] = queue_keys_.add(key);
  if (fresh) queues_.push_back(std::move(sorted));
  return id;
}

Id World::keep(const Ghosts& ghosts) {
  Ghosts sorted = ghosts;
  std::sort(sorted.begin(), sorted.end());
  std::string key;
  Nonces nonces = 0;
  for (const Id flow : sorted) {
    key += std::to_string(flow) + ' ';
    nonces |= flows[flow].nonces;
  }
  const auto [id, fresh] = ghost_keys_.add(key);
  if (fresh) {
    ghosts_.push_back(std::move(sorted));
    ghost_nonces_.push_back(nonces);
  }
  return id;
}

Id World::keep(const Local& local) {
  const auto [id, fresh] = local_keys_.add(key_of(local));
  if (!fresh) return id;
  Nonces nonces = 0;
  for (const Id flow : {local.flow, local.settle, local.pulse}) {
    if (flow != kNone) nonces |= flows[flow].nonces;
  }
  for (const Lease& lease : local.leases) nonces |= flows.nonces(text(lease.run));
  locals_.push_back(local);
  local_nonces_.push_back(nonces);
  return id;
}

int64_t World::time(const State& state) const { return kStart + setup.clock[state.phase]; }

int64_t World::skew(const State& state, unsigned slot) {
  const auto& row = kSkews[state.skew];
  if (slot == kWorker1 || slot == kWorker2) return row[slot];
  return slot == kSweep1 || slot == kSweep2 ? row[2] : 0;
}

int64_t World::skew_of_holder(const State& state, const std::string& holder) {
  if (holder == "w1") return skew(state, kWorker1);
  return holder == "w2" ? skew(state, kWorker2) : 0;
}

Nonces World::nonces(Id content) {
  if (content_known_.size() <= content) {
    content_known_.resize(content + 1, false);
    content_nonces_.resize(content + 1, 0);
  }
  if (!content_known_[content]) {
    content_known_[content] = true;
    content_nonces_[content] = flows.nonces(store.text(content));
  }
  return content_nonces_[content];
}

unsigned World::seed(const State& state, unsigned slot) {
  Nonces taken = nonces(state.content) | ghost_nonces_[state.ghosts];
  for (const Id actor : state.actors) taken |= local_nonces_[actor];
  for (unsigned n = slot * kSeedsPerActor; n < (slot + 1) * kSeedsPerActor; ++n) {
    if ((taken >> n & 1) == 0) return n;
  }
  throw std::logic_error("an actor has too few seeds");
}

std::string World::name(const std::string& id) const {
  const auto it = std::find(jobs.begin(), jobs.end(), id);
  return it == jobs.end() ? id : "j" + std::to_string(it - jobs.begin() + 1);
}

std::string World::name(const Stored& message) const {
  std::string out;
  for (const std::string& id : jobs) {
    if (text(message.body).find(id) != std::string::npos) out += (out.empty() ? "" : "+") + name(id);
  }
  return out + (message.dead_letter ? "'s dead letter" : "");
}

std::string World::describe(Id content) const {
  std::string out;
  for (const JobRow& job : store.content(content).jobs) {
    out += (out.empty() ? "" : ", ") + name(job.id) + ' ' + job.status + '/' + std::to_string(job.fence);
  }
  return out;
}

std::string World::gist(Id content) const {
  std::string out = describe(content);
  for (const JobRow& job : store.content(content).jobs) {
    for (const int64_t time : {job.lease_until, job.run_at, job.wake_at}) out += ' ' + std::to_string(time);
  }
  for (const Letter& letter : store.content(content).letters) {
    out +=
        ", " + name(letter.id) + " dead/" + std::to_string(letter.fence) + (letter.buried ? " buried" : "");
  }
  return out;
}

}  // namespace sluice::exhaustive
