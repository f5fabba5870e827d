// Admission against a model: which jobs of random batches are taken, which are told of an earlier one, which
// are refused for want of room; and how long lists are cut into what D1 takes.
#include <map>
#include <set>

#include "core/move.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

// What a queue of a maximum depth must do with requests, one after the other.
struct Model {
  int64_t max = 0;
  std::map<std::string, int64_t> depth;       // waiting jobs by queue
  std::map<std::string, std::string> owners;  // unique key to the job that holds it
};

struct Request {
  std::string type, queue, key;
};

Request any_request(Entropy& dice) {
  Request out;
  const bool report = dice.below(3) == 0;
  out.type = report ? "checked" : dice.below(2) == 0 ? "plain" : "single";
  out.queue = report ? "reports" : "background-jobs";
  if (dice.below(2) == 0) out.key = "k" + std::to_string(dice.below(8));
  return out;
}

std::string text_of(const Request& request) {
  return R"({"type":")" + request.type + R"(","payload":{"url":"https://e.example/"})" +
         (request.key.empty() ? "" : R"(,"uniqueKey":")" + request.key + R"(")") + "}";
}

// Judges one batch: within it, a duplicate takes a place from the jobs behind it (admit.h says so), and a key
// whose first asker found no room is nobody's until the batch is over.
void judge(Model& model, const std::vector<Request>& batch, const Json& reply) {
  std::map<std::string, int64_t> before = model.depth;
  std::map<std::string, int64_t> place;
  std::set<std::string> refused;
  uint32_t n = 0;
  for (const Request& request : batch) {
    const json::Value answer = reply["jobs"].at(n++);
    const std::string id(answer.find("jobId").text());
    INFO("job " << n << " " << text_of(request) << " " << answer.raw());
    const bool fits = ++place[request.queue] + before[request.queue] <= model.max;
    const auto owner = model.owners.find(request.key);
    if (!request.key.empty() && owner != model.owners.end()) {
      CHECK(answer.find("duplicate").truth());
      CHECK(id == owner->second);
    } else if (!fits || refused.count(request.key) > 0) {
      if (!request.key.empty()) refused.insert(request.key);
      CHECK(answer.find("error").find("status").integer() == 429);
    } else {
      REQUIRE_FALSE(id.empty());
      CHECK_FALSE(answer.find("duplicate").truth());
      ++model.depth[request.queue];
      if (!request.key.empty()) model.owners[request.key] = id;
    }
  }
}

// The bound texts of a statement's first parameter, their brackets taken off, put together again.
std::string joined(const Step& step, Sql sql) {
  std::string out;
  for (const Statement& statement : step.plan) {
    if (statement.sql != sql) continue;
    const std::string& text = step.texts[statement.params[0]];
    CHECK(text.size() <= limits::kParamBytesMax + 2);
    REQUIRE(text.size() > 2);
    REQUIRE(text.front() == '[');
    REQUIRE(text.back() == ']');
    out.append(out.empty() ? "" : ",").append(text, 1, text.size() - 2);
  }
  return out;
}

// Texts of lengths that meet the bound from both sides.
size_t any_length(Entropy& dice) {
  switch (dice.below(4)) {
    case 0:
      return dice.below(50);
    case 1:
      return limits::kInlineBytesMax - 4 + dice.below(8);
    case 2:
      return dice.below(300'000);
    default:
      return limits::kPayloadBytesMax - 2 - dice.below(3);
  }
}

}  // namespace

TEST_CASE("Random batches are taken up to a queue's depth, and a unique key belongs to the first",
          "[admit][property]") {
  const int seed = GENERATE(range(1, 61));
  Entropy dice(static_cast<uint64_t>(seed), 61);
  Model model;
  model.max = 1 + static_cast<int64_t>(dice.below(40));
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":")" + std::to_string(model.max) + R"("})");
  World world(*config, static_cast<uint64_t>(seed));
  for (int round = 0; round < 12; ++round) {
    std::vector<Request> batch;
    std::string list;
    for (uint64_t n = 1 + dice.below(12); n > 0; --n) {
      batch.push_back(any_request(dice));
      list += (list.empty() ? "" : ",") + text_of(batch.back());
    }
    // A step whose answer is lost is repeated, and is to come to the same.
    if (dice.below(4) == 0) world.db.fail_next(std::string(kLost), dice.below(2) == 0);
    INFO("seed " << seed << " round " << round << " depth " << model.max);
    judge(model, batch, world.batch("[" + list + "]").reply());
    ++world.now;
  }
  for (const auto& [queue, depth] : model.depth) {
    CHECK(world.db.number("SELECT count(*) FROM jobs WHERE queue = '" + queue + "'") == depth);
  }
}

TEST_CASE("Long payloads are bound in pieces that D1 takes, and the pieces are the whole",
          "[admit][property]") {
  const int seed = GENERATE(range(1, 13));
  INFO("seed " << seed);
  Entropy dice(static_cast<uint64_t>(seed), 62);
  std::vector<std::string> payloads;
  std::vector<NewJob> jobs;
  for (int i = 0; i < 12; ++i) payloads.push_back("\"" + std::string(any_length(dice), 'p') + "\"");
  std::string bodies;
  for (size_t i = 0; i < payloads.size(); ++i) {
    NewJob job;
    job.id = "job" + std::to_string(i);
    job.type = default_config().type("plain");
    job.queue = job.type->queue;
    job.transport = kBackgroundTransport;
    job.payload = payloads[i];
    if (payloads[i].size() > limits::kInlineBytesMax) {
      bodies += (bodies.empty() ? "" : ",") + std::string("[\"") + job.id + "\"," + payloads[i] + "]";
    }
    jobs.push_back(std::move(job));
  }
  const Json control("{}");
  const Input input{default_config(), control.root(), kStart, Entropy(0, 0), {}, {}, false, {}, 0};
  Step step;
  add_admission(input, "op", jobs, true, step);
  CHECK(joined(step, Sql::admit_bodies) == bodies);
  const Json rows("[" + joined(step, Sql::admit_insert) + "]");
  REQUIRE(rows.root().size() == jobs.size());
  for (uint32_t i = 0; i < jobs.size(); ++i) CHECK(rows.root().at(i).at(0).text() == jobs[i].id);
}

TEST_CASE("What jobs have in common is told once in each piece, and each job finds its own",
          "[admit][property]") {
  const int seed = GENERATE(range(1, 13));
  INFO("seed " << seed);
  Entropy dice(static_cast<uint64_t>(seed), 64);
  std::vector<std::string> tags;
  for (int i = 0; i < 12; ++i) tags.push_back("[\"" + std::string(dice.below(120'000), 't') + "\"]");
  std::vector<NewJob> jobs(100);
  for (size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].id = "job" + std::to_string(i);
    jobs[i].type = default_config().type("plain");
    jobs[i].queue = jobs[i].type->queue;
    jobs[i].transport = kBackgroundTransport;
    jobs[i].payload = "1";
    jobs[i].tags = tags[dice.below(tags.size())];
    jobs[i].priority = 1 + static_cast<int64_t>(dice.below(3));
  }
  const Json control("{}");
  const Input input{default_config(), control.root(), kStart, Entropy(0, 0), {}, {}, false, {}, 0};
  Step step;
  add_admission(input, "op", jobs, true, step);
  size_t n = 0;
  for (const Statement& statement : step.plan) {
    if (statement.sql != Sql::admit_insert) continue;
    const Json rows(step.texts[statement.params[0]]);
    const Json kinds(step.texts[statement.params[2]]);
    CHECK(step.texts[statement.params[0]].size() + step.texts[statement.params[2]].size() <
          limits::kParamBytesMax + 130'000);
    for (const json::Value row : rows.root()) {
      const json::Value kind = kinds.root().at(static_cast<uint32_t>(row.at(1).integer()));
      REQUIRE(n < jobs.size());
      CHECK(row.at(0).text() == jobs[n].id);
      CHECK(kind.at(4).integer() == jobs[n].priority);
      CHECK(kind.at(10).text() == jobs[n].tags);
      ++n;
    }
  }
  CHECK(n == jobs.size());
}

TEST_CASE("A job of a batch is recorded as it would be by itself", "[admit][property]") {
  static constexpr const char* kMembers[] = {
      R"(,"priority":2)",     R"(,"priority":9)",    R"(,"delaySeconds":30)",   R"(,"tags":["a","b"])",
      R"(,"userId":"u1")",    R"(,"userId":"u2")",   R"(,"correlationId":"c")", R"(,"sessionId":"s")",
      R"(,"timeoutMs":4000)", R"(,"maxAttempts":7)", R"(,"tenant":"t")",        ""};
  static constexpr const char* kRecorded =
      "SELECT group_concat(job, char(10)) FROM (SELECT json_array(type, queue, transport, status, priority, "
      "max_attempts, run_at, wake_at, timeout_ms, backoff, payload, payload_size, unique_key, tags, "
      "correlation_id, "
      "user_id, session_id, tenant, concurrency_key, gates) AS job FROM jobs ORDER BY 1)";
  const int seed = GENERATE(range(1, 31));
  INFO("seed " << seed);
  Entropy dice(static_cast<uint64_t>(seed), 65);
  World together;
  World apart;
  std::string list;
  for (uint64_t n = 1 + dice.below(40); n > 0; --n) {
    const std::string type = dice.below(3) > 0 ? "plain" : "single";
    const std::string payload = "{\"n\":" + std::to_string(dice.below(3)) + "}";
    const std::string members = kMembers[dice.below(std::size(kMembers))];
    list.append(list.empty() ? "" : ",").append(R"({"type":")").append(type);
    list.append(R"(","payload":)").append(payload).append(members).append("}");
    CHECK(apart.admit(type, payload, members).step.reply.status == 201);
  }
  CHECK(together.batch("[" + list + "]").step.reply.status == 201);
  CHECK(together.db.text(kRecorded) == apart.db.text(kRecorded));
}

TEST_CASE("Long results are bound in pieces that D1 takes, and the pieces are the whole",
          "[move][property]") {
  const int seed = GENERATE(range(1, 13));
  INFO("seed " << seed);
  Entropy dice(static_cast<uint64_t>(seed), 63);
  std::vector<std::string> results;
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) {
    results.push_back("\"" + std::string(any_length(dice), 'r') + "\"");
    ids.push_back("job" + std::to_string(i));
  }
  std::vector<Move> moves;
  std::string bodies;
  for (size_t i = 0; i < results.size(); ++i) {
    Held job;
    job.id = ids[i];
    moves.push_back(complete(job, kStart, results[i], 1));
    if (results[i].size() > limits::kInlineBytesMax) {
      bodies += (bodies.empty() ? "" : ",") + std::string("[\"") + ids[i] + "\"," + results[i] + "]";
    }
  }
  const Json control("{}");
  const Input input{default_config(), control.root(), kStart, Entropy(0, 0), {}, {}, false, {}, 0};
  Step step;
  add_moves(input, "op", moves, step);
  CHECK(joined(step, Sql::move_results) == bodies);
  const Json rows("[" + joined(step, Sql::complete_jobs) + "]");
  REQUIRE(rows.root().size() == moves.size());
  for (uint32_t i = 0; i < moves.size(); ++i) CHECK(rows.root().at(i).at(0).text() == moves[i].id);
}
