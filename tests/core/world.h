// A configured core on a database: drives flows to their outcome and knows how tests speak of jobs.
#pragma once

#include "core/admin.h"
#include "core/admit.h"
#include "core/bury.h"
#include "core/claim.h"
#include "core/compat.h"
#include "core/config.h"
#include "core/entropy.h"
#include "core/gate.h"
#include "core/limits.h"
#include "core/lock.h"
#include "core/pulse.h"
#include "core/redrive.h"
#include "core/settle.h"
#include "core/sweep.h"
#include "core/writer.h"
#include "tests/core/database.h"
#include "tests/core/runs.h"
#include "views/query.h"

namespace sluice::test {

inline constexpr char kTypes[] = R"json([
  {"type": "plain", "queue": "background-jobs", "maxAttempts": 3,
   "backoff": {"type": "fixed", "delay": 1000, "jitter": 0}, "payload": {}},
  {"type": "checked", "queue": "reports", "timeoutMs": 60000,
   "payload": {"type": "object", "required": ["url"], "additionalProperties": false,
               "properties": {"url": {"type": "string", "format": "uri"}, "pages": {"type": "integer"}}}},
  {"type": "single", "queue": "background-jobs", "maxAttempts": 1, "payload": {}},
  {"type": "scrape_request", "queue": "scraping-tasks", "urgentQueue": "scraping-priority", "maxAttempts": 4,
   "urgentMaxAttempts": 6, "backoff": {"type": "exponential", "delay": 10000, "maxDelay": 3600000, "jitter": 0.1},
   "payload": {"type": "object"}}
])json";

// The configuration's text: the fixture types under the given variables (JSON object of texts).
inline std::string config_text(const std::string& vars = "{}") {
  std::string out = R"({"types":)";
  return out.append(kTypes).append(R"(,"vars":)").append(vars).append("}");
}

inline std::unique_ptr<Config> make_config(const std::string& vars = "{}") {
  auto config = std::make_unique<Config>();
  const std::string why = config->load(config_text(vars));
  INFO(why);
  REQUIRE(why.empty());
  return config;
}

inline const Config& default_config() {
  static const std::unique_ptr<Config> config = make_config();
  return *config;
}

// A JSON text that owns its document.
class Json {
 public:
  explicit Json(std::string text) : text_(std::make_unique<std::string>(std::move(text))) {
    document_ = std::make_unique<json::Document>();
    INFO(*text_);
    REQUIRE_FALSE(static_cast<bool>(document_->parse(*text_)));
  }
  [[nodiscard]] json::Value root() const { return document_->root(); }
  [[nodiscard]] json::Value operator[](std::string_view key) const { return root().find(key); }
  // Text of a member.
  [[nodiscard]] std::string text(std::string_view key) const { return std::string(root().find(key).text()); }

 private:
  std::unique_ptr<std::string> text_;
  std::unique_ptr<json::Document> document_;
};

struct Outcome {
  Step step;
  std::vector<HostRow> host;
  std::vector<int64_t> pauses;  // again_ms of every repetition
  int64_t round_trips = 0;      // batches that were tried
  int64_t changed = 0;          // rows written
  size_t param_bytes_max = 0;   // longest bound text

  [[nodiscard]] Json reply() const { return Json(step.reply.body); }
  // What became of message `n`: "ack", "retry 30", or "" where it is not marked.
  [[nodiscard]] std::string mark(int64_t n) const {
    std::string out;
    for (const Mark& mark : step.marks) {
      if (mark.message != n) continue;
      if (!out.empty()) out += ", ";
      out += mark.retry ? "retry " + std::to_string(mark.delay_seconds) : "ack";
    }
    return out;
  }
  // What was sent, "binding delay" each, in order.
  [[nodiscard]] std::string sent() const {
    std::string out;
    for (const Send& send : step.sends) {
      out += (out.empty() ? "" : ", ") + std::string(send.binding) + " " + std::to_string(send.delay_seconds);
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const Send& send : step.sends) out.push_back(send.body);
    return out;
  }
};

inline constexpr int64_t kStart = 1'800'000'000'000;
inline constexpr std::string_view kLost = "D1_ERROR: Network connection lost.";

class World {
 public:
  using Flow = Step (*)(const Input&);

  explicit World(const Config& config = default_config(), uint64_t seed = 1)
      : config_(&config), seed_(seed) {}

  // From now on under other variables, as after a deployment.
  void configure(const Config& config) { config_ = &config; }

  // Runs a flow as shim/step.js does: same time and entropy on every call, rows appended stage by stage.
  // `before` is called ahead of each batch with its stage.
  Outcome drive(Flow flow, const std::string& control, const std::vector<std::string>& frames = {},
                const std::function<void(size_t)>& before = {}) {
    Outcome out;
    const Json parsed(control);
    const Entropy entropy(seed_, ++steps_);
    std::vector<Json> rows;
    std::string failure;
    bool failed = false;
    int64_t tries = 0;
    int64_t elapsed = 0;  // the pauses: batches take no time here
    Step last;
    for (;;) {
      Input input{*config_, parsed.root(), now, entropy};
      input.failed = failed;
      input.failure = failure;
      input.tries = tries;
      input.elapsed_ms = elapsed;
      input.carried = !failed && !last.carry.empty();
      for (const std::string& frame : input.carried ? last.carry : frames) input.frames.emplace_back(frame);
      for (const Json& row : rows) input.rows.push_back(row.root());
      Step step = flow(input);
      if (!step.plan.empty()) {
        last = std::move(step);
      } else if (step.again_ms < 0 || last.plan.empty()) {
        out.step = std::move(step);
        out.step.runs = whole_runs(out.step);
        break;
      } else {
        out.pauses.push_back(step.again_ms);
        elapsed += step.again_ms;
      }
      for (const std::string& text : last.texts)
        out.param_bytes_max = std::max(out.param_bytes_max, text.size());
      if (before) before(rows.size());
      Database::Batch batch = db.run(last);
      ++out.round_trips;
      failed = !batch.failure.empty();
      failure = batch.failure;
      tries = failed ? tries + 1 : 0;
      if (failed) continue;
      out.changed += batch.changed;
      const bool foreseen = last.expected && batch.rows == last.expect;
      rows.emplace_back(std::move(batch.rows));
      for (HostRow& row : batch.host) out.host.push_back(std::move(row));
      if (foreseen) return foretold(flow, parsed, entropy, frames, rows, std::move(last), std::move(out));
    }
    expect_invariants();
    return out;
  }

  void expect_invariants() {
    expect_counters_equal_scan(db);
    expect_unfinished_are_watched(db);
    CHECK(gates_against_scan(db) == "");
    CHECK(kept_for_ever(db) == "");
    CHECK(letters_against_scan(db) == "");
  }

  // What an expected step can hold.
  static std::string words(const Step& step) {
    std::string out = std::to_string(step.reply.status) + " " + step.reply.body;
    for (const Send& send : step.sends)
      out += "\n" + std::string(send.binding) + " " + std::to_string(send.delay_seconds) + " " + send.body;
    return out;
  }

  // A plan's rows are what it expected: what it said of that is what the flow says, asked again.
  Outcome foretold(Flow flow, const Json& control, const Entropy& entropy,
                   const std::vector<std::string>& frames, const std::vector<Json>& rows, Step last,
                   Outcome out) {
    Input input{*config_, control.root(), now, entropy};
    for (const std::string& frame : frames) input.frames.emplace_back(frame);
    for (const Json& row : rows) input.rows.push_back(row.root());
    out.step = std::move(*last.expected);
    CHECK(words(out.step) == words(flow(input)));
    expect_invariants();
    return out;
  }

  // POST /jobs; `options` are further members, each with its comma: `,"priority":1`.
  Outcome admit(const std::string& type, const std::string& payload, const std::string& options = "",
                const std::string& control = "{}") {
    return drive(admit_one, control, {R"({"type":")" + type + R"(","payload":)" + payload + options + "}"});
  }
  Outcome batch(const std::string& jobs, const std::string& control = "{}") {
    return drive(admit_batch, control, {R"({"jobs":)" + jobs + "}"});
  }
  // The id of a job that was just admitted; also keeps the message that was sent.
  std::string enqueue(const std::string& type = "plain", const std::string& options = "") {
    const Outcome out = admit(type, "{}", options);
    REQUIRE(out.step.reply.status == 201);
    sent = out.bodies();
    return out.reply().text("jobId");
  }

  static std::string messages_control(const std::string& queue, size_t count, int64_t attempts,
                                      const std::string& worker) {
    std::string out;
    json::Writer writer(out);
    writer.begin_object()
        .key("queue")
        .string(queue)
        .key("worker")
        .string(worker)
        .key("messages")
        .begin_array();
    for (size_t i = 0; i < count; ++i) {
      writer.begin_object()
          .key("id")
          .string("m" + std::to_string(i))
          .key("attempts")
          .integer(attempts)
          .end_object();
    }
    writer.end_array().end_object();
    return out;
  }
  Outcome claim(const std::vector<std::string>& bodies, int64_t attempts = 1,
                const std::string& queue = "background-jobs", const std::string& worker = "w1") {
    return drive(sluice::claim, messages_control(queue, bodies.size(), attempts, worker), bodies);
  }
  Outcome bury(const std::vector<std::string>& bodies, int64_t attempts = 1,
               const std::string& queue = "background-jobs-dlq") {
    return drive(sluice::bury, messages_control(queue, bodies.size(), attempts, ""), bodies);
  }

  // One entry of settle's results: the run's token and what the handler came to (`,"kind":"ok","frame":0`
  // without its comma). The record, which settle is told by itself, goes with it up to there.
  static std::string result(const std::string& run, const std::string& verdict, int64_t message = 0) {
    return R"({"index":)" + std::to_string(message) + R"(,"token":)" + std::string(Json(run)["token"].raw()) +
           R"(,"record":)" + std::string(Json(run)["record"].raw()) + "," + verdict + "}";
  }
  Outcome settle(const std::vector<std::string>& results, const std::vector<std::string>& frames = {},
                 const std::string& queue = "background-jobs", int64_t deadline = 0) {
    std::string list;
    std::string records;
    for (const std::string& entry : results) {
      list += (list.empty() ? "" : ",") + entry;
      records += (records.empty() ? "" : "\n") + std::string(Json(entry)["record"].raw());
    }
    std::vector<std::string> bodies = {"[" + list + "]", records};
    bodies.insert(bodies.end(), frames.begin(), frames.end());
    return drive(sluice::settle,
                 R"({"queue":")" + queue + R"(","deadline":)" + std::to_string(deadline) + "}", bodies);
  }
  // Settles one run.
  Outcome end(const std::string& run, const std::string& verdict,
              const std::string& queue = "background-jobs") {
    return settle({result(run, verdict)}, {"{}"}, queue);
  }
  Outcome complete(const std::string& run) { return end(run, R"("kind":"ok","frame":0,"ms":40)"); }
  Outcome fail(const std::string& run) {
    return end(run, R"("kind":"error","code":"broken","message":"No.","retryable":false)");
  }

  // Claims the job anew by its own message, begins it where it runs alone, and returns the run.
  std::string take(std::string_view id, const std::string& queue = "background-jobs") {
    const Outcome out = claim({wake(id)}, 1, queue);
    REQUIRE(out.step.runs.size() == 1);
    if (Json(out.step.runs[0])["alone"].truth()) (void)begin(out.step.runs[0]);
    return out.step.runs[0];
  }

  // Tells the record that a run which is alone begins.
  Outcome begin(const std::string& run) {
    const Json parsed(run);
    return drive(pulse, R"({"runs":[{"id":")" + parsed.text("id") + R"(","fence":)" +
                            std::string(parsed["fence"].raw()) + R"(,"leaseUntil":)" +
                            std::string(parsed["leaseUntil"].raw()) + R"(,"begins":true}]})");
  }

  // A message of ours for a job.
  static std::string wake(std::string_view id, int64_t dead_fence = -1) {
    std::string out =
        R"({"id":")" + std::string(id) + R"(","type":"plain","payload":null,"metadata":{"sluice":{"v":1)";
    if (dead_fence >= 0) out += R"(,"fence":)" + std::to_string(dead_fence);
    return out + "}}}";
  }
  // A message of another producer.
  static std::string foreign(const std::string& id, const std::string& payload = "{}",
                             const std::string& metadata = "{}") {
    return R"({"id":")" + id + R"(","type":"plain","payload":)" + payload + R"(,"metadata":)" + metadata +
           "}";
  }

  Outcome sweep() { return drive(sluice::sweep, "{}"); }
  Outcome retry(std::string_view id) { return drive(retry_job, R"({"id":")" + std::string(id) + R"("})"); }
  Outcome cancel(std::string_view id) { return drive(cancel_job, R"({"id":")" + std::string(id) + R"("})"); }
  Outcome pause(const std::string& queue) { return drive(pause_queue, R"({"name":")" + queue + R"("})"); }
  Outcome resume(const std::string& queue) { return drive(resume_queue, R"({"name":")" + queue + R"("})"); }
  Outcome requeue(std::string_view id) {
    return drive(requeue_letter, R"({"id":")" + std::string(id) + R"("})");
  }
  Outcome discard(std::string_view id) {
    return drive(discard_letter, R"({"id":")" + std::string(id) + R"("})");
  }
  // Every step of one request, as shim/flows/admin.js runs them; the messages of all are in the last one's
  // sends.
  Outcome requeue_many(const std::string& request) {
    std::vector<std::string> frames = {request};
    std::vector<Send> sends;
    for (;;) {
      Outcome out = drive(requeue_letters, "{}", frames);
      for (Send& send : out.step.sends) sends.push_back(std::move(send));
      if (out.step.more) {
        frames.resize(1);
        frames.push_back(out.step.reply.body);
        continue;
      }
      out.step.sends = std::move(sends);
      return out;
    }
  }
  // The message of a job that has failed comes to the dead-letter queue.
  Outcome bury_job(std::string_view id) { return bury({wake(id, db.job_number(id, "fence"))}); }
  Outcome query(const std::string& kind, const std::string& members = "") {
    return drive(sluice::query, R"({"kind":")" + kind + R"(")" + members + "}");
  }
  Json job(std::string_view id) { return query("job", R"(,"id":")" + std::string(id) + R"(")").reply(); }

  Database db;
  int64_t now = kStart;
  std::vector<std::string> sent;  // of the last enqueue()

 private:
  const Config* config_;
  uint64_t seed_;
  uint64_t steps_ = 0;
};

}  // namespace sluice::test
