// Shards: where jobs live, what of a flow concerns which database, and lists over all of them.
#include "core/shards.h"

#include <map>
#include <random>
#include <set>

#include "core/bury.h"
#include "core/id.h"
#include "core/order.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kShardTypes[] = R"json([
  {"type": "plain", "queue": "background-jobs", "maxAttempts": 1, "payload": {}},
  {"type": "limited", "queue": "few", "concurrency": 2, "payload": {}},
  {"type": "paced", "queue": "slow", "rate": {"count": 1, "perMs": 1000}, "payload": {}},
  {"type": "polled", "queue": "line", "transport": "none", "payload": {}},
  {"type": "reaching", "queue": "reach", "gates": {"host": "url"}, "payload": {}},
  {"type": "writing", "queue": "background-jobs", "mainDatabase": true, "payload": {}}
])json";

// `judges` is QUEUE_SHARDS, without quotes escaped.
std::string shard_config(unsigned shards, const std::string& judges = "{}", const char* types = kShardTypes) {
  std::string out = R"({"types":)" + std::string(types) + R"(,"vars":{"QUEUE_SHARDS":)";
  json::append_quoted(out, judges);
  out += R"(},"databases":[)";
  for (unsigned n = 0; n < shards; ++n) out += (n == 0 ? "" : ",") + std::to_string(n);
  return out + "]}";
}

std::unique_ptr<Config> sharded(unsigned shards, const std::string& judges = "{}") {
  auto config = std::make_unique<Config>();
  const std::string why = config->load(shard_config(shards, judges));
  INFO(why);
  REQUIRE(why.empty());
  return config;
}

std::string why_refused(unsigned shards, const std::string& judges, const char* types = kShardTypes) {
  Config config;
  return config.load(shard_config(shards, judges, types));
}

// What drives flows over several databases, as shim/step.js and shim/store.js do.
class Shards {
 public:
  explicit Shards(const Config& config) : config_(&config) {
    for (unsigned n = 0; n < kMost; ++n) databases_.push_back(std::make_unique<Database>());
  }

  void configure(const Config& config) { config_ = &config; }
  Database& at(unsigned shard) { return *databases_[shard]; }

  // The outcome; `ran` says on which databases each stage was run.
  Step drive(Step (*flow)(const Input&), const std::string& control,
             const std::vector<std::string>& frames = {}) {
    const Json parsed(control);
    const Entropy entropy(seed_, ++steps_);
    std::vector<Json> rows;
    ran.clear();
    Step last;
    for (;;) {
      Input input{*config_, parsed.root(), now, entropy};
      input.carried = !last.carry.empty();
      for (const std::string& frame : input.carried ? last.carry : frames) input.frames.emplace_back(frame);
      for (const Json& row : rows) input.rows.push_back(row.root());
      Step step = flow(input);
      if (step.plan.empty()) return step;
      last = std::move(step);
      rows.emplace_back(run(last));
    }
  }

  // The same where it is split: the outcomes of its parts.
  std::vector<Step> drive_parts(Step (*flow)(const Input&), const std::string& members,
                                const std::vector<std::string>& frames = {}) {
    std::vector<Step> out;
    Step whole = drive(flow, "{" + members + "}", frames);
    parts = whole.split;
    if (parts.empty()) out.push_back(std::move(whole));
    for (const Part& part : parts) {
      std::string items;
      for (const uint32_t item : part.items) items += (items.empty() ? "" : ",") + std::to_string(item);
      out.push_back(drive(flow,
                          "{" + members + (members.empty() ? "" : ",") + R"("shard":)" +
                              std::to_string(part.shard) + R"(,"items":[)" + items + "]}",
                          frames));
    }
    return out;
  }

  std::string enqueue(const std::string& request) {
    const Step step = drive(admit_one, "{}", {request});
    INFO(step.reply.body);
    REQUIRE(step.reply.status == 201);
    return Json(step.reply.body).text("jobId");
  }
  // A plain job on this shard.
  std::string plain_on(unsigned shard) {
    for (;;) {
      const std::string id = enqueue(R"({"type":"plain","payload":{}})");
      if (shard_of(id) == shard) return id;
    }
  }
  Json query(const std::string& members) {
    return Json(drive(sluice::query, "{" + members + "}").reply.body);
  }

  int64_t now = kStart;
  std::vector<std::vector<unsigned>> ran;
  std::vector<Part> parts;

 private:
  static constexpr unsigned kMost = 4;

  std::string run(const Step& step) {
    std::vector<unsigned> where = step.shards;
    if (where.empty()) where.push_back(step.shard);
    ran.push_back(where);
    std::vector<std::string> lists;
    for (const unsigned shard : where) {
      const Database::Batch batch = databases_[shard]->run(step);
      INFO(batch.failure);
      REQUIRE(batch.failure.empty());
      const Json rows(batch.rows);
      size_t n = 0;
      lists.resize(rows.root().size());
      for (const json::Value list : rows.root()) {
        for (const json::Value row : list) {
          lists[n].append(lists[n].empty() ? "" : ",").append(row.raw());
        }
        ++n;
      }
    }
    std::string out = "[";
    for (const std::string& list : lists) out += (out.size() == 1 ? "[" : ",[") + list + "]";
    return out + "]";
  }

  const Config* config_;
  std::vector<std::unique_ptr<Database>> databases_;
  uint64_t seed_ = 7;
  uint64_t steps_ = 0;
};

// The shards of the stage that was run last.
using Where = std::vector<unsigned>;

unsigned shard_of_request(Shards& shards, const std::string& members) {
  return shard_of(shards.enqueue(R"({"payload":{},)" + members + "}"));
}

std::string fault_code(const Step& step) {
  return std::string(Json(step.reply.body)["errors"].at(0).find("code").text());
}

}  // namespace

TEST_CASE("An id carries its shard literally, and nothing else of it changes", "[shards]") {
  Entropy entropy(1, 2);
  for (const unsigned shard : {0U, 1U, 15U, 16U, 255U}) {
    std::string id = make_id(kStart, 3, 0, entropy);
    CHECK(shard_of(id) == 0);
    const std::string before = id;
    set_shard(id, shard);
    CHECK(is_id(id));
    CHECK(shard_of(id) == shard);
    set_shard(id, 0);
    CHECK(id == before);
    CHECK(shard_of(make_id(kStart, 0, shard, entropy)) == shard);
  }
}

TEST_CASE("Databases are counted without gaps, and judges are shards that there are", "[shards]") {
  CHECK(sharded(1)->shards == 1);
  CHECK(sharded(4)->shards == 4);
  Config config;
  CHECK(config.load(R"({"types":[],"vars":{},"databases":[0,1,3]})") ==
        "DB_2 is not bound, but a later database is");
  CHECK(config.load(R"({"types":[],"vars":{},"databases":[1,2]})") ==
        "DB is not bound, but a later database is");
  CHECK(why_refused(257, "{}") == "there must be 1 to 256 databases");
  CHECK(why_refused(4, "[1]") == "QUEUE_SHARDS must be a JSON object");
  CHECK(why_refused(4, "few: 1") == "QUEUE_SHARDS must be a JSON object");
  CHECK(why_refused(4, R"({"nobody":1})") == "QUEUE_SHARDS: no job type has the queue nobody");
  for (const char* value : {"4", "-1", "1.5", "\"1\"", "null"}) {
    INFO(value);
    CHECK(why_refused(4, R"({"few":)" + std::string(value) + "}") ==
          "QUEUE_SHARDS: the shard of few must be an integer from 0 to 3");
  }
  CHECK(why_refused(1, R"({"few":1})").find("from 0 to 0") != std::string::npos);
  CHECK(sharded(4, R"({"few":2,"line":3})")->judges() == std::vector<unsigned>{0, 2, 3});
}

TEST_CASE("Types that wait for the same must have one judge", "[shards]") {
  const auto two = [](const std::string& one, const std::string& other) {
    return R"([{"type":"a","queue":"one","payload":{},)" + one +
           R"(},{"type":"b","queue":"two","payload":{},)" + other + "}]";
  };
  const std::string apart = R"({"one":1,"two":2})";
  const auto shares = [&](const std::string& one, const std::string& other) {
    const std::string types = two(one, other);
    CHECK(why_refused(4, R"({"one":2,"two":2})", types.c_str()).empty());
    return !why_refused(4, apart, types.c_str()).empty();
  };
  CHECK(shares(R"("gates":{"host":"url"})", R"("gates":{"host":"page"})"));
  CHECK(shares(R"("gates":{"url":"url"})", R"("gates":{"url":"url"})"));
  CHECK(shares(R"("gates":{"receiver":"url"})", R"("gates":{"receiver":"url"})"));
  CHECK(shares(R"("gates":{"service":"mail"})", R"("gates":{"service":"mail"})"));
  CHECK(shares(R"("transport":"none","slot":"s")", R"("transport":"none","slot":"s")"));
  CHECK_FALSE(shares(R"("gates":{"service":"mail"})", R"("gates":{"service":"ai"})"));
  CHECK_FALSE(shares(R"("gates":{"host":"url"})", R"("gates":{"service":"ai"})"));
  CHECK_FALSE(shares(R"("concurrency":1)", R"("concurrency":1)"));
  constexpr char kUrgent[] =
      R"([{"type":"a","queue":"one","urgentQueue":"two","gates":{"host":"url"},"payload":{}}])";
  CHECK_FALSE(why_refused(4, apart, kUrgent).empty());
  CHECK(why_refused(4, R"({"background-jobs":1})") ==
        "QUEUE_SHARDS: job type writing needs the main database, so its queue's shard must be 0");
}

TEST_CASE("Plain jobs live anywhere, and what needs a judge lives with it", "[shards]") {
  const auto config = sharded(4, R"({"few":1,"slow":2,"line":3,"reach":2})");
  Shards shards(*config);
  std::set<unsigned> seen;
  for (int n = 0; n < 40; ++n) seen.insert(shard_of_request(shards, R"("type":"plain")"));
  CHECK(seen == std::set<unsigned>{0, 1, 2, 3});
  for (int n = 0; n < 5; ++n) {
    const std::string key = std::to_string(n);
    CHECK(shard_of_request(shards, R"("type":"plain","uniqueKey":"k)" + key + "\"") == 0);
    CHECK(shard_of_request(shards, R"("type":"plain","tenant":"t)" + key + "\"") == 0);
    CHECK(shard_of_request(shards, R"("type":"plain","concurrencyKey":"c)" + key + "\"") == 0);
    CHECK(shard_of_request(shards, R"("type":"writing")") == 0);
    CHECK(shard_of_request(shards, R"("type":"limited")") == 1);
    CHECK(shard_of_request(shards, R"("type":"paced")") == 2);
    CHECK(shard_of_request(shards, R"("type":"polled")") == 3);
    const Step reaching = shards.drive(
        admit_one, "{}", {R"({"type":"reaching","payload":{"url":"https://h)" + key + R"(.example/"}})"});
    CHECK(shard_of(Json(reaching.reply.body).text("jobId")) == 2);
    const Step keyed = shards.drive(admit_one, R"({"idempotencyKey":"i)" + key + "\"}",
                                    {R"({"type":"plain","payload":{}})"});
    CHECK(shard_of(Json(keyed.reply.body).text("jobId")) == 0);
    CHECK(shards.ran == std::vector<Where>{{0}});
  }
}

TEST_CASE("A job lives with what it depends on, or is refused", "[shards]") {
  const auto config = sharded(4, R"({"few":1})");
  Shards shards(*config);
  const std::string one = shards.plain_on(1);
  const std::string three = shards.plain_on(3);
  const auto depends = [&](const std::string& ids, const std::string& more = "") {
    return shards.drive(admit_one, "{}",
                        {R"({"type":"plain","payload":{},"dependsOn":[)" + ids + "]" + more + "}"});
  };
  const auto quoted = [](const std::string& id) { return "\"" + id + "\""; };
  for (int n = 0; n < 8; ++n) {
    CHECK(shard_of(Json(depends(quoted(three)).reply.body).text("jobId")) == 3);
  }
  const Step apart = depends(quoted(one) + "," + quoted(three));
  CHECK(apart.reply.status == 422);
  CHECK(fault_code(apart) == "several_shards");
  CHECK(Json(apart.reply.body)["errors"].at(0).find("path").text() == "/dependsOn");
  CHECK(fault_code(depends(quoted(three), R"(,"tenant":"t")")) == "several_shards");
  const Step limited =
      shards.drive(admit_one, "{}", {R"({"type":"limited","payload":{},"dependsOn":[)" + quoted(one) + "]}"});
  CHECK(limited.reply.status == 201);
  // What there is not is told of by the record, wherever it was looked for.
  std::string nowhere = one;
  set_shard(nowhere, 77);
  CHECK(fault_code(depends(quoted(nowhere))) == "unknown_job");
}

TEST_CASE("A batch is split into parts that hold each item once, and answers in its order", "[shards]") {
  const auto config = sharded(4, R"({"few":1,"slow":2})");
  Shards shards(*config);
  const std::string body = R"({"jobs":[
    {"type":"limited","payload":{}}, {"type":"plain","payload":{}}, {"type":"nobody","payload":{}},
    {"type":"paced","payload":{}}, {"type":"plain","payload":{},"uniqueKey":"k"}, {"type":"plain","payload":{}},
    {"type":"plain","payload":{},"uniqueKey":"k"}]})";
  const std::vector<Step> steps = shards.drive_parts(admit_batch, "", {body});
  std::map<int64_t, std::string> answers;
  size_t n = 0;
  for (const Part& part : shards.parts) {
    const Json reply(steps[n++].reply.body);
    REQUIRE(reply["jobs"].size() == part.items.size());
    CHECK(std::is_sorted(part.items.begin(), part.items.end()));
    for (uint32_t i = 0; i < part.items.size(); ++i) {
      CHECK(answers.emplace(part.items[i], std::string(reply["jobs"].at(i).raw())).second);
    }
  }
  REQUIRE(answers.size() == 7);
  const auto id = [&](int64_t item) { return Json(answers[item]).text("jobId"); };
  CHECK(shard_of(id(0)) == 1);
  CHECK(shard_of(id(3)) == 2);
  CHECK(shard_of(id(4)) == 0);
  CHECK(shard_of(id(1)) == shard_of(id(5)));
  CHECK(id(6) == id(4));
  CHECK(Json(answers[2])["error"].find("errors").at(0).find("path").text() == "/jobs/2/type");
  for (const auto& [item, answer] : answers) {
    if (item == 2) continue;
    CHECK(shards.at(shard_of(id(item))).text("SELECT count(*) FROM jobs WHERE id = '" + id(item) + "'") ==
          "1");
  }
  // All of one shard: nothing is split, and it is one round trip.
  const std::vector<Step> plain = shards.drive_parts(
      admit_batch, "", {R"({"jobs":[{"type":"plain","payload":{}},{"type":"plain","payload":{}}]})"});
  CHECK(shards.parts.empty());
  CHECK(shards.ran.size() == 1);
  CHECK(plain.front().reply.status == 201);
}

TEST_CASE("A delivered batch is split by what its messages name", "[shards]") {
  const auto config = sharded(4, R"({"few":2})");
  Shards shards(*config);
  const std::string one = shards.plain_on(1);
  const std::string three = shards.plain_on(3);
  std::string astray = one;
  set_shard(astray, 200);
  const std::string foreign = R"({"id":"f1","type":"limited","payload":{},"metadata":{}})";
  const std::vector<std::string> bodies = {World::wake(one),
                                           World::wake(three),
                                           foreign,
                                           "7",
                                           R"({"jobs":[)" + World::wake(three) + "," + foreign + "]}",
                                           World::wake(astray)};
  const std::string control = R"("queue":"background-jobs","worker":"w","messages":[{"id":"m0"},{"id":"m1"},)"
                              R"({"id":"m2"},{"id":"m3"},{"id":"m4"},{"id":"m5"}])";
  const Step whole = shards.drive(sluice::claim, "{" + control + "}", bodies);
  std::map<unsigned, std::vector<uint32_t>> parts;
  for (const Part& part : whole.split) parts[part.shard] = part.items;
  CHECK(parts.size() == 4);
  CHECK(parts[0] == std::vector<uint32_t>{3});
  CHECK(parts[2] == std::vector<uint32_t>{2, 4});
  CHECK(parts[3] == std::vector<uint32_t>{1, 4});
  CHECK(parts[1] == std::vector<uint32_t>{0, 5});  // what concerns none goes with the first
  // A part looks only at what lives there.
  const Step part = shards.drive(
      sluice::claim,
      R"({"shard":3,"queue":"background-jobs","worker":"w","messages":[{"id":"m1"},{"id":"m4"}]})",
      {bodies[1], bodies[4]});
  CHECK(shards.ran == std::vector<Where>{{3}});
  REQUIRE(part.runs.size() == 1);
  CHECK(Json(part.runs[0]).text("id") == three);
  CHECK(shards.at(3).text("SELECT count(*) FROM unique_keys") == "0");
  // All of one shard: nothing is split.
  const Step single = shards.drive(
      sluice::claim, R"({"queue":"background-jobs","worker":"w","messages":[{"id":"m0"}]})", {bodies[0]});
  CHECK(single.runs.size() == 1);
  CHECK(shards.ran == std::vector<Where>{{1}});
  // What no database has is acknowledged, and told of.
  const Step lost = shards.drive(
      sluice::claim, R"({"queue":"background-jobs","worker":"w","messages":[{"id":"m5"}]})", {bodies[5]});
  REQUIRE(lost.marks.size() == 1);
  CHECK_FALSE(lost.marks[0].retry);
  REQUIRE(lost.logs.size() == 1);
  CHECK(Json(lost.logs[0]).text("event") == "message.astray");
  CHECK(shards.ran.empty());
}

TEST_CASE("Dead letters are split likewise", "[shards]") {
  const auto config = sharded(4);
  Shards shards(*config);
  const std::string one = shards.plain_on(1);
  const std::string two = shards.plain_on(2);
  const Step step = shards.drive(
      sluice::bury, R"({"queue":"background-jobs-dlq","messages":[{"id":"m0"},{"id":"m1"},{"id":"m2"}]})",
      {World::wake(one, 1), World::wake(two), "[]"});
  REQUIRE(step.split.size() == 3);
  CHECK(step.split[0].shard == 1);
  CHECK(step.split[1].shard == 2);
  CHECK(step.split[2].shard == 0);
}

TEST_CASE("What is named is looked for where its id says, and then where foreign ids are", "[shards]") {
  const auto config = sharded(4, R"({"few":2})");
  Shards shards(*config);
  const std::string three = shards.plain_on(3);
  CHECK(shards.query(R"("kind":"job","id":")" + three + "\"").text("jobId") == three);
  CHECK(shards.ran == std::vector<Where>{{3}});
  const std::string foreign = "018fffff-ffff-7000-8010-000000000001";  // it looks like one of ours
  (void)shards.drive(sluice::claim,
                     R"({"shard":2,"queue":"background-jobs","worker":"w","messages":[{"id":"m0"}]})",
                     {R"({"id":")" + foreign + R"(","type":"limited","payload":{},"metadata":{}})"});
  CHECK(shard_of(shards.query(R"("kind":"job","id":")" + foreign + "\"").text("jobId")) == 2);
  CHECK(shards.ran == std::vector<Where>{{1}, {0, 2}});
  CHECK(shards.drive(cancel_job, R"({"id":"nobody"})").reply.status == 404);
  CHECK(shards.ran == std::vector<Where>{{0, 2}});
  const Step cancelled = shards.drive(cancel_job, R"({"id":")" + three + "\"}");
  CHECK(cancelled.reply.status == 200);
  CHECK(shards.ran == std::vector<Where>{{3}, {3}});
}

TEST_CASE("Databases that are added take new jobs and leave the old where they are", "[shards]") {
  const auto before = sharded(1);
  const auto after = sharded(4, R"({"few":2})");
  Shards shards(*before);
  const std::string old = shards.enqueue(R"({"type":"plain","payload":{}})");
  const std::string key = shards.enqueue(R"({"type":"plain","payload":{},"uniqueKey":"k"})");
  CHECK(shard_of(old) == 0);
  shards.configure(*after);
  CHECK(shards.query(R"("kind":"job","id":")" + old + "\"").text("jobId") == old);
  const Step again = shards.drive(admit_one, "{}", {R"({"type":"plain","payload":{},"uniqueKey":"k"})"});
  CHECK(again.reply.status == 200);
  CHECK(Json(again.reply.body).text("jobId") == key);
  (void)shards.plain_on(3);
  CHECK(shards.query(R"("kind":"stats")")["total"].integer() >= 3);
  // Who does not know the new ones yet takes their ids for those of nobody.
  const std::string newest = shards.plain_on(2);
  const auto fewer = sharded(2);
  shards.configure(*fewer);
  CHECK(shards.drive(query, R"({"kind":"job","id":")" + newest + "\"}").reply.status == 404);
}

TEST_CASE("Pauses and sweeps reach all shards", "[shards]") {
  const auto config = sharded(4);
  Shards shards(*config);
  for (unsigned shard = 0; shard < 4; ++shard) (void)shards.plain_on(shard);
  const int64_t jobs = shards.query(R"("kind":"stats")")["total"].integer();
  const Step paused = shards.drive(pause_queue, R"({"name":"background-jobs"})");
  CHECK(shards.ran == std::vector<Where>{{0, 1, 2, 3}});
  CHECK(Json(paused.reply.body)["pending"].integer() == jobs);
  std::vector<std::string> held;
  for (unsigned shard = 0; shard < 4; ++shard) {
    held.push_back(shards.plain_on(shard));
    CHECK(shards.at(shard).text("SELECT paused FROM gates WHERE key = 'q:background-jobs'") == "1");
  }
  CHECK(shards.drive(pause_queue, R"({"name":"nobody"})").reply.status == 404);
  const Step resumed = shards.drive(resume_queue, R"({"name":"background-jobs"})");
  for (const Send& send : resumed.sends) {  // no message holds jobs of two shards
    const Json body(send.body);
    std::set<unsigned> of;
    for (const json::Value entry : body["jobs"]) of.insert(shard_of(entry.find("id").text()));
    CHECK(of.size() <= 1);
  }
  CHECK(resumed.sends.size() >= 4);
  const Step sweep = shards.drive(sluice::sweep, "{}");
  CHECK(sweep.split.size() == 4);
  CHECK(shards.ran.empty());
  (void)shards.drive(sluice::sweep, R"({"shard":2})");
  CHECK(shards.ran == std::vector<Where>{{2}});
}

TEST_CASE("Pages over several databases show each job once, newest first", "[shards][property]") {
  const auto config = sharded(4);
  std::mt19937_64 random(42);
  const auto below = [&](uint64_t bound) { return random() % bound; };
  for (int round = 0; round < 12; ++round) {
    Shards shards(*config);
    Entropy entropy(static_cast<uint64_t>(round), 1);
    std::vector<std::string> expected;
    const size_t count = below(160);
    for (size_t n = 0; n < count; ++n) {
      // Most in one shard now and then.
      const auto shard = static_cast<unsigned>(below(3) == 0 ? below(4) : static_cast<uint64_t>(round) % 4);
      const std::string id = make_id(kStart + static_cast<int64_t>(below(50)), 0, shard, entropy);
      const char* status = below(3) == 0 ? "failed" : "completed";
      const char* type = below(2) == 0 ? "plain" : "limited";
      shards.at(shard).execute(
          "INSERT INTO jobs (id, type, queue, transport, status, priority, max_attempts, op, created_at, "
          "updated_at, completed_at, timeout_ms, payload, payload_size) VALUES ('" +
          id + "','" + type + "','background-jobs','background-jobs','" + status +
          "',5,3,'o',1,1,1,1,'{}',2)");
      const bool wanted = round % 3 == 0   ? std::string_view(status) == "failed"
                          : round % 3 == 1 ? std::string_view(type) == "plain"
                                           : true;
      if (wanted) expected.push_back(id);
    }
    std::sort(expected.rbegin(), expected.rend());
    const std::string filter = round % 3 == 0   ? R"(,"status":"failed")"
                               : round % 3 == 1 ? R"(,"type":"plain")"
                                                : "";
    const auto page = [&](const std::string& members) {
      return shards.query(R"("kind":"list")" + filter + members);
    };
    const std::string limit = R"(,"limit":")" + std::to_string(1 + below(30)) + "\"";
    std::vector<std::string> found;
    std::string cursor;
    for (int pages = 0; pages < 400; ++pages) {
      const Json reply = page(limit + (cursor.empty() ? "" : R"(,"cursor":")" + cursor + "\""));
      for (const json::Value job : reply["jobs"]) found.emplace_back(job.find("jobId").text());
      cursor = reply.text("nextCursor");
      if (cursor.empty()) break;
    }
    CHECK(found == expected);
    const size_t offset = 1 + below(count + 10);
    std::vector<std::string> skipped;
    const Json after = page(R"(,"limit":"7","offset":")" + std::to_string(offset) + "\"");
    for (const json::Value job : after["jobs"]) {
      skipped.emplace_back(job.find("jobId").text());
    }
    std::vector<std::string> rest;
    for (size_t n = offset; n < std::min(offset + 7, expected.size()); ++n) rest.push_back(expected[n]);
    CHECK(skipped == rest);
  }
}
