// Messages sent anew lost the caller's correlation, user and session.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr char kWho[] = R"(,"correlationId":"c","userId":"u","sessionId":"s")";

void check(const Outcome& out) {
  REQUIRE(out.step.sends.size() == 1);
  const Json body(out.step.sends[0].body);
  const json::Value metadata = body["metadata"];
  CHECK(metadata.find("correlationId").text() == "c");
  CHECK(metadata.find("userId").text() == "u");
  CHECK(metadata.find("sessionId").text() == "s");
}

}  // namespace

TEST_CASE("A message that came too early is sent anew with its metadata", "[regression][claim]") {
  World world;
  const std::string id = world.enqueue("plain", R"(,"delaySeconds":100)" + std::string(kWho));
  check(world.claim({World::wake(id)}));
}

TEST_CASE("A retried job's message has its metadata", "[regression][admin]") {
  World world;
  const std::string id = world.enqueue("plain", kWho);
  REQUIRE(world.cancel(id).step.reply.status == 200);
  check(world.retry(id));
}

TEST_CASE("An envelope stays under 100,000 bytes whatever its metadata", "[regression][message]") {
  World world;
  std::string long_text;
  for (int i = 0; i < 200; ++i) long_text += "\\u0001";
  const std::string who = R"(,"correlationId":")" + long_text + R"(","userId":")" + long_text +
                          R"(","sessionId":")" + long_text + "\"";
  const Outcome out = world.admit("plain", "\"" + std::string(98'900, 'x') + "\"", who);
  REQUIRE(out.step.sends.size() == 1);
  CHECK(out.step.sends[0].body.size() <= limits::kMessageBytesMax);
}
