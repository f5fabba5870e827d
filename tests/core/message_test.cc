// Messages: what is written is read again as ours; what others write is told apart.
#include "core/message.h"

#include "core/limits.h"
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kId[] = "01a3185c-5000-7000-a007-106ca4318a61";

struct Reading {
  std::vector<std::string_view> bodies;
  std::vector<json::Document> documents;
  std::vector<Delivered> delivered;
};

Reading read(const std::vector<std::string>& bodies) {
  Reading out;
  for (const std::string& body : bodies) out.bodies.emplace_back(body);
  out.documents = std::vector<json::Document>(bodies.size());
  Entropy entropy(1, 1);
  out.delivered = read_messages(default_config(), out.bodies, out.documents, kStart, entropy);
  return out;
}

std::string envelope(size_t bytes) {
  Wake wake{kId, "plain", {}};
  std::string out = write_message(wake);
  return out.append(bytes > out.size() ? bytes - out.size() : 0, ' ');
}

}  // namespace

TEST_CASE("An envelope has the contract's members", "[message]") {
  Wake wake{kId, "plain", R"({"a":1})"};
  wake.priority = 3;
  wake.scheduled_at = 5;
  wake.max_attempts = 4;
  wake.timeout_ms = 100;
  wake.user_id = "u";
  CHECK(write_message(wake) ==
        R"({"id":"01a3185c-5000-7000-a007-106ca4318a61","type":"plain","payload":{"a":1},"metadata":{)"
        R"("priority":"high","scheduledAt":5,"maxRetries":3,"timeoutMs":100,)"
        R"("correlationId":"01a3185c-5000-7000-a007-106ca4318a61","userId":"u","sluice":{"v":1}}})");
}

TEST_CASE("Priorities have their names in envelopes", "[message]") {
  for (const auto& [priority, text] : std::vector<std::pair<int64_t, std::string>>{
           {1, "urgent"}, {2, "high"}, {3, "high"}, {4, "normal"}, {6, "normal"}, {7, "low"}, {10, "low"}}) {
    Wake wake{kId, "plain", {}};
    wake.priority = priority;
    const Json written(write_message(wake));
    CHECK(written["metadata"].find("priority").text() == text);
  }
}

TEST_CASE("What is written is read as ours, a dead letter with its fencing token", "[message]") {
  Wake wake{kId, "plain", {}};
  const std::string own = write_message(wake);
  wake.dead_fence = 7;
  const std::vector<std::string> bodies = {own, write_message(wake)};
  const Reading out = read(bodies);
  REQUIRE(out.delivered.size() == 2);
  CHECK(out.delivered[0].kind == MessageKind::own);
  CHECK(out.delivered[0].id == kId);
  CHECK(out.delivered[1].kind == MessageKind::dead);
  CHECK(out.delivered[1].fence == 7);
  CHECK(out.delivered[1].message == 1);
}

TEST_CASE("Others' envelopes are foreign, what is neither is invalid", "[message]") {
  const std::vector<std::string> bodies = {
      World::foreign("x"),
      R"({"id":"y","metadata":{"sluice":{"v":1}}})",
      "",
      "{}",
      "null",
      R"({"id":"x","type":"plain","payload":1,"metadata":{"sluice":{"v":2}}})",
      R"({"jobs":[]})"};
  const Reading out = read(bodies);
  REQUIRE(out.delivered.size() == 7);
  CHECK(out.delivered[0].kind == MessageKind::foreign);
  CHECK(out.delivered[1].code == "bad_id");
  CHECK(out.delivered[2].code == "empty");
  CHECK(out.delivered[3].code == "required");
  CHECK(out.delivered[4].code == "type");
  CHECK(out.delivered[5].kind == MessageKind::foreign);
  CHECK(out.delivered[6].kind == MessageKind::invalid);
  for (const size_t n : {1, 2, 3, 4, 6}) CHECK(out.delivered[n].raw == bodies[n]);
}

TEST_CASE("The envelopes of a packed message keep its index, and know whether they are alone", "[message]") {
  const std::string own = World::wake(kId);
  const std::vector<std::string> bodies = {R"({"jobs":[)" + own + "]}",
                                           R"({"jobs":[)" + own + "," + own + "]}"};
  const Reading out = read(bodies);
  REQUIRE(out.delivered.size() == 3);
  CHECK(out.delivered[0].sole);
  CHECK_FALSE(out.delivered[1].sole);
  CHECK_FALSE(out.delivered[2].sole);
  CHECK(out.delivered[2].message == 1);
}

TEST_CASE("Messages are packed up to the transport's count", "[message]") {
  Step step;
  {
    Packer packer(step, kBackgroundTransport);
    for (int i = 0; i < 6; ++i) packer.add(envelope(0));
    Packer alone(step, 0);
    for (int i = 0; i < 2; ++i) alone.add(envelope(0));
  }
  REQUIRE(step.sends.size() == 4);
  CHECK(step.sends[0].binding == "JOB_QUEUE");
  CHECK(Json(step.sends[0].body)["jobs"].size() == 5);
  CHECK(step.sends[1].binding == "SCRAPING_QUEUE");
  CHECK(Json(step.sends[1].body).text("id") == kId);
}

TEST_CASE("Messages are packed up to 100,000 bytes", "[message]") {
  for (const size_t size : {19'000, 19'990, 20'000, 30'000, 50'000, 99'900}) {
    Step step;
    {
      Packer packer(step, kBackgroundTransport);
      for (int i = 0; i < 7; ++i) packer.add(envelope(size));
    }
    size_t jobs = 0;
    for (const Send& send : step.sends) {
      CHECK(send.body.size() <= limits::kMessageBytesMax);
      const Json body(send.body);
      jobs += body["jobs"] ? body["jobs"].size() : 1;
    }
    CHECK(jobs == 7);
  }
}
