// A full batch of packed messages settles up to 500 jobs at once: their results did not fit one parameter.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("Five hundred jobs with results of 4 KB settle in one round trip", "[regression][settle]") {
  World world;
  std::string jobs;
  for (int i = 0; i < 500; ++i) jobs += std::string(i == 0 ? "[" : ",") + R"({"type":"plain","payload":1})";
  const Outcome admitted = world.batch(jobs + "]");
  const Outcome claimed = world.claim(admitted.bodies());
  REQUIRE(claimed.step.runs.size() == 500);
  std::vector<std::string> results;
  for (const std::string& run : claimed.step.runs)
    results.push_back(World::result(run, R"("kind":"ok","frame":0)"));
  const Outcome out = world.settle(results, {"\"" + std::string(4000, 'x') + "\""});
  CHECK(out.round_trips == 1);
  CHECK(out.param_bytes_max <= limits::kParamBytesMax + 2);
  CHECK_FALSE(out.step.bisect);
  CHECK(world.db.number("SELECT count(*) FROM jobs WHERE status = 'completed'") == 500);
}
