// A job whose payload was nested nearly as deep as a request may be could be run but not shown: its row holds
// the payload a few levels further in, where the reader's limit was over. A long list of short payloads with
// many values met the reader's other limit.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("A payload and a result as deep as they may be are shown", "[regression]") {
  World world;
  const std::string payload = nested(json::kDepthMax - 1);
  const std::string result = nested(json::kDepthMax);
  const Outcome admitted = world.admit("plain", payload);
  REQUIRE(admitted.step.reply.status == 201);
  const std::string id = admitted.reply().text("jobId");
  const Outcome settled = world.settle({World::result(world.take(id), R"("kind":"ok","frame":0)")}, {result});
  REQUIRE(world.db.job(id, "status") == "completed");
  const Outcome shown = world.query("job", R"(,"id":")" + id + R"(")");
  REQUIRE(shown.step.reply.status == 200);
  CHECK(shown.step.reply.body.find(R"("payload":)" + payload + ",") != std::string::npos);
  CHECK(shown.step.reply.body.find(R"("result":)" + result + ",") != std::string::npos);
}

TEST_CASE("A page of jobs with many values in each is shown", "[regression]") {
  World world;
  std::string values = "[1";
  while (values.size() < limits::kInlineBytesMax - 4) values += ",1";
  values += "]";
  const std::string job = R"({"type":"plain","payload":)" + values + "}";
  for (int batch = 0; batch < 3; ++batch) {
    std::string list;
    for (int i = 0; i < 100; ++i) list += (i == 0 ? "" : ",") + job;
    REQUIRE(world.batch("[" + list + "]").step.reply.status == 201);
    ++world.now;
  }
  const Outcome shown = world.query("list", R"(,"limit":"500")");
  REQUIRE(shown.step.reply.status == 200);
  size_t count = 0;
  for (size_t at = 0; (at = shown.step.reply.body.find(values, at)) != std::string::npos; ++at) ++count;
  CHECK(count == 300);
}
