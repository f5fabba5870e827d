// A batch that was halved around a job that the database refuses gave its jobs other idempotency keys than
// the whole batch had given them, so that a repeated request inserted them twice: found by the simulator. The
// halves also answered 503 to a job that was not valid.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("The half of a batch knows its jobs by their places in the whole", "[regression][admit]") {
  World world;
  const std::string plain = R"({"type":"plain","payload":{}})";
  const Outcome whole =
      world.batch("[" + plain + "," + plain + "," + plain + "]", R"({"idempotencyKey":"k"})");
  const Outcome half = world.batch("[" + plain + "]", R"({"idempotencyKey":"k","first":2})");
  const std::string id(whole.reply()["jobs"].at(2).find("jobId").text());
  CHECK(half.reply()["jobs"].at(0).find("jobId").text() == id);
  const Outcome bad = world.batch(R"([{"type":"plain"}])", R"({"first":2})");
  CHECK(bad.step.reply.body.find("/jobs/2") != std::string::npos);
}

TEST_CASE("A batch with one valid job is halved as well", "[regression][admit]") {
  World world;
  world.db.execute("CREATE TRIGGER refuse BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'refused'); END");
  const Outcome out = world.batch(R"([{"type":"plain","payload":{}},{"type":"none","payload":{}}])");
  CHECK(out.step.bisect);
}
