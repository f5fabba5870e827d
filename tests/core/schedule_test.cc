// Schedules: what may be one, what a tick does, and that each tick leads to one job whatever fails on the
// way.
#include "core/schedule.h"

#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr int64_t kMinute = 60000;
constexpr char kEach[] = R"({"cron":"* * * * *","type":"plain","payload":{"a":1}})";

// What the calendar says of a pattern whose first tick is `next`.
std::string control(const std::string& name, const std::string& cron, const std::string& zone, int64_t next) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("name").string(name).key("calendar").begin_object();
  writer.key("cron").string(cron).key("timezone").string(zone).key("zone").boolean(true);
  writer.key("next").integer_or_null(next).end_object().end_object();
  return out;
}

// Sets a schedule that ticks every minute, its next tick the next whole one.
Outcome put(World& world, const std::string& name, const std::string& body = kEach,
            const std::string& zone = "UTC", const std::string& cron = "* * * * *") {
  const int64_t next = (world.now / kMinute + 1) * kMinute;
  return world.drive(put_schedule, control(name, cron, zone, next), {body});
}

std::string faults(const Outcome& out) {
  std::string text;
  const Json reply = out.reply();
  for (const json::Value fault : reply["errors"]) {
    text += (text.empty() ? "" : ", ") + std::string(fault.find("path").text()) + " " +
            std::string(fault.find("code").text());
  }
  return text;
}

Outcome due(World& world, const std::string& place = "{}") { return world.drive(due_schedules, place); }

// The latest whole minute that has come, and the next one, for each of those.
std::string ticks(const World& world, const Outcome& due) {
  std::string out;
  const Json reply = due.reply();
  for (uint32_t n = 0; n < reply["schedules"].size(); ++n) {
    const int64_t latest = world.now / kMinute * kMinute;
    out += (n == 0 ? "[" : ",[") + std::to_string(latest) + "," + std::to_string(latest + kMinute) + "]";
  }
  return R"({"ticks":[)" + out + "]}";
}

Outcome run(World& world, const Outcome& due) {
  return world.drive(run_schedules, ticks(world, due), {due.step.reply.body});
}
Outcome tick(World& world) { return run(world, due(world)); }

int64_t jobs(World& world) { return world.db.number("SELECT count(*) FROM jobs"); }
int64_t next_at(World& world, const std::string& name) {
  return world.db.number("SELECT next_at FROM schedules WHERE name = '" + name + "'");
}

}  // namespace

TEST_CASE("A schedule is set, shown, replaced and deleted", "[schedule]") {
  World world;
  const Outcome made = put(world, "nightly",
                           R"({"cron":"0 3 * * *","timezone":"Europe/Paris","type":"plain","payload":[1.50],
                               "priority":"high"})",
                           "Europe/Paris", "0 3 * * *");
  REQUIRE(made.step.reply.status == 201);
  CHECK(made.round_trips == 1);
  CHECK(made.step.reply.body ==
        R"({"name":"nightly","cron":"0 3 * * *","timezone":"Europe/Paris","type":"plain","payload":[1.50],)"
        R"("payloadSize":6,"priority":3,"nextRunAt":"2027-01-15T08:01:00.000Z","lastRunAt":null,)"
        R"("createdAt":"2027-01-15T08:00:00.000Z","updatedAt":"2027-01-15T08:00:00.000Z"})");
  CHECK(world.query("schedule", R"(,"id":"nightly")").step.reply.body == made.step.reply.body);
  world.now += 5000;
  const Outcome again = put(world, "nightly");
  CHECK(again.step.reply.status == 200);
  CHECK(again.reply().text("timezone") == "UTC");
  CHECK(again.reply()["priority"].integer() == 5);
  CHECK(again.reply().text("createdAt") == "2027-01-15T08:00:00.000Z");
  REQUIRE(put(world, "hourly").step.reply.status == 201);
  const Json list = world.query("schedules").reply();
  REQUIRE(list["schedules"].size() == 2);
  CHECK(list["schedules"].at(0).find("name").text() == "hourly");
  const Outcome gone = world.drive(delete_schedule, R"({"name":"nightly"})");
  CHECK(gone.step.reply.status == 200);
  CHECK(gone.reply().text("name") == "nightly");
  CHECK(world.drive(delete_schedule, R"({"name":"nightly"})").step.reply.status == 404);
  CHECK(world.query("schedule", R"(,"id":"nightly")").step.reply.status == 404);
  CHECK(world.query("schedule", R"(,"id":"hour")").step.reply.status == 404);  // no name begins for another
  CHECK(world.query("schedule", R"(,"id":"")").step.reply.status == 404);
}

TEST_CASE("What is wrong with a schedule is told with its place", "[schedule]") {
  World world;
  const auto said = [&](const std::string& body, const std::string& cron = "* * * * *") {
    const Outcome out = put(world, "s", body, "UTC", cron);
    CHECK(out.step.reply.status == 422);
    return faults(out);
  };
  CHECK(said("{}") == "/cron required, /type required, /payload required");
  CHECK(said(R"([])") == " type");
  CHECK(said(R"({"cron":5,"type":"plain","payload":{}})") == "/cron type");
  CHECK(said(R"({"cron":"* * * * *","type":"nobody","payload":{}})") == "/type unknown_type");
  CHECK(said(R"({"cron":"* * * * *","type":"checked","payload":{"url":3},"priority":11})") ==
        "/priority any_of, /payload/url type");
  CHECK(said(R"({"cron":"* * * * *","type":"plain","payload":{},"delaySeconds":1})") ==
        "/delaySeconds additional_properties");
  for (const std::string cron :
       {"* * * *", "*/5 * * * * *", "@daily", "   ", "* * * * * * *", "*\t* * * *"}) {
    INFO(cron);
    std::string body;
    json::Writer(body)
        .begin_object()
        .key("cron")
        .string(cron)
        .key("type")
        .string("plain")
        .key("payload")
        .null()
        .end_object();
    CHECK(said(body, cron) == "/cron fields");
  }
  CHECK(put(world, "s", R"({"cron":"* * * * *")").step.reply.status == 400);
  CHECK(faults(put(world, std::string(51, 'n'))) == "/name max_length");
  CHECK(faults(put(world, "")) == "/name max_length");
  CHECK(faults(put(world, std::string("a\0b", 3))) == "/name max_length");
  CHECK(put(world, std::string(50, 'n')).step.reply.status == 201);
  const std::string long_payload =
      R"({"cron":"* * * * *","type":"plain","payload":")" + std::string(65536, 'x') + "\"}";
  const Outcome large = put(world, "s", long_payload);
  CHECK(large.step.reply.status == 413);
  CHECK(faults(large) == "/payload payload_too_large");
}

TEST_CASE("What the calendar refuses is refused, and what it was not asked", "[schedule]") {
  World world;
  const auto said = [&](const std::string& calendar) {
    const Outcome out = world.drive(put_schedule, R"({"name":"s","calendar":)" + calendar + "}", {kEach});
    CHECK(out.step.reply.status == 422);
    CHECK(out.round_trips == 0);
    return faults(out);
  };
  CHECK(said(R"({"cron":"* * * * *","timezone":"UTC","zone":false})") == "/timezone unknown_zone");
  CHECK(said(R"({"cron":"* * * * *","timezone":"UTC","zone":true,"error":"No."})") == "/cron format");
  CHECK(said(R"({"cron":"* * * * *","timezone":"UTC","zone":true,"next":null})") == "/cron never");
  CHECK(said(R"({"cron":"* * * * 1","timezone":"UTC","zone":true,"next":1800000060000})") == "/cron format");
  CHECK(said(R"({"cron":"* * * * *","timezone":"CET","zone":true,"next":1800000060000})") == "/cron format");
  CHECK(said("{}") == "/cron format");
}

TEST_CASE("A tick leads to one job, which is sent, and the schedule goes on", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  CHECK(due(world).reply()["schedules"].size() == 0);
  CHECK(world.sweep().step.reply.status == 0);
  world.now += kMinute;
  CHECK(world.sweep().step.reply.body == R"({"schedules":true})");
  const Outcome out = tick(world);
  CHECK(out.round_trips == 1);
  CHECK(out.sent() == "JOB_QUEUE 0");
  REQUIRE(out.step.logs.size() == 1);
  const std::string id = Json(out.step.logs[0]).text("jobId");
  CHECK(Json(out.step.logs[0]).text("event") == "schedule.ran");
  const Json job = world.job(id);
  CHECK(job["payload"].raw() == R"({"a":1})");
  CHECK(job["tags"].raw() == R"(["schedule:s"])");
  CHECK(world.query("explain", R"(,"id":")" + id + R"(")").step.reply.body.find("A schedule's tick") !=
        std::string::npos);
  const Json shown = world.query("schedule", R"(,"id":"s")").reply();
  CHECK(shown.text("lastRunAt") == "2027-01-15T08:01:00.000Z");
  CHECK(shown.text("nextRunAt") == "2027-01-15T08:02:00.000Z");
  CHECK(tick(world).round_trips == 0);
  CHECK(jobs(world) == 1);
  (void)world.complete(world.take(id));
}

TEST_CASE("Ticks that were missed are caught up with one job", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += 1000 * kMinute + 7;
  CHECK(tick(world).sent() == "JOB_QUEUE 0");
  CHECK(jobs(world) == 1);
  CHECK(next_at(world, "s") == kStart + 1001 * kMinute);
}

TEST_CASE("Two crons at once run a tick once, however each of them goes", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += kMinute;
  const Outcome first = due(world);
  const Outcome second = due(world);
  const bool late = GENERATE(false, true);
  CHECK(run(world, first).sent() == "JOB_QUEUE 0");
  if (late) world.now += kMinute;  // a tick further: still another's
  const Outcome out = run(world, second);
  CHECK(out.sent().empty());
  CHECK(jobs(world) == 1);
  CHECK(next_at(world, "s") == kStart + 2 * kMinute);
}

TEST_CASE("A round whose answer is lost runs once, and its messages go out", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += kMinute;
  const Outcome found = due(world);
  const bool committed = GENERATE(false, true);
  world.db.fail_next(std::string(kLost), committed);
  CHECK(run(world, found).sent() == "JOB_QUEUE 0");
  CHECK(jobs(world) == 1);
  CHECK(next_at(world, "s") == kStart + 2 * kMinute);
}

TEST_CASE("A schedule that is set anew in between is run as it is now", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += kMinute;
  const Outcome found = due(world);
  REQUIRE(put(world, "s", R"({"cron":"* * * * *","type":"plain","payload":{"a":2}})").step.reply.status ==
          200);
  CHECK(run(world, found).sent().empty());
  CHECK(jobs(world) == 0);
  CHECK(next_at(world, "s") == kStart + kMinute);  // its pattern stays, and so does the tick that has come
  CHECK(tick(world).sent() == "JOB_QUEUE 0");
  CHECK(world.db.text("SELECT payload FROM jobs") == R"({"a":2})");
}

TEST_CASE("A schedule with a new pattern or zone begins anew", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += 3 * kMinute;
  const std::string zoned = R"({"cron":"* * * * *","timezone":"CET","type":"plain","payload":{}})";
  REQUIRE(put(world, "s", zoned, "CET").step.reply.status == 200);
  CHECK(next_at(world, "s") == kStart + 4 * kMinute);
  world.now += 3 * kMinute;
  const std::string other = R"({"cron":"*/2 * * * *","timezone":"CET","type":"plain","payload":{}})";
  REQUIRE(put(world, "s", other, "CET", "*/2 * * * *").step.reply.status == 200);
  CHECK(next_at(world, "s") == kStart + 7 * kMinute);
  CHECK(jobs(world) == 0);
}

TEST_CASE(
    "A tick that led to a job leads to no other when its schedule is deleted and set again by a late clock",
    "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += kMinute;
  (void)tick(world);
  (void)world.drive(delete_schedule, R"({"name":"s"})");
  world.now -= 1000;
  REQUIRE(put(world, "s").step.reply.status == 201);
  CHECK(next_at(world, "s") == kStart + kMinute);
  world.now += 1000;
  CHECK(tick(world).sent().empty());
  CHECK(jobs(world) == 1);
  CHECK(next_at(world, "s") == kStart + 2 * kMinute);
}

TEST_CASE("A tick waits while its queue is full, and is caught up once", "[schedule]") {
  const auto config = make_config(R"({"MAX_PENDING_PER_QUEUE":"1"})");
  World world(*config);
  REQUIRE(put(world, "s").step.reply.status == 201);
  const std::string blocker = world.enqueue();
  for (int n = 0; n < 3; ++n) {
    world.now += kMinute;
    const Outcome out = tick(world);
    REQUIRE(out.step.logs.size() == 1);
    CHECK(Json(out.step.logs[0]).text("event") == "schedule.waits");
  }
  CHECK(jobs(world) == 1);
  CHECK(next_at(world, "s") == kStart + kMinute);
  CHECK(world.db.number("SELECT count(*) FROM unique_keys") == 0);
  (void)world.complete(world.take(blocker));
  CHECK(tick(world).sent() == "JOB_QUEUE 0");
  CHECK(jobs(world) == 2);
  CHECK(next_at(world, "s") == kStart + 4 * kMinute);
}

TEST_CASE("A schedule whose type is gone waits for it, and holds up no other", "[schedule]") {
  World world;
  REQUIRE(put(world, "a", R"({"cron":"* * * * *","type":"checked","payload":{"url":"https://a.example/"}})")
              .step.reply.status == 201);
  REQUIRE(put(world, "b").step.reply.status == 201);
  Config without;
  REQUIRE(without.load(R"({"types":[{"type":"plain","queue":"background-jobs","payload":{}}],"vars":{}})")
              .empty());
  world.configure(without);
  world.now += kMinute;
  const Outcome out = tick(world);
  REQUIRE(out.step.logs.size() == 2);
  CHECK(Json(out.step.logs[0]).text("event") == "schedule.refused");
  CHECK(Json(out.step.logs[0]).text("code") == "unknown_type");
  CHECK(jobs(world) == 1);
  CHECK(next_at(world, "a") == kStart + kMinute);
  world.configure(default_config());
  world.now += kMinute;
  CHECK(tick(world).step.logs.size() == 2);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE type = 'checked'") == 1);
}

TEST_CASE("However many are due, rounds go past them all, and past those that cannot run", "[schedule]") {
  World world;
  for (int n = 0; n < 45; ++n) {
    const std::string body =
        n < 25 ? R"({"cron":"* * * * *","type":"checked","payload":{"url":"https://a.example/"}})"
               : std::string(kEach);
    REQUIRE(put(world, "s" + std::to_string(100 + n), body).step.reply.status == 201);
  }
  Config without;
  REQUIRE(without.load(R"({"types":[{"type":"plain","queue":"background-jobs","payload":{}}],"vars":{}})")
              .empty());
  world.configure(without);
  world.now += kMinute;
  std::string place = "{}";
  int rounds = 0;
  for (bool more = true; more; ++rounds) {
    const Outcome found = due(world, place);
    more = found.step.more;
    (void)run(world, found);
    const Json reply = found.reply();
    if (reply["schedules"].size() == 0) break;
    const json::Value last = reply["schedules"].at(reply["schedules"].size() - 1);
    place =
        R"({"at":)" + std::string(last.at(5).raw()) + R"(,"name":")" + std::string(last.at(0).text()) + "\"}";
  }
  CHECK(rounds == 3);
  CHECK(jobs(world) == 20);
}

TEST_CASE("One value that D1 refuses is parted from the others", "[schedule]") {
  World world;
  REQUIRE(put(world, "a").step.reply.status == 201);
  REQUIRE(put(world, "b").step.reply.status == 201);
  world.now += kMinute;
  const Outcome found = due(world);
  world.db.fail_next("D1_ERROR: string or blob too big: SQLITE_TOOBIG", false);
  CHECK(run(world, found).step.bisect);
  const std::string at = std::to_string(kStart + kMinute);
  const std::string later = std::to_string(kStart + 2 * kMinute);
  const Outcome half =
      world.drive(run_schedules, R"({"ticks":[null,[)" + at + "," + later + "]]}", {found.step.reply.body});
  CHECK(half.sent() == "JOB_QUEUE 0");
  CHECK(next_at(world, "a") == kStart + kMinute);
  CHECK(next_at(world, "b") == kStart + 2 * kMinute);
}

TEST_CASE("A tick that the calendar cannot tell leads to nothing", "[schedule]") {
  World world;
  REQUIRE(put(world, "s").step.reply.status == 201);
  world.now += kMinute;
  const Outcome found = due(world);
  for (const std::string tick : {"[null,null]", "[5,9]", "[1800000060000,1800000060000]", "[]"}) {
    const Outcome out = world.drive(run_schedules, R"({"ticks":[)" + tick + "]}", {found.step.reply.body});
    CHECK(out.round_trips == 0);
    REQUIRE(out.step.logs.size() == 1);
    CHECK(Json(out.step.logs[0]).text("code") == "calendar");
  }
  const Outcome last =
      world.drive(run_schedules, R"({"ticks":[[1800000060000,null]]})", {found.step.reply.body});
  CHECK(last.sent() == "JOB_QUEUE 0");
  CHECK(world.query("schedule", R"(,"id":"s")").reply()["nextRunAt"].is(json::Kind::null));
}

TEST_CASE("Long payloads are kept beside the job, and left out of the list", "[schedule]") {
  World world;
  const std::string text(5000, 'x');
  REQUIRE(
      put(world, "s", R"({"cron":"* * * * *","type":"plain","payload":")" + text + "\"}").step.reply.status ==
      201);
  const Json list = world.query("schedules").reply();
  CHECK(list["schedules"].at(0).find("payload").is(json::Kind::null));
  CHECK(list["schedules"].at(0).find("payloadSize").integer() == 5002);
  CHECK(world.query("schedule", R"(,"id":"s")").reply().text("payload") == text);
  world.now += kMinute;
  CHECK(tick(world).sent() == "JOB_QUEUE 0");
  CHECK(world.db.number("SELECT length(body) FROM bodies") == 5002);
}

TEST_CASE("There are so many schedules at most, and each of them can still be changed", "[schedule]") {
  World world;
  REQUIRE(put(world, "first").step.reply.status == 201);
  world.db.execute(R"sql(
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
    INSERT INTO schedules (name, cron, timezone, type, payload, payload_size, priority, next_at, op, created_at,
      updated_at)
    SELECT printf('n%d', i), '* * * * *', 'UTC', 'plain', '{}', 2, 5, 1800000060000, 'o', 1, 1 FROM n
  )sql");
  const Outcome out = put(world, "one more");
  CHECK(out.step.reply.status == 422);
  CHECK(faults(out) == " too_many");
  world.now += 1;
  CHECK(put(world, "n7").step.reply.status == 200);
  CHECK(world.query("schedules").reply()["schedules"].size() == 500);
}
