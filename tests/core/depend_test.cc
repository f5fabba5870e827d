// Jobs that depend on others: when they wait, what ends their waiting, and that nothing is forgotten on the
// way.
#include "core/depend.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string list(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "\"" : ",\"") + id + "\"";
  return "[" + out + "]";
}

std::string on(const std::vector<std::string>& ids, const std::string& more = "") {
  return R"(,"dependsOn":)" + list(ids) + more;
}

constexpr char kProceed[] = R"(,"onDependencyFailure":"proceed")";

std::string status(World& world, const std::string& id) { return world.db.job(id, "status"); }

// A child of `ids`.
std::string child(World& world, const std::vector<std::string>& ids, const std::string& more = "") {
  return world.enqueue("plain", on(ids, more));
}

// The job that a message is about.
std::string about(const std::string& body) { return Json(body).text("id"); }

// Sweeps as a tick does.
Outcome tick(World& world) {
  Outcome last;
  for (int rounds = 0; rounds < 40; ++rounds) {
    last = world.sweep();
    if (!last.step.more) break;
  }
  return last;
}

// `count` children of one parent, in batches.
void children(World& world, const std::string& parent, int count, const std::string& more = "") {
  std::string jobs;
  for (int n = 0; n < count; ++n) {
    jobs += (n == 0 ? "" : ",") + std::string(R"({"type":"plain","payload":{})") + on({parent}, more) + "}";
  }
  REQUIRE(world.batch("[" + jobs + "]").step.reply.status == 201);
}

int64_t count(World& world, const std::string& what) {
  return world.db.number("SELECT count(*) FROM jobs WHERE depends_on IS NOT NULL AND status = '" + what +
                         "'");
}

}  // namespace

TEST_CASE("A job waits for the one that it depends on, and is sent by the batch that completes that one",
          "[depend]") {
  World world;
  const std::string parent = world.enqueue();
  const std::string run = world.take(parent);
  const Outcome out = world.admit("plain", "{}", on({parent}));
  const std::string id = out.reply().text("jobId");
  CHECK(out.reply().text("status") == "blocked");
  CHECK(out.round_trips == 1);
  CHECK(out.sent().empty());
  CHECK(world.job(id)["dependsOn"].raw() == list({parent}));
  CHECK(world.query("stats").reply()["blocked"].integer() == 1);
  CHECK(world.claim({World::wake(id)}).step.runs.empty());  // nothing wakes it before
  const Outcome done = world.complete(run);
  CHECK(done.round_trips == 1);
  REQUIRE(done.sent() == "JOB_QUEUE 0");
  CHECK(about(done.step.sends[0].body) == id);
  CHECK(status(world, id) == "pending");
  CHECK(world.db.job_number(id, "wake_at") == world.now + 900000);
  (void)world.complete(world.take(id));
  CHECK(status(world, id) == "completed");
  CHECK(world.db.text("SELECT group_concat(open) FROM dependencies") == "0");
}

TEST_CASE("A job waits for the last of those that it depends on", "[depend]") {
  World world;
  const std::string top = world.enqueue();
  const std::string left = child(world, {top});
  const std::string right = child(world, {top});
  const std::string bottom = child(world, {left, right});
  CHECK(world.complete(world.take(top)).step.sends.size() == 1);  // both in one message
  CHECK(world.complete(world.take(left)).sent().empty());
  CHECK(status(world, bottom) == "blocked");
  const Outcome out = world.complete(world.take(right));
  REQUIRE(out.step.sends.size() == 1);
  CHECK(about(out.step.sends[0].body) == bottom);
}

TEST_CASE("A job with a time of its own waits for that as well", "[depend]") {
  World world;
  const std::string parent = world.enqueue();
  const std::string late = child(world, {parent}, R"(,"delaySeconds":90)");
  const std::string far = child(world, {parent}, R"(,"delaySeconds":172800)");
  const std::string past = child(world, {parent}, R"(,"delaySeconds":10)");
  CHECK(world.db.job(late, "wake_at") == "NULL");
  const std::string run = world.take(parent);
  world.now += 30000;
  const Outcome out = world.complete(run);
  CHECK(status(world, late) == "delayed");
  CHECK(status(world, far) == "delayed");
  CHECK(status(world, past) == "pending");
  CHECK(out.sent() == "JOB_QUEUE 60, JOB_QUEUE 0");  // what is too far for a queue is the sweep's
}

TEST_CASE("What does not exist cannot be depended on, and stops nothing else", "[depend]") {
  World world;
  const std::string parent = world.enqueue();
  const std::string none = "01900000-0000-7000-8000-000000000000";
  const Outcome one = world.admit("plain", "{}", on({parent, none}, R"(,"uniqueKey":"k")"));
  CHECK(one.step.reply.status == 422);
  CHECK(one.reply()["errors"].raw() ==
        R"([{"path":"/dependsOn/1","code":"unknown_job","message":"There is no such job."}])");
  const std::string plain = R"({"type":"plain","payload":{})";
  const Outcome out = world.batch("[" + plain + on({none}, R"(,"uniqueKey":"k"},)") + plain +
                                  R"(,"uniqueKey":"k"},)" + plain + on({parent}) + "}]");
  const Json reply = out.reply();
  CHECK(reply["jobs"].at(0).find("error").find("status").integer() == 422);
  CHECK(reply["jobs"].at(0).find("error").find("errors").at(0).find("path").text() == "/jobs/0/dependsOn/0");
  CHECK(reply["jobs"].at(1).find("status").text() == "pending");  // the key was nobody's
  CHECK_FALSE(reply["jobs"].at(1).find("duplicate").truth());
  CHECK(reply["jobs"].at(2).find("status").text() == "blocked");
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 3);
  CHECK(orphans(world.db) == "");
}

TEST_CASE("What has come to its end decides at once", "[depend]") {
  World world;
  const std::string good = world.enqueue();
  (void)world.complete(world.take(good));
  const std::string bad = world.enqueue();
  (void)world.fail(world.take(bad));
  const std::string gone = world.enqueue();
  (void)world.cancel(gone);

  const Outcome ready = world.admit("plain", R"({"a":1})", on({good}));
  CHECK(ready.reply().text("status") == "pending");
  REQUIRE(ready.sent() == "JOB_QUEUE 0");
  CHECK(Json(ready.step.sends[0].body)["payload"].raw() == R"({"a":1})");
  CHECK(world.admit("plain", "{}", on({good}, R"(,"delaySeconds":5)")).reply().text("status") == "delayed");

  const Outcome never = world.admit("plain", "{}", on({good, bad}));
  CHECK(never.reply().text("status") == "cancelled");
  CHECK(never.sent().empty());
  const Json job = world.job(never.reply().text("jobId"));
  CHECK(job["lastError"].find("code").text() == "dependency_failed");
  CHECK(job["lastError"].find("message").text().find(bad) != std::string_view::npos);
  CHECK(world.admit("plain", "{}", on({gone})).reply().text("status") == "cancelled");

  CHECK(world.admit("plain", "{}", on({good, bad, gone}, kProceed)).reply().text("status") == "pending");
  CHECK(world.db.number("SELECT count(*) FROM dependencies WHERE open = 1") == 0);
}

TEST_CASE("What fails cancels what depends on it, and the sweep what depends on that", "[depend]") {
  World world;
  const std::string root = world.enqueue();
  std::vector<std::string> chain = {child(world, {root})};
  for (int n = 0; n < 6; ++n) chain.push_back(child(world, {chain.back()}));
  const std::string brave = child(world, {chain[2]}, kProceed);
  const std::string run = world.take(root);
  CHECK(world.fail(run).sent() == "JOB_DLQ 0");
  CHECK(status(world, chain[0]) == "cancelled");
  CHECK(status(world, chain[1]) == "blocked");
  (void)tick(world);
  for (const std::string& id : chain) {
    CHECK(status(world, id) == "cancelled");
    CHECK(world.db.job(id, "json_array(wake_at, completed_at IS NOT NULL)") == "[null,1]");
  }
  CHECK(status(world, brave) == "pending");
  const Json attempts = world.query("attempts", R"(,"id":")" + chain[1] + R"(")").reply();
  CHECK(attempts["attempts"].at(0).find("outcome").text() == "cancelled");
  CHECK(attempts["attempts"].at(0).find("error").find("code").text() == "dependency_failed");
}

TEST_CASE("Who is cancelled or tried again is no longer waited for, or waits no longer", "[depend]") {
  World world;
  const std::string parent = world.enqueue();
  const std::string tame = child(world, {parent});
  const std::string brave = child(world, {parent}, kProceed);
  const std::string impatient = child(world, {parent});
  CHECK(world.cancel(impatient).step.reply.status == 200);
  CHECK(world.retry(impatient).sent() == "JOB_QUEUE 0");  // it runs although its parent has not
  CHECK(status(world, impatient) == "pending");
  const Outcome out = world.cancel(parent);
  CHECK(out.reply().text("status") == "cancelled");
  REQUIRE(out.sent() == "JOB_QUEUE 0");
  CHECK(about(out.step.sends[0].body) == brave);
  CHECK(status(world, tame) == "cancelled");
  CHECK(status(world, impatient) == "pending");
  (void)world.retry(parent);
  (void)world.complete(world.take(parent));
  CHECK(status(world, tame) == "cancelled");  // what is decided stays so
  CHECK(world.retry(tame).sent() == "JOB_QUEUE 0");
  (void)world.complete(world.take(tame));
  CHECK(status(world, tame) == "completed");
}

TEST_CASE("Many that depend on one are decided in bounded steps, by the sweep after the first", "[depend]") {
  World world;
  const std::string parent = world.enqueue();
  children(world, parent, 1000, kProceed);
  children(world, parent, 300, kProceed);
  const std::string run = world.take(parent);
  const bool fails = GENERATE(false, true);
  const Outcome out = fails ? world.fail(run) : world.complete(run);
  CHECK(out.step.sends.size() == static_cast<size_t>(limits::kDependEdges / 5 + (fails ? 1 : 0)));
  CHECK(count(world, "pending") == limits::kDependEdges);
  // Its dead letter may be archived before.
  if (fails) (void)world.bury({World::wake(parent, 1)});
  size_t sent = 0;
  int rounds = 0;
  for (bool more = true; more; ++rounds) {
    const Outcome round = world.sweep();
    sent += round.step.sends.size();
    more = round.step.more;
  }
  CHECK(rounds == 3);
  CHECK(sent == 800 / 5);
  CHECK(count(world, "pending") == 1300);
  CHECK(world.db.number("SELECT count(*) FROM dependencies WHERE open = 1") == 0);
}

TEST_CASE("A step whose answer is lost is repeated without harm, and sends all the same", "[depend]") {
  World world;
  const std::string parent = world.enqueue();
  world.db.fail_next(std::string(kLost), true, 2);
  const std::string first = child(world, {parent});
  const std::string run = world.take(parent);
  world.db.fail_next(std::string(kLost), true, 2);
  const Outcome out = world.complete(run);
  REQUIRE(out.sent() == "JOB_QUEUE 0");
  CHECK(about(out.step.sends[0].body) == first);
  world.db.fail_next(std::string(kLost), true, 2);
  CHECK(world.admit("plain", "{}", on({parent})).sent() == "JOB_QUEUE 0");
}

TEST_CASE("Waiting jobs are not sent by the sweep, however long it takes", "[depend]") {
  World world;
  const std::string parent = world.enqueue("plain", R"(,"delaySeconds":80000)");
  const std::string id = child(world, {parent});
  for (int hour = 0; hour < 20; ++hour) {
    world.now += 3600000;
    for (const std::string& body : tick(world).bodies()) CHECK(about(body) != id);
  }
  CHECK(status(world, id) == "blocked");
}

TEST_CASE("What waits for nothing is found, however it came about", "[depend]") {
  World world;
  std::vector<std::string> parents, ids;
  for (int n = 0; n < 3; ++n) {
    parents.push_back(world.enqueue());
    ids.push_back(child(world, {parents.back()}));
  }
  for (size_t n = 0; n < parents.size(); ++n) {
    const std::string& parent = parents[n];
    const std::string what = n == 0 ? "completed" : "cancelled";
    world.db.execute("UPDATE jobs SET status = '" + what + "', completed_at = 1 WHERE id = '" + parent + "'");
    world.db.execute("UPDATE counters SET pending = pending - 1, " + what + " = " + what + " + 1");
    if (n == 2) world.db.execute("UPDATE dependencies SET open = 0 WHERE child_id = '" + ids[2] + "'");
  }
  (void)tick(world);
  world.now += 60000;
  (void)tick(world);
  CHECK(status(world, ids[0]) == "pending");
  CHECK(status(world, ids[1]) == "cancelled");
  CHECK(status(world, ids[2]) == "cancelled");
}

TEST_CASE("The walk over waiting jobs is bounded, comes to its end and begins anew", "[depend]") {
  World world;
  const std::string parent = world.enqueue("plain", R"(,"delaySeconds":80000)");
  children(world, parent, static_cast<int>(limits::kDependWalkRows) + 50);
  const auto to = [&] { return world.db.text("SELECT blocked_to FROM sweep"); };
  (void)world.sweep();
  const std::string middle = to();
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE status = 'blocked' AND id <= '" + middle + "'") ==
        limits::kDependWalkRows);
  (void)world.sweep();
  CHECK(to() == "g");
  (void)world.sweep();
  CHECK(to() == middle);
  (void)world.cancel(parent);
  (void)tick(world);
  world.now += 1;
  (void)tick(world);
  const Outcome idle = world.sweep();
  CHECK(idle.changed <= 2);  // only the sweep's own row
}

TEST_CASE("What a job depends on is kept as long as the job", "[depend][retention]") {
  constexpr int64_t kDay = 86400000;
  World world;
  const std::string parent = world.enqueue();
  (void)world.complete(world.take(parent));
  const std::string plain = world.enqueue();
  (void)world.complete(world.take(plain));
  const std::string id = child(world, {parent}, R"(,"runAt":"2027-02-15T00:00:00Z")");
  world.now += 8 * kDay;
  (void)tick(world);
  CHECK(world.db.job(plain, "id") == "");
  CHECK(world.db.job(parent, "id") == parent);
  (void)world.cancel(id);
  world.now += 29 * kDay;
  (void)tick(world);
  CHECK(world.db.job(parent, "id") == parent);
  world.now += 2 * kDay;
  CHECK(tick(world).step.more == false);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 0);
  CHECK(orphans(world.db) == "");
}

TEST_CASE("A handler is given what its job depends on, with results as far as they are not too long",
          "[depend]") {
  World world;
  std::vector<std::string> ids;
  const std::string mib = "\"" + std::string((size_t{1} << 20) - 2, 'r') + "\"";
  for (int n = 0; n < 5; ++n) {
    ids.push_back(world.enqueue());
    const std::string verdict = R"("kind":"ok","frame":0,"ms":1)";
    (void)world.settle({World::result(world.take(ids.back()), verdict)}, {n == 0 ? "{\"n\":0}" : mib});
  }
  const std::string id = child(world, ids);
  const Outcome out = world.drive(sluice::parents, R"({"id":")" + id + R"("})");
  CHECK(out.step.reply.status == 200);
  REQUIRE(out.host.size() == 5);
  CHECK(out.host[0].payload == R"({"jobId":")" + ids[0] + R"(","type":"plain","status":"completed"})");
  CHECK(out.host[0].checkpoint == R"({"n":0})");
  CHECK(out.host[3].checkpoint == mib);
  CHECK(out.host[4].checkpoint == "null");  // together they would be longer than 4 MiB
}

TEST_CASE("What a job depends on is told with how far that is", "[depend]") {
  World world;
  const std::string done = world.enqueue();
  const std::string open = world.enqueue();
  const std::string id = child(world, {open, done});
  (void)world.complete(world.take(done));
  Step step;
  step.add(Sql::query_parents, {step.text(R"([[")" + id + R"("]])")});
  const Json rows(world.db.run(step).rows);
  CHECK(std::string(rows.root().at(0).raw()) ==
        R"([[")" + open + R"(","plain","pending",1],[")" + done + R"(","plain","completed",0]])");
}

TEST_CASE("Dependencies are a list of distinct texts, and their policy needs them", "[depend][schema]") {
  World world;
  const auto fault = [&](const std::string& options) {
    const Outcome out = world.admit("plain", "{}", options);
    CHECK(out.step.reply.status == 422);
    const Json reply = out.reply();
    const json::Value first = reply["errors"].at(0);
    return std::string(first.find("path").text()) + " " + std::string(first.find("code").text());
  };
  CHECK(fault(kProceed) == "/onDependencyFailure conflict");
  CHECK(fault(R"(,"dependsOn":["a","a"])") == "/dependsOn unique_items");
  CHECK(fault(R"(,"dependsOn":[7])") == "/dependsOn/0 type");
  CHECK(fault(R"(,"dependsOn":["a\u0000"])") == "/dependsOn format");
  CHECK(fault(R"(,"dependsOn":["a"],"onDependencyFailure":"ignore")") == "/onDependencyFailure enum");
  std::vector<std::string> many(101);
  for (size_t n = 0; n < many.size(); ++n) many[n] = "j" + std::to_string(n);
  CHECK(fault(on(many)) == "/dependsOn max_items");
  CHECK(world.admit("plain", "{}", R"(,"dependsOn":[])").reply().text("status") == "pending");
}

TEST_CASE("A request with more dependencies than one batch is to note is halved", "[depend]") {
  World world;
  std::vector<std::string> ids;
  for (int n = 0; n < 100; ++n) ids.push_back(world.enqueue());
  const std::string job = R"({"type":"plain","payload":{})" + on(ids) + "}";
  std::string jobs = job;
  for (int n = 1; n < 110; ++n) jobs += "," + job;
  const Outcome out = world.batch("[" + jobs + "]");
  CHECK(out.step.bisect);
  CHECK(out.round_trips == 0);
}
