// A batch of admissions that D1 carried out twice, the second time when its queue had become full and a
// unique key free, inserted the key's job by the room of the first time, and counted it nowhere.
#include "tests/core/world.h"

using namespace sluice;
using namespace sluice::test;

TEST_CASE("A job that a repeated admission finds no room for is not inserted by the room that there was") {
  const std::unique_ptr<Config> config = make_config(R"({"MAX_PENDING_PER_QUEUE":"3"})");
  World world(*config);
  (void)world.enqueue("plain", R"(,"uniqueKey":"k")");
  world.db.fail_next(std::string(kLost), true, 1);
  int tries = 0;
  const auto meanwhile = [&](size_t) {
    if (++tries != 2) return;
    (void)world.enqueue("single");
    world.db.execute("DELETE FROM unique_keys");
  };
  const Outcome out = world.drive(
      admit_batch, "{}",
      {R"({"jobs":[{"type":"plain","payload":{}},{"type":"plain","payload":{},"uniqueKey":"k"}]})"},
      meanwhile);
  REQUIRE(out.round_trips == 2);
  CHECK(world.db.number("SELECT count(*) FROM jobs") == 3);
  CHECK(out.reply()["jobs"].at(1).find("error").find("status").integer() == 429);
}
